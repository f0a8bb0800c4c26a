"""A message to one person: recorded before it is sent, and sent at most once.

queued → sending → sent → bounced
   ↑        ├────→ failed, bounced
   │        ├────→ unknown (nobody can tell whether it was sent)
   └────────┘      nothing was sent: again later
queued → cancelled, failed
failed → queued, unknown → queued or sending (a person asks to send it again)

`sending` is committed before the provider is called. Who finds it later, and no answer, knows that the provider may
have the message: a text message is looked up at the provider, a mail is left to a person.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from shared.records.conflict_codes import ConflictCode
from shared.records.messages.calendar_part import CalendarPart
from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.slots import Slots
from shared.records.messages.wording import OwnText
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Keyset, Record, Stamp
from shared.records.types import Code, Id, Moment

MOST_ATTEMPTS = 5
"""How often a message is handed to the provider at most, if nothing is sent each time."""
SENDING_TAKES = timedelta(minutes=3)
"""A message that is `sending` for longer has lost its sender: longer than the function may run."""
SEND_WITHIN = timedelta(hours=24)
"""How long after it was asked for a message is still sent, unless its caller says less."""
LOOKED_UP_FOR = timedelta(hours=24)
"""How long the provider is asked about a text message with a lost answer."""


class MessageStatus(StrEnum):
    """The state of a message."""

    QUEUED = "queued"
    """Not sent yet; sending is retried until `send_by`."""
    SENDING = "sending"
    """It was handed to the provider, and the answer is not recorded yet."""
    SENT = "sent"
    """The provider accepted it."""
    FAILED = "failed"
    """It was not sent; `error_code` has the reason."""
    UNKNOWN = "unknown"
    """Nobody can tell whether it was sent. Ask the recipient before you send it again."""
    BOUNCED = "bounced"
    """The address takes no messages."""
    CANCELLED = "cancelled"
    """It was no longer wanted before it was sent; `error_code` has the reason of a message about an appointment."""


UNFINISHED = frozenset({MessageStatus.QUEUED, MessageStatus.SENDING})
RESENDABLE = frozenset({MessageStatus.FAILED, MessageStatus.UNKNOWN})


class Message(Record):
    """A message; its id is derived from its cause, so one cause makes one message."""

    to: Internal[Encrypted[str]]
    slots: Internal[Encrypted[Slots]]
    """Emptied once the message is sent or cancelled: links and codes are kept no longer than needed."""
    own_text: Internal[Encrypted[OwnText | None]] = None
    """The clinic's own text, which it may have had at that time only."""
    calendar: Internal[Encrypted[CalendarPart | None]] = None
    """Of a mail; emptied with the slots."""
    sender_name: Internal[Encrypted[str]]
    channel: Plain[Channel]
    message_kind: Plain[MessageKind]
    language: Plain[MessageLanguage]
    status: Plain[MessageStatus] = MessageStatus.QUEUED
    attempts: Plain[int] = 0
    """How often it was handed to the provider."""
    send_by: Plain[Moment]
    """It is not sent after this time."""
    requested_at: Plain[Moment]
    """When it was queued, or a person asked to send it again."""
    claimed_at: Internal[Plain[Moment | None]] = None
    """When it was last handed to the provider."""
    sent_at: Plain[Moment | None] = None
    provider_id: Internal[Plain[Code | None]] = None
    """The provider's id of a text message."""
    delivered: Plain[bool | None] = None
    """True once the provider says that a text message arrived; null for a mail, and as long as nothing is known."""
    error_code: Plain[Code | None] = None
    """Why it failed, bounced or was cancelled, or why sending is retried: `smtp_550`, `twilio_21211`, `expired`, …;
    docs/operations.md lists the codes."""

    @property
    def is_unfinished(self) -> bool:
        """True while something is still to be done about it."""
        return self.status in UNFINISHED

    @property
    def reference(self) -> str:
        """Names the message in the headers of a mail, without the id of a patient."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:32]

    @property
    def is_to_be_checked(self) -> bool:
        """True for a text message that was sent, as long as nobody knows whether it arrived."""
        return self.status == MessageStatus.SENT and self.channel == Channel.SMS and self.delivered is None

    def is_overdue(self, stamp: Stamp) -> bool:
        """True if it is too late to send it."""
        return stamp.at >= self.send_by

    def has_lost_its_sender(self, stamp: Stamp) -> bool:
        """True if whoever sent it must have died, or lost the answer."""
        return self.claimed_at is not None and stamp.at - self.claimed_at >= SENDING_TAKES

    def claimed(self, stamp: Stamp) -> Self:
        """The message, about to be handed to the provider."""
        self._must_be(MessageStatus.QUEUED)
        return self.revised(
            stamp, status=MessageStatus.SENDING, attempts=self.attempts + 1, claimed_at=stamp.at, error_code=None
        )

    def accepted(self, stamp: Stamp, provider_id: str | None = None) -> Self:
        """The message that the provider took."""
        self._must_be(MessageStatus.SENDING)
        return self._emptied(stamp, status=MessageStatus.SENT, sent_at=stamp.at, provider_id=provider_id)

    def postponed(self, stamp: Stamp, code: str) -> Self:
        """The message that was not sent: queued again, or failed after the last attempt."""
        self._must_be(MessageStatus.SENDING)
        over = self.attempts >= MOST_ATTEMPTS or self.is_overdue(stamp)
        return self.revised(stamp, status=MessageStatus.FAILED if over else MessageStatus.QUEUED, error_code=code)

    def failed(self, stamp: Stamp, code: str) -> Self:
        """The message that will not be sent."""
        self._must_be(MessageStatus.SENDING, MessageStatus.QUEUED)
        return self.revised(stamp, status=MessageStatus.FAILED, error_code=code)

    def lost(self, stamp: Stamp) -> Self:
        """The message of which nobody can tell whether it was sent."""
        self._must_be(MessageStatus.SENDING)
        return self.revised(stamp, status=MessageStatus.UNKNOWN, error_code="answer_lost")

    def bounced(self, stamp: Stamp, code: str) -> Self:
        """The message whose address takes none."""
        self._must_be(MessageStatus.SENDING, MessageStatus.SENT)
        return self._emptied(stamp, status=MessageStatus.BOUNCED, error_code=code)

    def arrived(self, stamp: Stamp) -> Self:
        """The message that the recipient's telephone has."""
        self._must_be(MessageStatus.SENT)
        return self.revised(stamp, delivered=True)

    def not_delivered(self, stamp: Stamp, code: str) -> Self:
        """The message that the provider took and could not deliver this time."""
        self._must_be(MessageStatus.SENT)
        return self.revised(stamp, delivered=False, error_code=code)

    def cancelled(self, stamp: Stamp) -> Self:
        """The message that is no longer wanted; itself if it is too late, or not necessary."""
        if self.status != MessageStatus.QUEUED:
            return self
        return self.void(stamp, None)

    def void(self, stamp: Stamp, reason: str | None) -> Self:
        """The queued message that must not be sent any more, and why."""
        self._must_be(MessageStatus.QUEUED)
        return self._emptied(stamp, status=MessageStatus.CANCELLED, error_code=reason)

    def resent(self, stamp: Stamp) -> Self:
        """The message after a person asked to send it again. A text message with a lost answer is looked up first.

        Raises Conflict unless it failed or nobody can tell.
        """
        if self.status not in RESENDABLE:
            raise Conflict(ConflictCode.MESSAGE_STATE, f"the message is {self.status}")
        look_up = self.status == MessageStatus.UNKNOWN and self.channel == Channel.SMS
        return self.revised(
            stamp,
            status=MessageStatus.SENDING if look_up else MessageStatus.QUEUED,
            attempts=0,
            requested_at=stamp.at,
            send_by=stamp.at + SEND_WITHIN,
            error_code=None,
        )

    def noted(self, stamp: Stamp) -> Self:
        """The same message, changed now: the sweep does not find it again at once."""
        return self.revised(stamp)

    def _emptied(self, stamp: Stamp, **changes: Any) -> Self:
        emptied = {"slots": Slots(), "own_text": None, "calendar": None, "error_code": None}
        return self.revised(stamp, **{**emptied, **changes})

    def _must_be(self, *states: MessageStatus) -> None:
        if self.status not in states:
            raise Conflict(ConflictCode.MESSAGE_STATE, f"the message is {self.status}")


