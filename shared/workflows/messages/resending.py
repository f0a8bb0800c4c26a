"""Sending a message again because a person asks for it."""

from __future__ import annotations

from shared.records.messages.message import PatientMessage
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages import addresses, listing, queueing
from shared.workflows.messages.listing import SentMessage


def resend(clinic: Clinic, message_id: str) -> SentMessage:
    """Queue a message again that failed or is unknown. Raises Conflict."""

    def transaction(work: UnitOfWork) -> SentMessage:
        message = work.get_for_update(PatientMessage.ref(message_id))
        work.prefetch(*addresses.refs(work, message.channel, message.to))
        addresses.require_usable(work, message.channel, message.to)
        return listing.shown(work.save(message.resent(work.stamp)))

    asked = clinic.perform("message.resend", transaction)
    queueing.dispatch(clinic, asked.record)
    return asked
