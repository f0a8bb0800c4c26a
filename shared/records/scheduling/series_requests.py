"""What a client sends to plan, change and cancel a series, and what it is answered about the dates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from pydantic import Field

from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.recurrence import MOST_DATES, RecurrenceRule, RuleText, parse, rule_errors
from shared.records.scheduling.requests import AppointmentDetails
from shared.records.scheduling.series import AppointmentSeries, moved_rule, shifted
from shared.records.scheduling.types import LONGEST, MOST_DAYS_AHEAD, SHORTEST, AppointmentStatus, TimeOfDay
from shared.records.scheduling.wall_clock import LocalTime, Occurrence, instant_of
from shared.records.text import ShortText
from shared.records.types import Day, Id, Moment, Zone


class MovedDate(Value):
    """A date of a series whose visit is at another time."""

    date: Day
    local_time: LocalTime
    """Where the visit of this date is instead, on the wall."""
    occurrence: Occurrence | None = None
    """Which one, if it happens twice."""


@dataclass(frozen=True)
class PlannedVisit:
    """A date of a series and the local time of its visit."""

    date: date
    local_time: str
    occurrence: Occurrence | None


class SeriesDates(Value):
    """Dates of a series that are not as the rule has them."""

    excluded_dates: list[Day] = Field(default=[], max_length=MOST_DATES)
    """Dates without a visit, such as those that are not free (EXDATE)."""
    moved_dates: list[MovedDate] = Field(default=[], max_length=MOST_DATES)
    """Dates whose visit is at another time, such as one of the free times that were offered."""
    occurrence: Occurrence | None = None
    """Which instant is meant on a date on which clocks show the time twice."""
    outside_schedule: bool = False
    """Books visits though the doctor does not work then."""

    def date_errors(self, dates: Collection[date]) -> Iterator[FieldError]:
        """What is wrong with the excluded and the moved dates of a rule that has these dates."""
        known, seen = set(dates), set[date]()
        for number, day in enumerate(self.excluded_dates):
            if day not in known:
                yield FieldError(f"/excluded_dates/{number}", "not a date of the series")
        for number, moved in enumerate(self.moved_dates):
            if moved.date not in known:
                yield FieldError(f"/moved_dates/{number}/date", "not a date of the series")
            elif moved.date in self.excluded_dates or moved.date in seen:
                yield FieldError(f"/moved_dates/{number}/date", "is excluded or moved already")
            seen.add(moved.date)
        if known and known <= set(self.excluded_dates):
            yield FieldError("/excluded_dates", "leaves no date")

    def visits(self, dates: Iterable[date], time: str) -> list[PlannedVisit]:
        """The visits of the dates that are not excluded, at a time of the day (HH:MM:SS) unless they are moved."""
        moved = {one.date: one for one in self.moved_dates}
        return [
            PlannedVisit(day, moved[day].local_time, moved[day].occurrence)
            if day in moved
            else PlannedVisit(day, f"{day}T{time}", self.occurrence)
            for day in dates
            if day not in self.excluded_dates
        ]


class NewSeries(AppointmentDetails, SeriesDates):
    """Visits that recur by a rule, all booked at once."""

    patient_id: Id
    """The patient's id or number."""
    doctor_id: Id
    """A doctor of the clinic who may see the patient."""
    duration_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)
    """By default what the doctor wants for visits of this type, or else 30."""
    local_time: LocalTime
    """Start of the first visit on the wall, in `time_zone`; every visit begins at this time of the day, also after
    clocks change."""
    time_zone: Zone | None = None
    """The clinic's by default."""
    rule: RuleText
    """An RRULE of RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, and COUNT or UNTIL. At most 104 dates
    within two years; the first visit is on one of them."""

    @property
    def time(self) -> str:
        return self.local_time.partition("T")[2]

    @property
    def first_date(self) -> date:
        return datetime.fromisoformat(self.local_time).date()

    def rule_of(self, zone: str) -> RecurrenceRule:
        """The rule of a series without errors."""
        rule, problems = parse(self.rule, datetime.fromisoformat(self.local_time), zone)
        assert rule is not None, problems
        return rule

    def errors(self, now: datetime, zone: str) -> list[FieldError]:
        """Everything that is wrong with the dates; `zone` is the default one."""
        zone = self.time_zone or zone
        first = _bound_errors(self.local_time, zone, now, "/local_time")
        if first:
            return first
        errors = [*rule_errors(self.rule, self.local_time, zone, "/rule")]
        if errors:
            return errors
        return [*self.date_errors([*self.rule_of(zone).dates(self.first_date)]), *moved_errors(self, now, zone)]

    def planned(self, zone: str) -> list[PlannedVisit]:
        """The visits of a series without errors."""
        return self.visits(self.rule_of(zone).dates(self.first_date), self.time)


