"""New rules of a time zone: the local time stays, and the instant is one at which clocks show it."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checked
from hypothesis import strategies as st

from shared.records import time_zones
from shared.records.scheduling.wall_clock import Occurrence, instants_of, local_of, occurrence_of
from shared.records.scheduling.zone_change import Unsettled, doubt_of, instant_now, is_affected
from tests.support.zone_files import rules

ZONE = "America/New_York"
MOMENTS = st.integers(0, 365 * 48).map(lambda halves: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * halves))
POSIX = st.sampled_from(
    ["EST5", "EDT4", "EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M4.1.0,M9.5.0", "<-0330>3:30", "AST4ADT,M3.5.0,M10.5.0"]
)


@dataclass(frozen=True)
class Time:
    scheduled_at: datetime
    local_time: str
    time_zone: str
    occurrence: Occurrence


def agreed(moment: datetime) -> Time:
    return Time(moment, local_of(moment, ZONE), ZONE, occurrence_of(moment, ZONE))


@pytest.fixture(autouse=True)
def _own_rules_again() -> Iterator[None]:
    yield
    assert zoneinfo.TZPATH == ()


def test_rules_are_those_of_the_pinned_package_whatever_the_machine_has() -> None:
    pinned = Path("requirements.txt").read_text(encoding="utf-8")
    year, letter = time_zones.release()[:4], time_zones.release()[4:]

    assert zoneinfo.TZPATH == ()
    assert f"tzdata=={year}.{ord(letter) - ord('a') + 1} " in pinned


@given(MOMENTS, POSIX, POSIX)
@checked(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_local_time_stays(tmp_path: Path, moment: datetime, before: str, after: str) -> None:
    with rules(tmp_path, America__New_York=before):
        time = agreed(moment)
    with rules(tmp_path, America__New_York=after):
        instants = instants_of(time.local_time, ZONE)
        if before == after:
            assert not is_affected(time)
        if not is_affected(time):
            assert time.scheduled_at in instants
            return
        now, doubt = instant_now(time), doubt_of(time)
        assert (local_of(now, ZONE) == time.local_time) == (doubt != Unsettled.SKIPPED)
        assert doubt == {0: Unsettled.SKIPPED, 1: None, 2: Unsettled.REPEATED}[len(instants)]
