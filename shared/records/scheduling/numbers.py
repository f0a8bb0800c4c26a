"""Numbers for the front desk: what became of the appointments of some days, and how much time they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product

from pydantic import Field

from shared.records.parties import DoctorName
from shared.records.record import Value
from shared.records.scheduling.interval import Interval, without
from shared.records.scheduling.schedule import WorkingTime
from shared.records.scheduling.types import HOLDING, AppointmentStatus
from shared.records.types import Day, Id, ListDay, Zone, local_date

MOST_DAYS = 31
MOST_COUNTED = 10_000
"""Appointments that are counted at once."""


class NumbersBy(StrEnum):
    """What has a row of its own."""

    DAY = "day"
    DOCTOR = "doctor"


class NumbersQuery(Value):
    """The appointments to count."""

    day: ListDay | None = None
    """The first day, in the clinic's time zone; today by default."""
    days: int = Field(default=1, ge=1, le=MOST_DAYS)
    """So many days from it on."""
    doctor_id: Id | None = None
    """A doctor counts their own, with or without this; others count those of all doctors, or of this one."""
    by: NumbersBy = NumbersBy.DAY


class Figures(Value):
    """What became of some appointments. One that was moved counts at its new time only."""

    booked: int
    """All of them."""
    kept: int
    """The patient came."""
    cancelled: int
    no_show: int
    expected: int
    """Neither of these so far."""
    no_show_rate: float | None
    """The share of no-shows among those that were kept or missed; null if there are none."""
    reminded: int
    """A reminder was sent."""
    confirmed: int
    """The patient, or the desk, has confirmed it."""
    offered_minutes: int | None
    """Working time, without blocked times and closed days; null if no hours are known."""
    booked_minutes: int | None
    """What is taken of it by appointments that are neither cancelled nor missed; null if no hours are known."""
    utilisation: float | None
    """Their ratio; null if no time was offered."""


class NumbersRow(Figures):
    """The figures of a day, or of a doctor."""

    day: Day | None
    """In the clinic's time zone; null in rows by doctor."""
    doctor: DoctorName | None
    """Null in rows by day, and for the appointments that wait for a doctor."""


class Numbers(Value):
    """The figures of some days."""

    first: Day
    last: Day
    time_zone: Zone
    by: NumbersBy
    rows: list[NumbersRow]
    """By day all days of the range; by doctor the enabled doctors, and others with appointments in it."""
    total: Figures


@dataclass(frozen=True)
class Counted:
    """What is counted of an appointment."""

    doctor_id: str | None
    visit: Interval
    status: AppointmentStatus
    came: bool
    reminded: bool
    confirmed: bool


@dataclass
class Tally:
    """Counts that add up."""

    booked: int = 0
    kept: int = 0
    cancelled: int = 0
    no_show: int = 0
    reminded: int = 0
    confirmed: int = 0
    offered: int | None = None
    taken: int | None = None

    def count(self, one: Counted) -> None:
        """Add an appointment."""
        self.booked += 1
        self.kept += one.status == AppointmentStatus.COMPLETED or (one.came and one.status in HOLDING)
        self.cancelled += one.status == AppointmentStatus.CANCELLED
        self.no_show += one.status == AppointmentStatus.NO_SHOW
        self.reminded += one.reminded
        self.confirmed += one.confirmed

    def offer(self, offered: int, taken: int) -> None:
        """Add working minutes, and those of them that are taken."""
        self.offered, self.taken = (self.offered or 0) + offered, (self.taken or 0) + taken

    def add(self, other: Tally) -> None:
        """Add the counts of other appointments, and other working time."""
        self.booked += other.booked
        self.kept += other.kept
        self.cancelled += other.cancelled
        self.no_show += other.no_show
        self.reminded += other.reminded
        self.confirmed += other.confirmed
        if other.offered is not None:
            self.offer(other.offered, other.taken or 0)

    def figures(self) -> dict[str, int | float | None]:
        """The fields of `Figures`."""
        came = self.kept + self.no_show
        return {
            "booked": self.booked,
            "kept": self.kept,
            "cancelled": self.cancelled,
            "no_show": self.no_show,
            "expected": self.booked - self.kept - self.cancelled - self.no_show,
            "no_show_rate": round(self.no_show / came, 4) if came else None,
            "reminded": self.reminded,
            "confirmed": self.confirmed,
            "offered_minutes": self.offered,
            "booked_minutes": self.taken,
            "utilisation": round((self.taken or 0) / self.offered, 4) if self.offered else None,
        }


@dataclass(frozen=True)
class Counting:
    """The appointments of some days, and the working time of the doctors who offer any."""

    first: date
    days: int
    zone: str
    appointments: Sequence[Counted]
    working: Mapping[str, WorkingTime]
    """By doctor."""

    def numbers(self, by: NumbersBy, names: Mapping[str, DoctorName]) -> Numbers:
        """The figures by day or by doctor."""
        by_day, by_doctor = self._tallies()
        total = Tally()
        for one in by_day.values():
            total.add(one)
        if by == NumbersBy.DAY:
            rows = [NumbersRow(day=day, doctor=None, **one.figures()) for day, one in by_day.items()]
        else:
            named = [(names[id] if id else None, one) for id, one in by_doctor.items()]
            rows = [NumbersRow(day=None, doctor=doctor, **one.figures()) for doctor, one in named]
        last, figures = self.first + timedelta(days=self.days - 1), Figures(**total.figures())
        return Numbers(first=self.first, last=last, time_zone=self.zone, by=by, rows=rows, total=figures)

    def _tallies(self) -> tuple[dict[date, Tally], dict[str | None, Tally]]:
        """The counts of each day, and of each doctor."""
        by_day = {self.first + timedelta(days=number): Tally() for number in range(self.days)}
        by_doctor: dict[str | None, Tally] = {id: Tally() for id in sorted(self.working)}
        held = defaultdict(list)
        for one in self.appointments:
            if one.status in HOLDING:
                held[one.doctor_id].append(one.visit)
            if one.status != AppointmentStatus.RESCHEDULED:
                by_day[local_date(one.visit.starts_at, self.zone)].count(one)
                by_doctor.setdefault(one.doctor_id, Tally()).count(one)
        for (id, working), day in product(self.working.items(), by_day):
            if working.hours_known:
                offered = working.on(day)
                minutes = _minutes(offered)
                taken = minutes - _minutes(without(offered, held[id]))
                by_day[day].offer(minutes, taken)
                by_doctor[id].offer(minutes, taken)
        return by_day, by_doctor


def _minutes(intervals: Iterable[Interval]) -> int:
    return sum(int((one.ends_at - one.starts_at).total_seconds()) // 60 for one in intervals)
