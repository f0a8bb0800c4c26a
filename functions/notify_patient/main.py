"""Queue a message to a patient about an appointment, when it is due."""

from __future__ import annotations

from shared.records.reminders.notices import VisitNotice
from shared.records.types import Id, Moment
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.reminders import telling
from shared.workflows.reminders.telling import Due


class Notifying(TaskBody):
    appointment_id: Id
    visit_at: Moment
    notice: VisitNotice
    minutes_before: Count | None = None


def notify(clinic: Clinic, task: Notifying, delivery: Delivery) -> None:  # noqa: ARG001 - every delivery is alike
    telling.tell(clinic, Due(task.appointment_id, task.visit_at, task.notice, task.minutes_before))


main = on_task_dispatched(Notifying, notify)
