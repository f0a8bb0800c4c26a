"""Cut or convert a recording that Speech-to-Text cannot take as it is, then begin its recognition."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.visits import splitting


class Split(TaskBody):
    transcription_id: Id
    attempt: Count


def split(clinic: Clinic, task: Split, _delivery: Delivery) -> None:
    splitting.split(clinic, task.transcription_id, task.attempt)


main = on_task_dispatched(Split, split)
