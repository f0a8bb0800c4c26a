"""Working time and free times: breaks, closed and blocked days, buffers, and changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.settings import ClinicSettings, Closure, OpeningHours, Weekday
from shared.records.record import Stamp
from shared.records.scheduling.booked_day import Booking
from shared.records.scheduling.free_slots import Agenda, Wanted, nearest
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.schedule import BlockedTime, DoctorSchedule, WorkingTime
from shared.records.scheduling.wall_clock import local_of
from tests.support.factories import settings

NEW_YORK = "America/New_York"
MONDAY = date(2027, 3, 15)
STAMP = Stamp("admin", datetime(2027, 1, 1, tzinfo=UTC))


def clinic(**values: Any) -> ClinicSettings:
    return settings(time_zone=NEW_YORK, **values)


def working(hours: list[tuple[Weekday, str, str]], *, closed: list[date] = [], **values: Any) -> WorkingTime:  # noqa: B006
    rows = [OpeningHours(day=day, opens=opens, closes=closes) for day, opens, closes in hours]
    schedule = DoctorSchedule.new("d", STAMP, hours=rows, **values)
    return WorkingTime(schedule, clinic(closures=[Closure(day=day) for day in closed]))


def walls(agenda: Agenda, wanted: Wanted, *days: date) -> list[str]:
    return [local_of(start, NEW_YORK)[11:16] for start in agenda.starts(wanted, days)]


def test_free_times_are_within_the_hours_and_leave_the_break() -> None:
    hours = working([(Weekday.MONDAY, "09:00", "10:00"), (Weekday.MONDAY, "11:00", "12:00")], slot_minutes=30)

    assert walls(Agenda(hours), Wanted(30), MONDAY) == ["09:00", "09:30", "11:00", "11:30"]
    assert walls(Agenda(hours), Wanted(60), MONDAY) == ["09:00", "11:00"]
    assert walls(Agenda(hours), Wanted(30), MONDAY + timedelta(days=1)) == []


def test_hours_that_touch_are_one_time() -> None:
    hours = working([(Weekday.MONDAY, "09:00", "10:00"), (Weekday.MONDAY, "10:00", "11:00")], slot_minutes=60)

    assert walls(Agenda(hours), Wanted(120), MONDAY) == ["09:00"]


def test_a_closed_day_and_blocked_time_are_not_offered() -> None:
    blocked = [BlockedTime(starts_at=f"{MONDAY}T09:00", ends_at=f"{MONDAY}T10:30")]
    hours = working([(Weekday.MONDAY, "09:00", "12:00")], blocked=blocked, slot_minutes=30)
    visit = Interval.lasting(datetime(2027, 3, 15, 14, tzinfo=UTC), 60)  # 10:00 to 11:00

    assert walls(Agenda(hours), Wanted(60), MONDAY) == ["10:30", "11:00"]
    assert hours.refusal(visit) == "this time of the doctor is blocked"
    shut = working([(Weekday.MONDAY, "09:00", "12:00")], closed=[MONDAY])
    assert walls(Agenda(shut), Wanted(30), MONDAY) == []
    assert shut.refusal(visit) == "the clinic is closed on this day"


def test_without_hours_all_day_counts_as_free() -> None:
    unknown = WorkingTime(None, clinic(hours=[]))

    assert not unknown.hours_known
    assert len(walls(Agenda(unknown), Wanted(15), MONDAY)) == 24 * 4
    assert unknown.refusal(Interval.lasting(datetime(2027, 3, 16, 3, 45, tzinfo=UTC), 60)) is None  # over midnight


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)])
def test_the_first_time_is_nine_on_the_wall_on_the_days_that_clocks_change(day: date) -> None:
    hours = working([(Weekday.SUNDAY, "09:00", "17:00")], slot_minutes=60)

    assert walls(Agenda(hours), Wanted(60), day) == [f"{hour:02}:00" for hour in range(9, 17)]


def test_a_time_right_after_a_visit_is_offered_and_buffers_are_kept() -> None:
    hours = working([(Weekday.MONDAY, "09:00", "11:00")], slot_minutes=30)
    start = datetime(2027, 3, 15, 13, tzinfo=UTC)  # 09:00
    taken = Booking(appointment_id="a", starts_at=start, ends_at=start + timedelta(minutes=50))

    assert walls(Agenda(hours, [taken]), Wanted(30), MONDAY) == ["09:50", "10:00", "10:30"]
    assert walls(Agenda(hours, [taken]), Wanted(30, buffer_before=10), MONDAY) == ["10:00", "10:30"]
    assert walls(Agenda(hours, [taken]), Wanted(30, not_before=start + timedelta(minutes=65)), MONDAY) == ["10:30"]


def test_nothing_is_offered_later_than_it_can_be_booked() -> None:
    hours = working([(Weekday.MONDAY, "09:00", "11:00")], slot_minutes=30)
    ten = datetime(2027, 3, 15, 14, tzinfo=UTC)

    assert walls(Agenda(hours), Wanted(30, not_after=ten), MONDAY) == ["09:00", "09:30", "10:00"]


HOURS = st.lists(st.tuples(st.sampled_from(list(Weekday)), st.integers(0, 22), st.integers(1, 8)), max_size=6)
BOOKINGS = st.lists(st.tuples(st.integers(0, 7 * 96), st.integers(1, 20), st.sampled_from([0, 10])), max_size=8)


@given(HOURS, BOOKINGS, st.sampled_from([15, 50, 120]))
def test_every_time_that_is_offered_can_be_booked(
    rows: list[tuple[Weekday, int, int]], taken: list[tuple[int, int, int]], minutes: int
) -> None:
    rows = [(day, opens, min(24 - opens, length)) for day, opens, length in rows]
    hours = working([(day, f"{opens:02}:00", f"{opens + length:02}:00") for day, opens, length in rows])
    midnight = datetime(2027, 3, 14, 5, tzinfo=UTC)
    bookings = [
        Booking(
            appointment_id=f"a{number}",
            starts_at=midnight + timedelta(minutes=15 * start),
            ends_at=midnight + timedelta(minutes=15 * start + 5 * length),
            buffer_after=buffer,
        )
        for number, (start, length, buffer) in enumerate(taken)
    ]
    week = [date(2027, 3, 14) + timedelta(days=number) for number in range(7)]

    for start in Agenda(hours, bookings).starts(Wanted(minutes), week):
        booking = Wanted(minutes).at(start)
        assert hours.refusal(booking.visit) is None
        assert not any(booking.excludes(one) for one in bookings)


def test_the_nearest_are_closest_in_time_and_in_order() -> None:
    hours = [datetime(2027, 3, 15, hour, tzinfo=UTC) for hour in (8, 9, 11, 15)]

    assert nearest(hours, datetime(2027, 3, 15, 10, tzinfo=UTC), 3) == hours[:3]
    assert nearest([], hours[0], 3) == []
