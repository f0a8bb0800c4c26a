"""Recovering messages whose task was lost: found by the sweep."""

from __future__ import annotations

from datetime import timedelta

from shared.records.messages.message import Message, MessageStatus, model_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages import queueing

STALLED_AFTER = timedelta(minutes=10)
"""How long a message may stay unchanged while something is to be done about it: longer than the task waits."""


def recover_stalled(clinic: Clinic, message_id: str) -> str | None:
    """Dispatch a stalled message again, or fail it when it is too late; returns which, or None if it moved on."""

    def transaction(work: UnitOfWork) -> Message | None:
        message = work.get_or_none(model_of(message_id).ref(message_id))
        if message is None or not message.is_unfinished or work.now - message.updated_at < STALLED_AFTER:
            return None
        if message.status == MessageStatus.QUEUED and message.is_overdue(work.stamp):
            return work.save(message.failed(work.stamp, "expired"))
        return work.save(message.noted(work.stamp))

    stalled = clinic.perform("message.revive", transaction)
    if stalled is None:
        return None
    queueing.dispatch(clinic, stalled)
    return "enqueued" if stalled.is_unfinished else "failed"
