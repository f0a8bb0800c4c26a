"""A message to be queued, as a use case asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.records.messages.address import address_error
from shared.records.messages.calendar_part import CalendarPart
from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.message import SEND_WITHIN
from shared.records.messages.slots import NewSlots
from shared.records.messages.wording import OwnText
from shared.records.problems import FieldError


@dataclass(frozen=True)
class AboutVisit:
    """The appointment that a message is about, as the message tells of it."""

    appointment_id: str
    visit_at: datetime
    minutes_before: int | None = None


@dataclass(frozen=True)
class NewMessage:
    """One message to one address. A second one with the same cause is not sent."""

    cause: str
    """What makes the message, by ids: `share abc-def link 1`. Never a name or an address."""
    kind: MessageKind
    channel: Channel
    to: str
    language: MessageLanguage
    slots: NewSlots
    patient_id: str | None = None
    """The patient whom it is about, also if it goes to somebody else."""
    to_patient: bool = True
    """True if the recipient is that patient: only then the text may have the patient's first name."""
    user_id: str | None = None
    """The member of the staff to whom a message without a patient goes."""
    visit: AboutVisit | None = None
    """The appointment that the message is about."""
    bill_id: str | None = None
    """The bill that the message is about."""
    days_after_due: int | None = None
    """Of a payment reminder by policy: which one it is."""
    own_text: OwnText | None = None
    """The clinic's own text; None for that of the product."""
    calendar: CalendarPart | None = None
    """Of a mail: the file for the recipient's calendar. A text message has none."""
    within: timedelta = SEND_WITHIN
    """It is not sent later than this: a code that has expired helps nobody."""

    def __post_init__(self) -> None:
        if (self.patient_id is None) == (self.user_id is None):
            raise ValueError("a message is about a patient or to a member of the staff")

    def field_errors(self, today: date) -> Iterator[FieldError]:
        """Everything that is wrong with it."""
        if error := address_error(self.channel, self.to):
            yield FieldError("/to", error)
        if self.calendar is not None and self.channel != Channel.MAIL:
            yield FieldError("/calendar", "only a mail brings a calendar file")
        yield from self.slots.field_errors(self.kind, self.channel, today)
