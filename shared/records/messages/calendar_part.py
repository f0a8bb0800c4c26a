"""The calendar file that a mail brings: iCalendar text and its method (RFC 6047)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.record import Value

LONGEST_CALENDAR = 8_000
"""Characters: one event with the rules of its zone for two years has less than 2,000."""


class CalendarMethod(StrEnum):
    """What the recipient's calendar does with the file."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class CalendarPart(Value):
    """A calendar file. It has the time of an appointment and the clinic's name, as the text of its mail."""

    method: CalendarMethod
    content: str = Field(max_length=LONGEST_CALENDAR)
