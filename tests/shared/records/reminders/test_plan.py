"""When messages are due: never in quiet hours, never too close to each other, and in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reminders.plan import APART, notice, reminder, reminders
from shared.records.reminders.quiet_hours import QuietHours

ZONE = "Asia/Kolkata"
START = datetime(2026, 1, 1, tzinfo=UTC)
NIGHT = QuietHours(begins="21:00", ends="08:00")
ZONES = ("Asia/Kolkata", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago")


def later(clock: str, hours: int) -> str:
    return f"{(int(clock[:2]) + hours) % 24:02}{clock[2:]}"


CLOCKS = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
QUIET = st.builds(
    lambda begins, hours: QuietHours(begins=begins, ends=later(begins, hours)), CLOCKS, st.integers(1, 16)
)
MOMENTS = st.integers(0, 2 * 366 * 1_440).map(lambda minutes: START + timedelta(minutes=minutes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.mark.parametrize(
    ("visit", "minutes", "due"),
    [
        ("2026-09-17T10:00", 2_880, "2026-09-15T10:00"),
        ("2026-09-17T15:00", 120, "2026-09-17T13:00"),
        ("2026-09-17T09:30", 120, "2026-09-17T08:00"),  # 07:30 is quiet, and 08:00 is early enough
        ("2026-09-17T08:30", 120, "2026-09-16T20:45"),  # 06:30 is quiet, and 08:00 leaves too little
        ("2026-09-17T23:00", 60, "2026-09-17T20:45"),
        ("2026-09-17T22:00", 2_880, "2026-09-16T08:00"),
        ("2026-09-17T10:00", 120, "2026-09-17T08:00"),  # the end of the quiet hours is not quiet
    ],
)
def test_a_reminder_waits_for_the_end_of_quiet_hours_or_goes_before_them(visit: str, minutes: int, due: str) -> None:
    assert reminder(minutes, at(visit), ZONE, NIGHT).at == at(due)


@given(QUIET, MOMENTS, st.integers(30, 20_160), st.sampled_from(ZONES))
def test_a_reminder_is_never_due_in_quiet_hours_and_ends_before_the_next(
    quiet: QuietHours, visit: datetime, minutes: int, zone: str
) -> None:
    found = reminder(minutes, visit, zone, quiet)

    assert found.at < found.until < visit
    assert quiet.around(found.at, zone) is None
    assert quiet.around(found.until - timedelta.resolution, zone) is None


@given(st.lists(st.integers(30, 20_160), max_size=4, unique=True), MOMENTS, st.none() | QUIET, st.integers(0, 30_000))
def test_reminders_are_an_hour_apart_and_from_the_booking(
    times: list[int], visit: datetime, quiet: QuietHours | None, before: int
) -> None:
    booked = visit - timedelta(minutes=before)

    found = reminders(times, visit, ZONE, quiet, booked)

    assert all(later.at - earlier.at >= APART for earlier, later in pairwise(found))
    assert all(one.at >= booked + APART for one in found)
    assert len({one.minutes_before for one in found}) == len(found)


@pytest.mark.parametrize("zone", ZONES)
def test_two_days_before_is_the_same_time_on_the_wall(zone: str) -> None:
    visit = datetime(2026, 6, 17, 12, tzinfo=ZoneInfo(zone))

    due = reminder(2_880, visit.astimezone(UTC), zone, QuietHours()).at

    assert due.astimezone(ZoneInfo(zone)) == datetime(2026, 6, 15, 12, tzinfo=ZoneInfo(zone))


def test_a_change_in_the_night_is_told_in_the_morning_unless_the_visit_is_earlier() -> None:
    changed = at("2026-09-16T23:30")

    assert notice(changed, at("2026-09-17T10:00"), ZONE, NIGHT).at == at("2026-09-17T08:00")
    assert notice(changed, at("2026-09-17T07:00"), ZONE, NIGHT).at == changed
    assert notice(changed, at("2026-09-17T10:00"), ZONE, None).at == changed


def test_a_change_is_told_for_a_day_and_not_once_the_visit_has_begun() -> None:
    changed = at("2026-09-16T10:00")

    assert notice(changed, at("2026-09-16T12:00"), ZONE, NIGHT).until == at("2026-09-16T12:00")
    assert notice(changed, at("2026-10-16T12:00"), ZONE, NIGHT).until == at("2026-09-17T10:00")


def test_quiet_hours_of_a_day_are_of_that_day() -> None:
    noon = QuietHours(begins="12:00", ends="14:00")

    assert noon.around(at("2026-09-16T13:59"), ZONE) is not None
    assert noon.around(at("2026-09-16T14:00"), ZONE) is None
    assert noon.next_begin(at("2026-09-16T12:00"), ZONE) == at("2026-09-17T12:00")


@pytest.mark.parametrize("ends", ["12:00", "11:59", "04:01"])
def test_quiet_hours_leave_a_part_of_the_day(ends: str) -> None:
    with pytest.raises(ValueError, match="16 hours"):
        QuietHours(begins="12:00", ends=ends)
