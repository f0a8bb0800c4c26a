"""The words of a message: its text with its slots filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.records.messages.kinds import FORMS, Channel, MessageKind, MessageLanguage
from shared.records.messages.slots import Slots
from shared.records.messages.texts.text import Language
from shared.records.record import Value

MOST_SEGMENTS = 4
"""Segments of a text message. No slots make a text longer; a test tries the longest."""
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Wording:
    """What is sent. A text message has no subject."""

    subject: str
    body: str


@cache
def language(of: MessageLanguage) -> Language:
    """Everything that messages say in a language."""
    from shared.records.messages.texts import ar, en, hi, ta

    return {
        MessageLanguage.ENGLISH: en.LANGUAGE,
        MessageLanguage.HINDI: hi.LANGUAGE,
        MessageLanguage.TAMIL: ta.LANGUAGE,
        MessageLanguage.ARABIC: ar.LANGUAGE,
    }[of]


class OwnText(Value):
    """A clinic's own text of a message, with the slots of its kind. A text message has no subject."""

    subject: str = ""
    body: str


def worded(
    kind: MessageKind, channel: Channel, spoken: MessageLanguage, slots: Slots, own: OwnText | None = None
) -> Wording:
    """The words of a message: those of the clinic's own text if there is one."""
    said, values = language(spoken), values_of(slots)
    text = said.texts[kind]
    if channel == Channel.SMS:
        return Wording("", filled(_with_link(own.body if own else text.sms, said, kind, slots, " "), values))
    greeting = said.greeting if slots.first_name is None else said.greeting_by_name
    mail = _with_link(own.body if own else text.mail, said, kind, slots, "\n\n")
    body = "\n\n".join(filled(part, values) for part in (greeting, mail, said.closing))
    return Wording(filled(own.subject if own else text.subject, values), f"{body}\n")


def _with_link(text: str, said: Language, kind: MessageKind, slots: Slots, between: str) -> str:
    """The text, followed by the link that it can have and does not name itself."""
    if slots.url is None or not FORMS[kind].may_have_link or "{url}" in text:
        return text
    return f"{text}{between}{said.link}"


def values_of(slots: Slots) -> Mapping[str, str]:
    """The values of slots as they are printed. A day is printed as YYYY-MM-DD, which every country reads alike."""
    return {
        "clinic_name": slots.clinic_name,
        "first_name": slots.first_name or "",
        "url": slots.url or "",
        "code": slots.code or "",
        "day": slots.day.isoformat() if slots.day else "",
        "days": str(slots.days or ""),
        "reports": "\n".join(slots.reports),
        "visit_day": slots.visit_day.isoformat() if slots.visit_day else "",
        "visit_time": slots.visit_time or "",
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its slots filled once: braces in a value are no slots."""
    return _SLOT.sub(lambda slot: values[slot[1]], text)


def slots_in(text: str) -> frozenset[str]:
    """The names of the slots in a text."""
    return frozenset(_SLOT.findall(text))


def by_sms() -> list[MessageKind]:
    """The kinds that are sent as text messages."""
    return [kind for kind, form in FORMS.items() if Channel.SMS in form.channels]
