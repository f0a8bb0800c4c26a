"""The hours in which a clinic sends nothing to patients, by the wall clock where the patient is told the time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from shared.records.messages.slots import ClockTime
from shared.records.record import Value
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.wall_clock import Occurrence, instant_of

LONGEST_HOURS = 16
"""Of quiet hours: the rest of the day is needed."""


class QuietHours(Value):
    """A part of each day, usually the night."""

    begins: ClockTime = "21:00"
    ends: ClockTime = "08:00"
    """Of the next day, if it is earlier than `begins`."""

    @model_validator(mode="after")
    def _not_too_long(self) -> Self:
        if not 0 < (_minutes(self.ends) - _minutes(self.begins)) % 1_440 <= LONGEST_HOURS * 60:
            raise ValueError(f"must last for 1 minute to {LONGEST_HOURS} hours")
        return self

    def around(self, moment: datetime, zone: str) -> Interval | None:
        """The quiet hours that a moment falls into; None if it falls into none. Their end is not quiet."""
        day = moment.astimezone(ZoneInfo(zone)).date()
        found = (self._of(start, zone) for start in (day - timedelta(days=1), day))
        return next((one for one in found if one.starts_at <= moment < one.ends_at), None)

    def next_begin(self, moment: datetime, zone: str) -> datetime:
        """When quiet hours begin next, after a moment."""
        day = moment.astimezone(ZoneInfo(zone)).date()
        begins = (self._of(day + timedelta(days=offset), zone).starts_at for offset in (0, 1, 2))
        return next(one for one in begins if one > moment)

    def _of(self, day: date, zone: str) -> Interval:
        last = day if self.ends > self.begins else day + timedelta(days=1)
        start = instant_of(f"{day}T{self.begins}:00", zone, Occurrence.EARLIER)
        return Interval(start, instant_of(f"{last}T{self.ends}:00", zone, Occurrence.LATER))


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
