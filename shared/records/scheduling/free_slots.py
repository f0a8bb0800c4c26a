"""Times at which an appointment can be booked: within working time, and beside no other booking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import nsmallest

from shared.records.scheduling.booked_day import Booking
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.schedule import LONGEST_BUFFER, WorkingTime

_FIVE_MINUTES = 300


@dataclass(frozen=True)
class Wanted:
    """An appointment that looks for its time."""

    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    not_before: datetime | None = None
    """The earliest start, such as now and the lead time of the doctor."""
    not_after: datetime | None = None
    """The latest start: nobody books further ahead."""

    def at(self, starts_at: datetime) -> Booking:
        """The booking at this start; it has no appointment yet."""
        visit = Interval.lasting(starts_at, self.minutes)
        return Booking.model_construct(
            appointment_id="",
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            buffer_before=self.buffer_before,
            buffer_after=self.buffer_after,
        )


@dataclass(frozen=True)
class Agenda:
    """The working time of a doctor, and all bookings that an appointment must stand beside: those of the doctor, of the
    patient and of the room."""

    working: WorkingTime
    bookings: list[Booking] = field(default_factory=list)

    def starts(self, wanted: Wanted, days: Iterable[date]) -> Iterator[datetime]:
        """The free starts on some days of the schedule's time zone, in order of each day."""
        for day in days:
            for open_time in self.working.on(day):
                around = open_time.widened(LONGEST_BUFFER, LONGEST_BUFFER)
                near = [one for one in self.bookings if one.held.overlaps(around)]
                for start in _candidates(open_time, near, self.working.step):
                    if _fits(start, wanted, open_time, near):
                        yield start


def nearest(starts: Iterable[datetime], moment: datetime, count: int) -> list[datetime]:
    """The starts that are closest to a moment, in order of time."""
    return sorted(nsmallest(count, starts, key=lambda start: (abs(start - moment), start)))


def _candidates(open_time: Interval, near: list[Booking], step: timedelta) -> list[datetime]:
    """Starts on the grid of the working time, and right after other bookings."""
    count = int((open_time.ends_at - open_time.starts_at) / step)
    grid = {open_time.starts_at + step * number for number in range(count + 1)}
    after = {one.held.ends_at for one in near if one.held.ends_at.timestamp() % _FIVE_MINUTES == 0}
    return sorted(grid | after)


def _fits(start: datetime, wanted: Wanted, open_time: Interval, near: list[Booking]) -> bool:
    if wanted.not_before is not None and start < wanted.not_before:
        return False
    if wanted.not_after is not None and start > wanted.not_after:
        return False
    booking = wanted.at(start)
    return open_time.contains(booking.visit) and not any(booking.excludes(one) for one in near)
