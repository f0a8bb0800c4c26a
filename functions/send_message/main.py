"""Send a message by mail or SMS, or find out what became of it."""

from __future__ import annotations

from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.web.triggers import Count, Delivery, TaskBody, on_task_dispatched
from shared.workflows.messages import sending


class Sending(TaskBody):
    message_id: Id
    check: Count = 0


def send(clinic: Clinic, task: Sending, delivery: Delivery) -> None:
    sending.send(clinic, task.message_id, task.check, delivery.retries)


main = on_task_dispatched(Sending, send)
