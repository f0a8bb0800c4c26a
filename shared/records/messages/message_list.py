"""What messages are listed by, and how their recipients are shown."""

from __future__ import annotations

from typing import Self

from shared.records.messages.address import masked
from shared.records.messages.message import MessageStatus, PatientMessage
from shared.records.page import PageQuery
from shared.records.record import Value
from shared.records.types import Id


class MessageList(PageQuery):
    """The messages to list, newest first: of a patient, in a state, or both; without either those that are `unknown`,
    which a person must look after."""

    patient_id: Id | None = None
    status: MessageStatus | None = None


class ShownAddress(Value):
    """Computed when a message is read."""

    address: str
    """Masked, such as `a…@home.example` or `+91…78`."""

    @classmethod
    def of(cls, message: PatientMessage) -> Self:
        return cls(address=masked(message.channel, message.to))
