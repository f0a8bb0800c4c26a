"""What messages are listed by, and how their recipients are shown."""

from __future__ import annotations

from typing import Self

from shared.records.messages.address import masked
from shared.records.messages.message import MessageStatus, PatientMessage
from shared.records.page import PageQuery
from shared.records.problems import FieldError, Invalid
from shared.records.record import Value
from shared.records.types import Id


class MessageList(PageQuery):
    """The messages to list, newest first: either of a patient, or in a state."""

    patient_id: Id | None = None
    status: MessageStatus | None = None
    """Such as `unknown`: messages that a person must look after."""

    def check(self) -> None:
        """Raises Invalid unless exactly one of the two is given."""
        if (self.patient_id is None) == (self.status is None):
            raise Invalid(errors=[FieldError("patient_id", "give either patient_id or status")])


class ShownAddress(Value):
    """Computed when a message is read."""

    address: str
    """Masked, such as `a…@home.example` or `+91…78`."""

    @classmethod
    def of(cls, message: PatientMessage) -> Self:
        return cls(address=masked(message.channel, message.to))
