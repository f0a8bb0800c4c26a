"""The times of a schedule: a cron expression in the schedule's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from cronsim import CronSimError
from hypothesis import given
from hypothesis import strategies as st

from infra.catalogue import Catalogue, ScheduleFunction
from local.services.functions.processes import Functions
from local.services.scheduler.clock import Schedules, next_time
from tests.support.toy_functions import toy_catalogue


def schedule(line: str, zone: str = "Etc/UTC") -> ScheduleFunction:
    [entry] = catalogue(line, zone).of_kind(ScheduleFunction)
    return entry


def catalogue(line: str, zone: str) -> Catalogue:
    return toy_catalogue(tick={"kind": "schedule", "schedule": line, "zone": zone})


@pytest.mark.parametrize(
    ("line", "zone", "after", "due"),
    [
        ("*/10 * * * *", "Etc/UTC", "2026-11-23T02:09:59Z", "2026-11-23T02:10:00Z"),
        ("*/10 * * * *", "Etc/UTC", "2026-11-23T02:10:00Z", "2026-11-23T02:20:00Z"),
        ("0 9 * * *", "Asia/Kolkata", "2026-11-23T03:00:00Z", "2026-11-23T03:30:00Z"),
        ("0 9 * * *", "Asia/Kolkata", "2026-11-23T04:00:00Z", "2026-11-24T03:30:00Z"),
        ("0 9 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T07:00:00Z"),
        ("0 9 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z"),
        ("0 0 29 2 *", "Etc/UTC", "2026-11-23T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("30 8 * * MON", "Etc/UTC", "2026-11-23T08:30:00Z", "2026-11-30T08:30:00Z"),
    ],
)
def test_the_next_time_follows_the_wall_clock_of_the_zone(line: str, zone: str, after: str, due: str) -> None:
    assert next_time(schedule(line, zone), datetime.fromisoformat(after)) == datetime.fromisoformat(due)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given a zone
    st.integers(min_value=1, max_value=59),
)
def test_a_step_of_minutes_is_due_at_the_next_multiple(now: datetime, minutes: int) -> None:
    due = next_time(schedule(f"*/{minutes} * * * *"), now)

    assert due > now
    assert (due.minute % minutes, due.second, due.microsecond) == (0, 0, 0)
    assert due - now <= timedelta(minutes=minutes)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given a zone
def test_a_daily_time_occurs_every_day_despite_clock_changes(now: datetime) -> None:
    entry = schedule("30 9 * * *", "America/New_York")

    first = next_time(entry, now)
    second = next_time(entry, first)

    local = second.astimezone(ZoneInfo("America/New_York"))
    assert (local.hour, local.minute) == (9, 30)
    assert timedelta(hours=23) <= second - first <= timedelta(hours=25)


def test_invalid_times_and_zones_are_rejected_at_the_start(tmp_path: Path) -> None:
    for line, zone, error in [
        ("61 * * * *", "Etc/UTC", CronSimError),
        ("every hour", "Etc/UTC", CronSimError),
        ("0 * * * *", "Asia/Nowhere", ZoneInfoNotFoundError),
    ]:
        with pytest.raises(error):
            Schedules(catalogue(line, zone), functions(tmp_path))


def functions(folder: Path) -> Functions:
    """Functions that are never called."""
    return Functions(toy_catalogue(), lambda name: folder / name, lambda _name: {}, folder / "logs")
