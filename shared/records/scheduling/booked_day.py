"""What is booked on one day for one doctor, patient or room: small documents that exclude double bookings.

A booking is written to the day of each of its parties, in the commit that writes the appointment, and only if that day
is unchanged since it was read. Of two concurrent bookings of one party one is tried again, and then finds the other.
Days are those of UTC, so no rule of a time zone changes which document holds an instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.privacy import Plain
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.scheduling.interval import Interval
from shared.records.types import Id, Moment

MOST_BOOKINGS = 300
"""Bookings of one party on one day: a day has 288 times 5 minutes, and an admin may override."""


class Party(StrEnum):
    """Who or what has one appointment at a time."""

    DOCTOR = "doctor"
    PATIENT = "patient"
    ROOM = "room"


class Booking(Value):
    """The time that an appointment takes of one of its parties."""

    appointment_id: Id
    starts_at: Moment
    ends_at: Moment
    buffer_before: int = 0
    """Minutes before the start in which the party sees nobody else."""
    buffer_after: int = 0

    @property
    def visit(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def held(self) -> Interval:
        """The visit with its buffers."""
        return self.visit.widened(self.buffer_before, self.buffer_after)

    def excludes(self, other: Booking) -> bool:
        """True if one visit meets the other or its buffers; two buffers may overlap."""
        return self.held.overlaps(other.visit) or self.visit.overlaps(other.held)


class BookedDay(Record):
    """The bookings of a party on a day, in the order of their times. One over midnight is in both days."""

    kind: ClassVar[str] = "BookedDay"
    collection: ClassVar[str] = "booked_days"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    bookings: Plain[list[Booking]] = Field(default=[], max_length=MOST_BOOKINGS)

    def with_booking(self, booking: Booking, stamp: Stamp) -> Self:
        """The day with this booking, in place of an earlier one of the same appointment."""
        others = [one for one in self.bookings if one.appointment_id != booking.appointment_id]
        return self.revised(stamp, bookings=sorted([*others, booking], key=_by_time))

    def without_booking(self, appointment_id: str, stamp: Stamp) -> Self:
        """The day without the booking of an appointment."""
        return self.revised(stamp, bookings=[one for one in self.bookings if one.appointment_id != appointment_id])

    def has(self, appointment_id: str) -> bool:
        return any(one.appointment_id == appointment_id for one in self.bookings)

    @property
    def is_full(self) -> bool:
        return len(self.bookings) >= MOST_BOOKINGS


def day_id(party: Party, party_id: str, day: date) -> str:
    """The id of a party's day, such as `doctor-k2h4-20270314`."""
    return f"{party}-{party_id}-{day:%Y%m%d}"


def excluded_by(days: Iterable[BookedDay], booking: Booking) -> list[Booking]:
    """The bookings of other appointments that a booking cannot stand beside, each once, in order."""
    found = {
        one.appointment_id: one
        for day in days
        for one in day.bookings
        if one.appointment_id != booking.appointment_id and one.excludes(booking)
    }
    return sorted(found.values(), key=_by_time)


def _by_time(booking: Booking) -> tuple[datetime, str]:
    return booking.starts_at, booking.appointment_id
