"""Draft a report."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.reports import drafting


class Assignment(TaskBody):
    report_id: Id
    attempt: Count


def write(clinic: Clinic, task: Assignment, delivery: Delivery) -> None:
    drafting.write(clinic, task.report_id, task.attempt, delivery.retries)


main = on_task_dispatched(Assignment, write)
