"""Join the live recordings of a session that are whole, or discard pieces that nobody may keep, or needs any more."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Delivery, TaskBody, on_task_dispatched
from shared.workflows.visits.live import joining


class Join(TaskBody):
    session_id: Id


def join(clinic: Clinic, task: Join, _delivery: Delivery) -> None:
    joining.settle(clinic, task.session_id)


main = on_task_dispatched(Join, join)
