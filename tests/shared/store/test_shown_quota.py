"""The quota of shown records, without I/O: its window, and whom it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import TooManyRequests
from shared.store.shown_quota import WINDOW, ShownQuota

MOMENTS = st.timedeltas(timedelta(0), timedelta(days=9999)).map(lambda later: datetime(2020, 1, 1, tzinfo=UTC) + later)


def quota(now: datetime, limit: int = 10, user: str = "asha") -> ShownQuota:
    return ShownQuota(user, now, limit)


@given(MOMENTS)
def test_after_the_seconds_left_another_hour_counts(now: datetime) -> None:
    left = quota(now).seconds_left

    assert 1 <= left <= WINDOW.total_seconds()
    assert quota(now + timedelta(seconds=left)).path != quota(now).path
    if left > 1:
        assert quota(now + timedelta(seconds=left - 1)).path == quota(now).path


@given(MOMENTS)
def test_the_counter_outlives_its_hour(now: datetime) -> None:
    assert quota(now).expires_at > now + WINDOW


def test_each_person_has_a_counter() -> None:
    now = datetime(2026, 9, 14, 5, 59, 59, tzinfo=UTC)

    assert quota(now).path == "quotas/asha-20260914T05"
    assert quota(now, user="ravi").path == "quotas/ravi-20260914T05"


def test_the_limit_is_shown_and_one_more_is_refused_until_the_hour_ends() -> None:
    now = datetime(2026, 9, 14, 5, 59, 30, tzinfo=UTC)
    quota(now).require(10, "aster")

    with pytest.raises(TooManyRequests) as refused:
        quota(now).require(11, "aster")

    assert refused.value.retry_after == 30
