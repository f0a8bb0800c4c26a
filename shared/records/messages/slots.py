"""What fills the slots of a text.

A message travels unprotected and is read on locked screens. So a slot takes only what has a form of its own: a link, a
code, a day to come, numbers. None takes text of a caller; names come from the records of the clinic and the patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.records.messages.kinds import FORMS, Channel, MessageKind, Slot
from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.types import Day, Number

LONGEST_URL = 120
LONGEST_NAME = 40
"""Characters of a clinic's or a person's name in a message; the rest is cut off."""
MOST_REPORTS = 50
"""Reports that one message names."""
_FURTHEST, _FURTHEST_VISIT = timedelta(days=400), timedelta(days=733)
_ZONES_DIFFER_BY = timedelta(days=1)

LinkUrl = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_URL,
        pattern=r"^(https://[a-z0-9-]+(\.[a-z0-9-]+)+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?/[A-Za-z0-9_/#-]*$",
    ),
]
"""A link of the product: without a query, in which a name could stand. Without TLS on this machine only."""
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day on the wall, such as 09:30."""
PassCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4,10}$")]
"""A code that a person types."""


class NewSlots(Value):
    """What the caller of a message fills in."""

    url: LinkUrl | None = None
    code: PassCode | None = None
    day: Day | None = None
    """The day until which something holds. Never one of the past, as a date of birth is."""
    days: int | None = Field(default=None, ge=1, le=366)
    reports: list[Number] = Field(default=[], max_length=MOST_REPORTS)
    visit_day: Day | None = None
    """The day of an appointment, where the patient is told its time."""
    visit_time: ClockTime | None = None

    def field_errors(self, kind: MessageKind, channel: Channel, today: date) -> Iterator[FieldError]:
        """Everything that is wrong with these slots for a message of this kind."""
        form = FORMS[kind]
        if channel not in form.channels:
            yield FieldError("/channel", f"{kind} is not sent by {channel}")
        filled = {name for name in type(self).model_fields if getattr(self, name) not in (None, [])}
        wanted = {slot.value for slot in form.slots - {Slot.CLINIC_NAME}}
        possible = wanted | ({Slot.URL.value} if form.may_have_link else set())
        yield from (FieldError(f"/slots/{name}", "is required") for name in sorted(wanted - filled))
        yield from (FieldError(f"/slots/{name}", f"{kind} has no such slot") for name in sorted(filled - possible))
        if self.day is not None and not today <= self.day <= today + _FURTHEST:
            yield FieldError("/slots/day", "must be a day of the next 400")
        if self.visit_day is not None and not today - _ZONES_DIFFER_BY <= self.visit_day <= today + _FURTHEST_VISIT:
            yield FieldError("/slots/visit_day", "must be a day of the next two years")


class Slots(NewSlots):
    """The slots with the names that the product adds."""

    clinic_name: str = Field(default="", max_length=LONGEST_NAME)
    first_name: str | None = Field(default=None, max_length=LONGEST_NAME)
    """Of the patient, if the clinic wants names in messages."""


def short_name(name: str) -> str:
    """A name for a message: one line, at most `LONGEST_NAME` characters, cut between words if possible."""
    line = " ".join("".join(c for c in name if c.isprintable()).split())
    if len(line) <= LONGEST_NAME:
        return line
    cut = line[: LONGEST_NAME + 1].rpartition(" ")[0]
    return (cut or line[:LONGEST_NAME]).rstrip()
