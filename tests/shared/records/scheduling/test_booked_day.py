"""Bookings of one party: which exclude each other, over midnight and with buffers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.records.record import Stamp
from shared.records.scheduling.booked_day import BookedDay, Booking, Party, day_id, excluded_by
from shared.records.scheduling.interval import Interval, merged, without

NINE = datetime(2027, 3, 15, 9, tzinfo=UTC)
STAMP = Stamp("desk", NINE)
MINUTES = st.integers(0, 2_000)


def booking(start: int, minutes: int, id: str = "a", **buffers: int) -> Booking:
    visit = Interval.lasting(NINE + timedelta(minutes=start), minutes)
    return Booking(appointment_id=id, starts_at=visit.starts_at, ends_at=visit.ends_at, **buffers)


INTERVALS = st.builds(
    lambda start, minutes: Interval.lasting(NINE + timedelta(minutes=start), minutes), MINUTES, st.integers(1, 600)
)


@given(INTERVALS, INTERVALS)
def test_intervals_overlap_if_they_share_a_minute(one: Interval, other: Interval) -> None:
    def minutes(interval: Interval) -> set[int]:
        start = int((interval.starts_at - NINE).total_seconds() // 60)
        return set(range(start, start + int((interval.ends_at - interval.starts_at).total_seconds() // 60)))

    assert one.overlaps(other) == other.overlaps(one) == bool(minutes(one) & minutes(other))


def test_touching_is_no_overlap() -> None:
    assert not booking(0, 30).excludes(booking(30, 30))
    assert not booking(0, 30).excludes(booking(-30, 30))
    assert booking(0, 30).excludes(booking(15, 15))


def test_a_buffer_keeps_visits_apart_and_two_buffers_overlap() -> None:
    first = booking(0, 30, buffer_after=10)

    assert first.excludes(booking(35, 30))
    assert booking(35, 30).excludes(first)
    assert not first.excludes(booking(40, 30, buffer_before=10))


@given(INTERVALS)
def test_a_booking_is_on_every_day_that_it_touches(visit: Interval) -> None:
    seconds = int((visit.ends_at - visit.starts_at).total_seconds())
    touched = {(visit.starts_at + timedelta(seconds=second)).date() for second in [*range(0, seconds, 60), seconds - 1]}

    assert set(visit.days) == touched


@given(st.lists(INTERVALS, max_size=6), st.lists(INTERVALS, max_size=4))
def test_what_remains_without_the_taken_time(open_times: list[Interval], taken: list[Interval]) -> None:
    remaining = without(open_times, taken)

    assert remaining == merged(remaining)
    for minute in range(0, 2_700, 7):
        moment = Interval.lasting(NINE + timedelta(minutes=minute), 1)
        is_open = any(one.contains(moment) for one in merged(open_times))
        is_taken = any(one.overlaps(moment) for one in taken)
        if is_open and not is_taken:
            assert any(one.contains(moment) for one in remaining)
        if is_taken or not any(one.overlaps(moment) for one in open_times):
            assert not any(one.contains(moment) for one in remaining)


def test_moving_over_oneself_is_no_conflict() -> None:
    day = BookedDay.new(day_id(Party.DOCTOR, "d", NINE.date()), STAMP).with_booking(booking(0, 30), STAMP)

    assert excluded_by([day], booking(15, 30)) == []
    assert [one.appointment_id for one in excluded_by([day], booking(15, 30, "b"))] == ["a"]
    moved = day.with_booking(booking(15, 30), STAMP)
    assert [one.starts_at for one in moved.bookings] == [NINE + timedelta(minutes=15)]
    assert moved.without_booking("a", STAMP).bookings == []


def test_one_over_midnight_is_named_once() -> None:
    late = booking(14 * 60 + 45, 30)  # 23:45 to 00:15
    days = [BookedDay.new(day_id(Party.DOCTOR, "d", day), STAMP).with_booking(late, STAMP) for day in late.visit.days]

    assert len(days) == 2
    assert len(excluded_by(days, booking(15 * 60 + 5, 30, "b"))) == 1
