"""Rules by which visits recur: a closed subset of RFC 5545, in local time, always with an end.

`FREQ` is DAILY, WEEKLY or MONTHLY, with `INTERVAL`, `BYDAY`, and one of `COUNT` and `UNTIL`. A rule is evaluated on
calendar days: what a clock on the wall shows stays the same when clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from shared.records.problems import FieldError
from shared.records.scheduling.types import MOST_DAYS_AHEAD

MOST_DATES = 104
"""Dates of one series: two a week for a year, or one a week for two years."""
_MOST_INTERVAL = 52
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})Z)?")

RuleText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_upper=True,
        max_length=120,
        pattern=r"^(RRULE:)?[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*$",
    ),
]
"""An RRULE of RFC 5545, such as FREQ=WEEKLY;COUNT=14."""


class Frequency(StrEnum):
    """How often a rule recurs, apart from its interval."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True)
class RecurrenceRule:
    """A valid rule with an end."""

    frequency: Frequency
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    """BYDAY: the number within the month, 0 for each one, and the weekday, 0 for Monday."""
    count: int | None = None
    until: date | None = None
    """The last day, in local time. Either this or `count`."""

    @property
    def text(self) -> str:
        """The rule as an RRULE. `UNTIL` is a day, in the time zone of the series."""
        parts = [f"FREQ={self.frequency}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        parts += (
            ["BYDAY=" + ",".join(f"{number or ''}{_WEEKDAYS[day]}" for number, day in self.days)] if self.days else []
        )
        parts += [f"COUNT={self.count}"] if self.until is None else [f"UNTIL={self.until:%Y%m%d}"]
        return ";".join(parts)

    def dates(self, first: date) -> Iterator[date]:
        """The days of the rule from `first` on, to the last one that can be booked. The caller bounds their number."""
        from dateutil.rrule import rrulestr  # loaded here: few requests need it

        last = first + timedelta(days=MOST_DAYS_AHEAD)
        for each in rrulestr(self.text, dtstart=datetime.combine(first, time.min)):
            if each.date() > last:
                return
            yield each.date()

    def ending_before(self, day: date) -> RecurrenceRule:
        """The rule without what is on a day or later."""
        return replace(self, count=None, until=day - timedelta(days=1))

    def moved(self, days: int) -> RecurrenceRule:
        """The rule whose weekdays and last day are so many days later; a rule of months may have no such form."""
        until = self.until + timedelta(days=days) if self.until else None
        return replace(self, days=tuple((number, (day + days) % 7) for number, day in self.days), until=until)


def parse(text: str, start: datetime, zone: str) -> tuple[RecurrenceRule | None, list[str]]:
    """The rule of a text, and everything that is wrong with it; the rule is None if anything is.

    `start` is the local time of the first visit in the zone, which decides what an `UNTIL` in UTC includes.
    """
    parts, problems = _parts(text.removeprefix("RRULE:"))
    frequency = _frequency(parts, problems)
    interval = _number(parts, "INTERVAL", _MOST_INTERVAL, problems) or 1
    count = _number(parts, "COUNT", MOST_DATES, problems)
    days = _days(parts.get("BYDAY"), frequency, problems)
    until = _until(parts.get("UNTIL"), start, zone, problems)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        problems.append("needs either COUNT or UNTIL, so that it ends")
    if until is not None and until < start.date():
        problems.append("UNTIL is before the first visit")
    if problems or frequency is None:
        return None, problems
    return RecurrenceRule(frequency, interval, days, count, until), []


def rule_errors(text: str, start: str, zone: str, pointer: str) -> Iterator[FieldError]:
    """What is wrong with a rule whose first visit is at this local time."""
    first = datetime.fromisoformat(start)
    rule, problems = parse(text, first, zone)
    yield from (FieldError(pointer, problem) for problem in problems)
    if rule is None:
        return
    found = bounded(rule, first.date())
    if len(found) > MOST_DATES:
        yield FieldError(pointer, f"has more than {MOST_DATES} dates")
    elif not found or found[0] != first.date():
        yield FieldError(pointer, "the first visit is not on a day of this rule")
    elif (rule.count is not None and len(found) < rule.count) or (
        rule.until is not None and rule.until > first.date() + timedelta(days=MOST_DAYS_AHEAD)
    ):
        yield FieldError(pointer, f"reaches further than {MOST_DAYS_AHEAD} days")


def bounded(rule: RecurrenceRule, first: date) -> list[date]:
    """The days of a rule from `first` on, at most one more than a series may have."""
    found: list[date] = []
    for day in rule.dates(first):
        found.append(day)
        if len(found) > MOST_DATES:
            break
    return found


def _parts(text: str) -> tuple[dict[str, str], list[str]]:
    """The parts of a rule by name, and what is wrong with their names."""
    parts: dict[str, str] = {}
    problems = []
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL"):
            problems.append(f"{name} is not supported; FREQ, INTERVAL, BYDAY, COUNT and UNTIL are")
        elif name in parts:
            problems.append(f"{name} occurs twice")
        parts[name] = value
    return parts, problems


def _frequency(parts: dict[str, str], problems: list[str]) -> Frequency | None:
    if parts.get("FREQ") in set(Frequency):
        return Frequency(parts["FREQ"])
    problems.append("FREQ must be DAILY, WEEKLY or MONTHLY")
    return None


def _number(parts: dict[str, str], name: str, most: int, problems: list[str]) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if value.isascii() and value.isdigit() and 1 <= int(value) <= most:
        return int(value)
    problems.append(f"{name} must be from 1 to {most}")
    return None


def _days(value: str | None, frequency: Frequency | None, problems: list[str]) -> tuple[tuple[int, int], ...]:
    if value is None:
        return ()
    found = []
    for part in value.split(","):
        match = _DAY.fullmatch(part)
        if match is None:
            problems.append("BYDAY must be weekdays, such as MO,TH, or 2MO for the second Monday of a month")
            return ()
        if match[1] and frequency != Frequency.MONTHLY:
            problems.append("BYDAY may count weekdays only with FREQ=MONTHLY")
            return ()
        found.append((int(match[1] or 0), _WEEKDAYS.index(match[2])))
    return tuple(dict.fromkeys(found))


def _until(value: str | None, start: datetime, zone: str, problems: list[str]) -> date | None:
    if value is None:
        return None
    match = _UNTIL.fullmatch(value)
    try:
        if match is None:
            raise ValueError(value)
        day = datetime.strptime(match[1], "%Y%m%d")  # noqa: DTZ007 - a day on the wall
        if match[2] is None:
            return day.date()
        instant = datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return local.date() if start.time() <= local.time() else local.date() - timedelta(days=1)
    except (ValueError, OverflowError):
        problems.append("UNTIL must be a day, such as 20270630, or a moment in UTC, such as 20270630T215959Z")
        return None
