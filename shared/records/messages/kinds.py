"""The kinds of message, their channels and languages, and the slots that their texts have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a message travels."""

    MAIL = "mail"
    SMS = "sms"


class MessageLanguage(StrEnum):
    """The languages that every text exists in."""

    ENGLISH = "en"
    HINDI = "hi"
    TAMIL = "ta"
    ARABIC = "ar"


class MessageKind(StrEnum):
    """What a message is for. Each kind has one text in each language (`texts/`)."""

    REPORT_LINK = "report_link"
    """A link under which a shared report can be opened."""
    PASSCODE = "passcode"
    """The code that opens what a link leads to."""
    REPORTS_UNSIGNED = "reports_unsigned"
    """Tells a doctor which reports have been unsigned for longer than the clinic allows."""
    VISIT_BOOKED = "visit_booked"
    """Tells a patient that an appointment was booked."""
    VISIT_MOVED = "visit_moved"
    """Tells a patient the new time of an appointment."""
    VISIT_CANCELLED = "visit_cancelled"
    """Tells a patient that an appointment was cancelled."""
    VISIT_REMINDER = "visit_reminder"
    """Reminds a patient of an appointment."""
    BILL = "bill"
    """A link under which a patient can open a bill."""
    PAYMENT_REMINDER = "payment_reminder"
    """Reminds a patient of a bill of which something is owed, with a link to it."""


class Slot(StrEnum):
    """A place in a text that is filled for one message. The values are the names of the fields of `Slots`."""

    CLINIC_NAME = "clinic_name"
    URL = "url"
    CODE = "code"
    DAY = "day"
    DAYS = "days"
    REPORTS = "reports"
    VISIT_DAY = "visit_day"
    VISIT_TIME = "visit_time"


@dataclass(frozen=True)
class Form:
    """What a kind of message is made of."""

    slots: frozenset[Slot]
    """Those that its text has, in every language. All are required."""
    channels: frozenset[Channel]
    may_have_link: bool = False
    """True if a link can be added: it then follows the text."""


_BOTH = frozenset(Channel)

FORMS: Mapping[MessageKind, Form] = {
    MessageKind.REPORT_LINK: Form(frozenset({Slot.CLINIC_NAME, Slot.URL, Slot.DAY}), _BOTH),
    MessageKind.BILL: Form(frozenset({Slot.CLINIC_NAME, Slot.URL, Slot.DAY}), _BOTH),
    MessageKind.PAYMENT_REMINDER: Form(frozenset({Slot.CLINIC_NAME, Slot.URL, Slot.DAY}), _BOTH),
    MessageKind.PASSCODE: Form(frozenset({Slot.CLINIC_NAME, Slot.CODE}), _BOTH),
    MessageKind.REPORTS_UNSIGNED: Form(
        frozenset({Slot.CLINIC_NAME, Slot.DAYS, Slot.REPORTS}), frozenset({Channel.MAIL})
    ),
    **dict.fromkeys(
        (
            MessageKind.VISIT_BOOKED,
            MessageKind.VISIT_MOVED,
            MessageKind.VISIT_CANCELLED,
            MessageKind.VISIT_REMINDER,
        ),
        Form(frozenset({Slot.CLINIC_NAME, Slot.VISIT_DAY, Slot.VISIT_TIME}), _BOTH, may_have_link=True),
    ),
}
"""A text message must have a slot that tells it from others, a link, a code or the time of a visit: after a lost answer
it is recognised by its text in the provider's list."""


def language_of(tag: str | None) -> MessageLanguage:
    """The language of texts for a person with this preferred language (BCP 47); English if there is no such text."""
    base = (tag or "").split("-")[0].lower()
    return MessageLanguage(base) if base in set(MessageLanguage) else MessageLanguage.ENGLISH
