"""How a patient may be reached with messages about appointments: what the patient said, to whom, when and how."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from shared.records.messages.kinds import Channel
from shared.records.patients.patient import Patient
from shared.records.privacy import Plain
from shared.records.record import Record, Stamp, Value
from shared.records.types import Id, Moment


def may_be_messaged(patient: Patient | None) -> bool:
    """True if messages may go to a patient at all, whatever the channel: one who is neither deleted nor dead."""
    return patient is not None and patient.live and patient.deceased is None


class Said(StrEnum):
    """How a patient said whether messages may come."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    IN_WRITING = "in_writing"
    STOP = "stop"
    """By the reply STOP to a text message: the provider refuses the number since."""


class Wish(Value):
    """Whether messages may come by a channel, as the patient says."""

    allowed: bool
    said: Said = Field(default=Said.IN_PERSON)


class ContactUpdate(Value):
    """What the patient says about messages; a channel that is left out stays as it is."""

    mail: Wish | None = None
    sms: Wish | None = None


class Choice(Value):
    """What the patient said about a channel, and who recorded it when."""

    allowed: bool
    said: Said
    recorded_at: Moment
    recorded_by: Id


class ContactChoices(Record):
    """What a patient said about messages on appointments. Messages that the patient asks for, such as a link to a
    report, do not depend on it."""

    kind: ClassVar[str] = "ContactChoices"
    collection: ClassVar[str] = "contact_choices"
    versioned: ClassVar[bool] = True

    mail: Plain[Choice | None] = None
    """Null if the patient said nothing."""
    sms: Plain[Choice | None] = None

    def of(self, channel: Channel) -> Choice | None:
        """What the patient said about a channel."""
        return self.mail if channel == Channel.MAIL else self.sms


def contact_id(patient_id: str) -> str:
    """The id of the choices of a patient."""
    return f"{patient_id}-contact"


def chosen(before: ContactChoices | None, update: ContactUpdate, stamp: Stamp) -> dict[str, Choice | None]:
    """The choices after an update. One that says what was said before stays as it was recorded."""
    mail, sms = (before.mail, before.sms) if before else (None, None)
    return {"mail": _chosen(mail, update.mail, stamp), "sms": _chosen(sms, update.sms, stamp)}


def _chosen(before: Choice | None, wish: Wish | None, stamp: Stamp) -> Choice | None:
    if wish is None or (before is not None and (before.allowed, before.said) == (wish.allowed, wish.said)):
        return before
    return Choice(**dict(wish), recorded_at=stamp.at, recorded_by=stamp.by)


def strictest(own: ContactChoices | None, merged: Sequence[tuple[ContactChoices, datetime]]) -> ContactChoices | None:
    """The choices that count if records of the person are merged: own ones, and those of each with the time of its
    merge.

    A refusal at a merged record counts until the patient allows messages at the surviving one, after both.
    """
    if not merged:
        return own
    first = own or merged[0][0]
    return first.model_copy(update={channel: _strictest(channel, own, merged) for channel in Channel})


def _strictest(
    channel: Channel, own: ContactChoices | None, merged: Sequence[tuple[ContactChoices, datetime]]
) -> Choice | None:
    said = own.of(channel) if own else None
    others = [(choice, merged_at) for choices, merged_at in merged if (choice := choices.of(channel))]
    for choice, merged_at in others:
        allowed_since = said is not None and said.allowed and said.recorded_at > max(choice.recorded_at, merged_at)
        if not choice.allowed and not allowed_since:
            return said if said is not None and not said.allowed else choice
    return said or next((choice for choice, _ in others), None)
