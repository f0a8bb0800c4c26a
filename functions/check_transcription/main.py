"""Look after a recognition: a failed one is found here."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Delivery, TaskBody, on_task_dispatched
from shared.workflows.visits import recognition


class Look(TaskBody):
    transcription_id: Id
    attempt: int
    look: int | None = None


def look(clinic: Clinic, task: Look, _delivery: Delivery) -> None:
    recognition.look_after(clinic, task.transcription_id, task.attempt, task.look)


main = on_task_dispatched(Look, look)
