"""The fee of a session, by its type and duration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.settings import Fee
from tests.support.factories import settings


def fee(up_to: int | None, amount: int, session_type: str = "followup") -> dict[str, Any]:
    return {"session_type": session_type, "up_to_minutes": up_to, "amount": amount, "description": "Visit"}


CLINIC = settings(fees=[fee(None, 900), fee(60, 600), fee(30, 300), fee(45, 50, "consultation")])


@pytest.mark.parametrize(
    ("minutes", "amount"), [(0, 300), (1, 300), (30, 300), (31, 600), (60, 600), (61, 900), (600, 900)]
)
def test_the_nearest_limit_that_covers_the_duration_counts(minutes: int, amount: int) -> None:
    found = CLINIC.fee_for("followup", minutes)

    assert found is not None
    assert found.amount == amount


@pytest.mark.parametrize(("session_type", "minutes"), [("emergency", 10), ("consultation", 46), ("", 10)])
def test_where_the_clinic_has_set_no_fee_there_is_none(session_type: str, minutes: int) -> None:
    assert CLINIC.fee_for(session_type, minutes) is None


LIMITS = st.lists(st.none() | st.integers(1, 240), unique=True, max_size=6)


@given(LIMITS, st.integers(0, 300))
def test_the_order_of_the_schedule_does_not_matter(limits: list[int | None], minutes: int) -> None:
    fees = [fee(limit, amount) for amount, limit in enumerate(limits)]

    found = settings(fees=fees).fee_for("followup", minutes)
    turned = settings(fees=fees[::-1]).fee_for("followup", minutes)

    assert found == turned
    assert (found is None) == all(limit is not None and limit < minutes for limit in limits)
    assert found is None or covers(found, minutes)


def covers(found: Fee, minutes: int) -> bool:
    return found.up_to_minutes is None or minutes <= found.up_to_minutes
