"""The form of a text. Slots stand in braces, such as `{url}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.records.messages.kinds import MessageKind


@dataclass(frozen=True)
class Text:
    """A text in one language."""

    subject: str
    mail: str
    sms: str = ""
    """Empty for kinds that are not sent as text messages. In India it must be registered word by word."""


@dataclass(frozen=True)
class Language:
    """Everything that messages say in one language."""

    greeting: str
    greeting_by_name: str
    closing: str
    """Ends every mail."""
    link: str
    """Follows a text about an appointment that comes with a link."""
    texts: Mapping[MessageKind, Text]
