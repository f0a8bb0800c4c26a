"""The request of a patient for another time: what they typed on the page of their appointment's link."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from shared.records.record import Value
from shared.records.scheduling.types import MOST_DAYS_AHEAD
from shared.records.text import cleaned, is_visible
from shared.records.types import Day, Moment

MOST_PREFERRED = 2
LONGEST_WISH = 300
"""Characters of what a patient writes."""


class PartOfDay(StrEnum):
    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class PreferredTime(Value):
    """A day that suits the patient, in the time zone of the appointment."""

    day: Day
    part_of_day: PartOfDay = PartOfDay.ANY


class OtherTimeRequest(Value):
    """What suits a patient better, in their own words."""

    asked_at: Moment
    preferred: list[PreferredTime] = Field(default=[], max_length=MOST_PREFERRED)
    wish: str | None = Field(default=None, max_length=LONGEST_WISH)
    """As the patient typed it; for the front desk."""

    @classmethod
    def read(cls, fields: Mapping[str, str], asked_at: Moment, today: date) -> Self | None:
        """The request of a posted form. Everything may be empty. None if a day is not one of the coming two years, or
        the text is too long."""
        preferred = []
        for number in range(1, MOST_PREFERRED + 1):
            typed = fields.get(f"day{number}", "").strip()
            if not typed:
                continue
            day = _day(typed, today)
            part = fields.get(f"part{number}", PartOfDay.ANY)
            if day is None or part not in set(PartOfDay):
                return None
            preferred.append(PreferredTime(day=day, part_of_day=PartOfDay(part)))
        wish = cleaned(fields.get("wish", "")).strip()
        if len(wish) > LONGEST_WISH:
            return None
        return cls(asked_at=asked_at, preferred=preferred, wish=wish if is_visible(wish) else None)


def _day(typed: str, today: date) -> date | None:
    with suppress(ValueError):
        day = date.fromisoformat(typed) if len(typed) == len("2027-03-14") else None
        if day is not None and today <= day <= today + timedelta(days=MOST_DAYS_AHEAD):
            return day
    return None
