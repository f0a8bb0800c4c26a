"""Make the files of an export of a report."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.reports import export_job


class ExportTask(TaskBody):
    export_id: Id
    attempt: Count


def make(clinic: Clinic, task: ExportTask, _delivery: Delivery) -> None:
    export_job.run(clinic, task.export_id, task.attempt)


main = on_task_dispatched(ExportTask, make)
