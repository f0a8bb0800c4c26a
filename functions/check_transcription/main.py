"""Poll a Speech-to-Text operation: a failed recognition is found here."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.visits import recognition


class Poll(TaskBody):
    transcription_id: Id
    attempt: Count
    poll: Count | None = None


def poll(clinic: Clinic, task: Poll, _delivery: Delivery) -> None:
    recognition.poll_operation(clinic, task.transcription_id, task.attempt, task.poll)


main = on_task_dispatched(Poll, poll)