class PatientMessage(Message):
    """A message about a patient, to the patient or to somebody else. It is unreadable once the patient is erased."""

    kind: ClassVar[str] = "PatientMessage"
    collection: ClassVar[str] = "messages"
    keyset: ClassVar[Keyset] = Keyset.CARE

    patient_id: Plain[Id]
    to_patient: Plain[bool] = True
    """False for a message to somebody else, such as another practitioner."""
    appointment_id: Plain[Id | None] = None
    """The appointment that it is about."""
    visit_at: Plain[Moment | None] = None
    """The start of the appointment as the message names it. It is not sent once the appointment has another one."""
    minutes_before: Plain[int | None] = None
    """Which reminder it is: so long before the start, by the clinic's policy."""
    bill_id: Plain[Id | None] = None
    """The bill that it is about. It is not sent once the bill is cancelled or replaced, nor a
    reminder once nothing is owed."""
    days_after_due: Plain[int | None] = None
    """Which payment reminder it is: so many days after the due date, by the clinic's policy; null for one by hand."""


class StaffMessage(Message):
    """A message to a member of the staff, with ids only."""

    kind: ClassVar[str] = "StaffMessage"
    collection: ClassVar[str] = "staff_messages"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    user_id: Plain[Id]


def message_id(cause: str, patient_id: str | None) -> str:
    """The id of the message with this cause, which is made of ids: about a patient it begins with the patient's id."""
    digest = base64.b32encode(hashlib.sha256(cause.encode()).digest()).decode().lower()[:26]
    return digest if patient_id is None else f"{patient_id}-{digest}"


def model_of(id: str) -> type[Message]:
    """The type of the message with this id."""
    return PatientMessage if "-" in id else StaffMessage
