"""The practice of the benchmark: as if its appointments had been booked."""

from __future__ import annotations

from bench import scheduling
from local.stack.stack import Stack


def test_week_is_full_and_others_are_in_the_past(stack: Stack) -> None:
    practice = scheduling.create(120)
    offered = scheduling.free_times(practice)

    booked = scheduling.book(practice)

    assert len(scheduling.week(practice)) == 60
    assert 0 < offered < 5 * (7.5 * 60) / 15
    assert booked.startswith(practice.patient_id)
