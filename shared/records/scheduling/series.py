"""Series of visits, such as a weekly therapy: a rule, and an ordinary appointment on each of its dates.

A change of some dates and all later ones cuts the series before the first of them and begins a new one there. What is
earlier keeps its ids. A visit that was moved to another time by itself stays there when the time of the others changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records.privacy import Plain
from shared.records.record import Record, Stamp
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.recurrence import MOST_DATES, RecurrenceRule, RuleText, parse
from shared.records.scheduling.types import AppointmentType
from shared.records.scheduling.wall_clock import LocalTime
from shared.records.types import Day, Id, Zone


class AppointmentSeries(Record):
    """Visits of a patient that recur by a rule. Each is an appointment with the id and the date of the series."""

    kind: ClassVar[str] = "AppointmentSeries"
    collection: ClassVar[str] = "appointment_series"

    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    """The doctor of the visits, unless one has another."""
    type: Plain[AppointmentType]
    duration_minutes: Plain[int]
    local_time: Plain[LocalTime]
    """Start of the first visit on the wall, in `time_zone`; the visits of all dates begin at this time of the day."""
    time_zone: Plain[Zone]
    rule: Plain[RuleText]
    """The RRULE (RFC 5545). It is evaluated in local time; `UNTIL` is the last day in `time_zone`."""
    excluded_dates: Plain[list[Day]] = Field(default=[], max_length=MOST_DATES)
    """Dates of the rule without a visit (EXDATE)."""
    cut_from: Plain[Day | None] = None
    """The series ends before this date: from it on its visits are cancelled, or belong to `continued_by`."""
    continues: Plain[Id | None] = None
    """The series that was cut when this one began."""
    continued_by: Plain[Id | None] = None

    @property
    def first_date(self) -> date:
        return datetime.fromisoformat(self.local_time).date()

    @property
    def recurrence(self) -> RecurrenceRule:
        rule, problems = parse(self.rule, datetime.fromisoformat(self.local_time), self.time_zone)
        assert rule is not None, problems
        return rule

    def local_time_on(self, day: date) -> str:
        """The local time at which the visit of a date begins, unless it was moved by itself."""
        return f"{day}{self.local_time[len('2027-01-04') :]}"

    def holds(self, visit: Appointment) -> bool:
        """True if a visit of the series is at the time of the series: it was not moved by itself."""
        return visit.series_date is not None and visit.local_time == self.local_time_on(visit.series_date)

    def cut(self, day: date, stamp: Stamp, continued_by: str | None = None) -> Self:
        """The series without its dates from this one on. One without any date left keeps its rule."""
        shorter: dict[str, Any] = {}
        if day > self.first_date:
            kept = [one for one in self.excluded_dates if one < day]
            shorter = {"rule": self.recurrence.ending_before(day).text, "excluded_dates": kept}
        return self.revised(stamp, cut_from=day, continued_by=continued_by, **shorter)

    def rest(self, day: date) -> RecurrenceRule:
        """The rule of the dates from this one on, which is a date of the rule."""
        rule = self.recurrence
        if rule.count is None:
            return rule
        left = sum(1 for one in rule.dates(self.first_date) if one >= day)
        return RecurrenceRule(rule.frequency, rule.interval, rule.days, left)


def planned_dates(rule: RecurrenceRule, first: date, excluded: Collection[date]) -> list[date]:
    """The dates of a rule that has no errors, without the excluded ones."""
    return [day for day in rule.dates(first) if day not in excluded]


def moved_rule(rule: RecurrenceRule, first: date, days: int) -> RecurrenceRule | None:
    """The rule of the same dates so many days later, or None if no rule has exactly these dates."""
    wanted = [day + timedelta(days=days) for day in rule.dates(first)]
    moved = rule.moved(days)
    return moved if wanted and [*moved.dates(wanted[0])] == wanted else None


def shifted(days: Iterable[date], by: int) -> list[date]:
    """The days so many days later."""
    return [day + timedelta(days=by) for day in days]
