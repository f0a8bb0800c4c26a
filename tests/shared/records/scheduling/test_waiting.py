"""The waiting list: which times suit whom, in which order, and how an offer ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.scheduling.types import Priority
from shared.records.scheduling.waiting import WaitingEntry, WaitingStatus, WantedTime, in_order

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
STAMP = Stamp("desk", NOW)
MONDAY_TEN = datetime.fromisoformat("2027-01-11T10:00:00")
SLOT = datetime(2027, 1, 11, 9, tzinfo=UTC)


def entry(at: datetime = NOW, **values: Any) -> WaitingEntry:
    usual = {"patient_id": "p", "type": "followup", "duration_minutes": 30, "priority": "normal", "until": "2027-03-01"}
    return WaitingEntry.new("p-w", Stamp("desk", at), **{**usual, **values})


def suits(one: WaitingEntry, local: datetime = MONDAY_TEN, minutes: int = 30, doctor: str = "d1") -> bool:
    return one.suits(doctor, SLOT, local, minutes)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"doctor_ids": ["d1", "d2"]}, True),
        ({"doctor_ids": ["d2"]}, False),
        ({"duration_minutes": 35}, False),
        ({"until": "2027-01-11"}, True),
        ({"until": "2027-01-10"}, False),
        ({"times": [{"weekdays": ["monday"]}]}, True),
        ({"times": [{"weekdays": ["tuesday"]}]}, False),
        ({"times": [{"weekdays": ["tuesday"]}, {"opens": "10:00", "closes": "10:30"}]}, True),
        ({"times": [{"opens": "10:01"}]}, False),
        ({"times": [{"closes": "10:29"}]}, False),
        ({"times": [{"first_day": "2027-01-12"}]}, False),
        ({"times": [{"last_day": "2027-01-10"}]}, False),
        ({"passed": [SLOT]}, False),
        ({"status": "booked"}, False),
    ],
)
def test_time_suits_who_can_come_then(values: dict[str, Any], expected: bool) -> None:
    assert suits(entry(**values)) is expected


@given(
    st.lists(st.tuples(st.sampled_from(Priority), st.integers(0, 5)), max_size=8),
)
def test_order_is_by_priority_and_then_by_the_time_of_waiting(ones: list[tuple[Priority, int]]) -> None:
    found = in_order([entry(NOW + timedelta(days=days), priority=priority) for priority, days in ones])

    ranks = [[*reversed(Priority)].index(one.priority) for one in found]
    assert ranks == sorted(ranks)
    for first, second in pairwise(found):
        assert first.priority != second.priority or first.created_at <= second.created_at


@given(st.integers(0, 1_439), st.integers(5, 120), st.integers(0, 1_438), st.integers(1, 1_439))
def test_visit_is_within_the_times_of_the_day_as_minutes_are(start: int, minutes: int, opens: int, length: int) -> None:
    closes = min(opens + length, 1_439)
    window = WantedTime(opens=_written(opens), closes=_written(closes))
    local = datetime.fromisoformat("2027-01-11T00:00:00") + timedelta(minutes=start)

    assert window.has(local, local + timedelta(minutes=minutes)) is (opens <= start and start + minutes <= closes)


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def test_offer_is_accepted_until_it_expires_and_passed_over_afterwards() -> None:
    until = NOW + timedelta(hours=2)
    offered = entry().offered("p-a", until, STAMP)

    assert offered.accepted(Stamp("desk", until - timedelta.resolution)).status == WaitingStatus.BOOKED
    with pytest.raises(Conflict, match="expired"):
        offered.accepted(Stamp("desk", until))
    waiting = offered.passed_over(SLOT, STAMP)
    assert (waiting.status, waiting.appointment_id, waiting.passed) == (WaitingStatus.WAITING, None, [SLOT])
    assert not suits(waiting)
    with pytest.raises(Conflict):
        offered.offered("p-b", until, STAMP)
    with pytest.raises(Conflict):
        waiting.accepted(STAMP)