class SeriesPart(Value):
    """Which dates of a series are meant; earlier ones, and those of the past, stay."""

    from_date: Day | None = None
    """This date of the series and all later ones; without it, all that are still to come."""
    reason: ShortText | None = None
    """As the caller stated it."""


class SeriesChange(SeriesDates, SeriesPart):
    """The change of a series from a date on. `excluded_dates` and `moved_dates` are dates after the change."""

    time: TimeOfDay | None = None
    """Another time of the day, for all visits that were not moved by themselves."""
    days_later: int = Field(default=0, ge=-6, le=6)
    """Moves each visit by so many days: 1 for Tuesdays instead of Mondays."""
    doctor_id: Id | None = None
    """Another doctor who may see the patient, for all visits that were not moved by themselves."""
    duration_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)

    def errors(self, series: AppointmentSeries, visits: Sequence[Appointment], now: datetime) -> list[FieldError]:
        """What is wrong with the change of these visits of a series, which are to come."""
        days = sorted(one.series_date for one in visits if one.series_date is not None)
        if moved_rule(series.rest(days[0]), days[0], self.days_later) is None:
            text = "the moved dates follow no rule: cancel the series from this date on, and book another one"
            return [FieldError("/days_later", text)]
        dates = shifted(days, self.days_later)
        errors = [*self.date_errors(dates), *moved_errors(self, now, series.time_zone)]
        regular = [one.series_date for one in visits if one.series_date is not None and series.holds(one)]
        if self.time is None and not self.days_later:
            return errors
        pointer = "/time" if self.time else "/days_later"
        for one in self.visits(shifted(sorted(regular), self.days_later), self.time_of(series)):
            found = _bound_errors(one.local_time, series.time_zone, now, pointer)
            if found:
                return errors + found
        return errors

    def time_of(self, series: AppointmentSeries) -> str:
        """The time of the day after the change, HH:MM:SS."""
        return f"{self.time}:00" if self.time else series.local_time.partition("T")[2]


def moved_errors(dates: SeriesDates, now: datetime, zone: str) -> Iterator[FieldError]:
    """Moved dates that are in the past or too far ahead."""
    for number, one in enumerate(dates.moved_dates):
        yield from _bound_errors(one.local_time, zone, now, f"/moved_dates/{number}/local_time")


def _bound_errors(local_time: str, zone: str, now: datetime, pointer: str) -> list[FieldError]:
    try:
        start = instant_of(local_time, zone, Occurrence.LATER)
    except OverflowError:
        return [FieldError(pointer, f"must be within {MOST_DAYS_AHEAD} days from now")]
    if start <= now:
        return [FieldError(pointer, "must be in the future")]
    if start > now + timedelta(days=MOST_DAYS_AHEAD):
        return [FieldError(pointer, f"must be within {MOST_DAYS_AHEAD} days from now")]
    return []


class SeriesVisit(Value):
    """A visit of a series; `GET /appointments/{id}` has all of it."""

    appointment_id: Id
    date: Day
    """The date of the series that it belongs to, also after it was moved."""
    local_time: LocalTime
    scheduled_at: Moment
    doctor_id: Id | None
    status: AppointmentStatus
    moved: bool
    """True if it was moved to another time by itself: it stays there when the time of the series changes."""


class SeriesVisits(Value):
    """The visits of a series."""

    visits: list[SeriesVisit]
    """In the order of their times; a visit that was moved is there twice, as `rescheduled` and as the new one."""

    @classmethod
    def of(cls, visits: Iterable[Appointment], series: AppointmentSeries) -> Self:
        ordered = sorted(visits, key=lambda one: (one.scheduled_at, one.id))
        return cls(
            visits=[
                SeriesVisit(
                    appointment_id=one.id,
                    date=one.series_date or series.first_date,
                    local_time=one.local_time,
                    scheduled_at=one.scheduled_at,
                    doctor_id=one.doctor_id,
                    status=one.status,
                    moved=not series.holds(one),
                )
                for one in ordered
            ]
        )
