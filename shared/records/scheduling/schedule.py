"""When a doctor works: weekly hours, blocked times, and the rules of each type of visit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from pydantic import Field, model_validator

from shared.records.clinic.settings import ClinicSettings, OpeningHours, Weekday
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.scheduling.interval import Interval, without
from shared.records.scheduling.types import LONGEST, SHORTEST, AppointmentType
from shared.records.scheduling.wall_clock import LocalTime, Occurrence, instant_of
from shared.records.text import ShortText
from shared.records.types import Zone, local_date

MOST_HOURS, MOST_BLOCKED = 50, 200
LONGEST_BUFFER = 120
"""Minutes before or after a visit in which a doctor sees nobody else."""
_WEEKDAYS = tuple(Weekday)


class BlockedTime(Value):
    """A time in which a doctor sees nobody, such as a leave."""

    starts_at: LocalTime
    """On the wall, in the time zone of the schedule."""
    ends_at: LocalTime
    reason: ShortText | None = None
    """For the staff; never shown to patients."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        return self


class VisitRule(Value):
    """What a doctor wants for a type of visit."""

    type: AppointmentType
    duration_minutes: int = Field(ge=SHORTEST, le=LONGEST)
    """The duration of an appointment that is booked without one."""
    buffer_before_minutes: int = Field(default=0, ge=0, le=LONGEST_BUFFER)
    """Minutes before the visit in which the doctor sees nobody else."""
    buffer_after_minutes: int = Field(default=0, ge=0, le=LONGEST_BUFFER)
    lead_minutes: int = Field(default=0, ge=0, le=43_200)
    """Free times are offered from so many minutes from now on."""


class ScheduleChange(Value):
    """The working hours of a doctor; it replaces those before."""

    time_zone: Zone | None = None
    """Of the hours and blocked times; the clinic's by default."""
    hours: list[OpeningHours] = Field(default=[], max_length=MOST_HOURS)
    """Two on one day make a break between them. Empty: those of the clinic."""
    blocked: list[BlockedTime] = Field(default=[], max_length=MOST_BLOCKED)
    visit_rules: list[VisitRule] = Field(default=[], max_length=len(AppointmentType))
    """At most one a type."""
    slot_minutes: int = Field(default=15, ge=5, le=240)
    """Free times are offered at multiples of this from the beginning of the hours."""

    @model_validator(mode="after")
    def _one_rule_a_type(self) -> Self:
        if len({rule.type for rule in self.visit_rules}) < len(self.visit_rules):
            raise ValueError("two rules for one type of visit")
        return self


class DoctorSchedule(Record):
    """The working hours of a doctor; the id is the doctor's."""

    kind: ClassVar[str] = "DoctorSchedule"
    collection: ClassVar[str] = "schedules"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    time_zone: Plain[Zone | None] = None
    hours: Encrypted[list[OpeningHours]] = Field(default=[], max_length=MOST_HOURS)
    blocked: Encrypted[list[BlockedTime]] = Field(default=[], max_length=MOST_BLOCKED)
    visit_rules: Encrypted[list[VisitRule]] = Field(default=[], max_length=len(AppointmentType))
    slot_minutes: Plain[int] = 15


DEFAULT_DURATION = 30
"""Minutes of an appointment whose request and schedule have none."""


def rule_for(schedule: DoctorSchedule | None, type: AppointmentType) -> VisitRule:  # noqa: A002 - the word of the field
    """The doctor's rule for a type of visit; without one, `DEFAULT_DURATION` and no buffers."""
    rules = schedule.visit_rules if schedule else []
    default = VisitRule(type=type, duration_minutes=DEFAULT_DURATION)
    return next((rule for rule in rules if rule.type == type), default)


class WorkingTime:
    """When appointments of a doctor can be: the doctor's hours, or else the clinic's, without closed days and blocked
    times. Without any hours, all day: nobody has said otherwise."""

    def __init__(self, schedule: DoctorSchedule | None, clinic: ClinicSettings) -> None:
        self.zone = (schedule and schedule.time_zone) or clinic.time_zone
        self.step = timedelta(minutes=schedule.slot_minutes if schedule else 15)
        self._hours = (schedule and schedule.hours) or clinic.hours
        self.hours_known = bool(self._hours)
        self._closed = {closed.day for closed in clinic.closures}
        self._blocked = [self._interval(one.starts_at, one.ends_at) for one in (schedule.blocked if schedule else [])]

    def on(self, day: date) -> list[Interval]:
        """The working time of a calendar day in the schedule's time zone, in order."""
        if day in self._closed:
            return []
        return without([self._interval(start, end) for start, end in self._hours_on(day)], self._blocked)

    def refusal(self, visit: Interval) -> str | None:
        """Why a visit is not within working time; None if it is."""
        days = sorted({self._local_day(visit.starts_at), self._local_day(visit.ends_at - timedelta.resolution)})
        if any(day in self._closed for day in days):
            return "the clinic is closed on this day"
        if any(visit.overlaps(blocked) for blocked in self._blocked):
            return "this time of the doctor is blocked"
        open_times = [one for day in days for one in self.on(day)]
        if any(one.contains(visit) for one in without(open_times, [])):  # joined where they touch
            return None
        return "this is outside the doctor's working hours"

    def _hours_on(self, day: date) -> list[tuple[str, str]]:
        weekday, next_day = _WEEKDAYS[day.weekday()], day + timedelta(days=1)
        if not self._hours:
            return [(f"{day}T00:00:00", f"{next_day}T00:00:00")]
        return [
            (f"{day}T{one.opens}:00", f"{next_day}T00:00:00" if one.closes == "24:00" else f"{day}T{one.closes}:00")
            for one in self._hours
            if one.day == weekday
        ]

    def _interval(self, starts_at: str, ends_at: str) -> Interval:
        start = instant_of(starts_at, self.zone, Occurrence.EARLIER)
        return Interval(start, instant_of(ends_at, self.zone, Occurrence.LATER))

    def _local_day(self, moment: datetime) -> date:
        return local_date(moment, self.zone)
