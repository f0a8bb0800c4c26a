"""Whether text messages arrived: the provider is asked a few times after it accepted one."""

from __future__ import annotations

from datetime import timedelta

from shared.gateways import sms, tasks
from shared.records.messages.kinds import Channel
from shared.records.messages.message import Message
from shared.records.messages.outcome import Delivery
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages import addresses, log
from shared.workflows.messages.queueing import QUEUE

CHECKED_AFTER = (timedelta(minutes=2), timedelta(minutes=30), timedelta(hours=6))
"""When the provider is asked; then it stays unknown whether the message arrived."""


def check(clinic: Clinic, message: Message, number: int) -> None:
    """Ask whether a text message arrived; the first delivery of the task only sees to it that somebody asks."""
    if number == 0 or message.provider_id is None:
        later(clinic, message, 1)
        return
    found, code = sms.delivery(message.provider_id)
    if found == Delivery.PENDING:
        later(clinic, message, number + 1)
        return
    clinic.perform("message.check", lambda work: _checked(work, message, found, code))


def _checked(work: UnitOfWork, seen: Message, found: Delivery, code: str) -> None:
    message = work.get(type(seen).ref(seen.id))
    if not message.is_to_be_checked:
        return
    if found == Delivery.ARRIVED:
        work.save(message.arrived(work.stamp))
    elif found == Delivery.BOUNCED:
        addresses.note(work, message.channel, message.to, code)
        log.warned(work, work.save(message.bounced(work.stamp, code)))
    else:
        log.warned(work, work.save(message.not_delivered(work.stamp, code)))


def later(clinic: Clinic, message: Message, number: int) -> None:
    """Enqueue a check of a text message that was sent; none after the last one."""
    if message.channel != Channel.SMS or number > len(CHECKED_AFTER):
        return
    body: dict[str, str | int] = {"clinic_id": clinic.id, "message_id": message.id, "check": number}
    at = clinic.now() + CHECKED_AFTER[number - 1]
    key = f"{clinic.id}/{message.id}/{message.provider_id}/check {number}"
    tasks.enqueue(QUEUE, "send_message", body, deduplication_key=key, at=at)
