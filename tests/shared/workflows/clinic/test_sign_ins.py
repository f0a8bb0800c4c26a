"""The cache of accounts: how long an answer counts, and how often Identity Platform is asked."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.gateways.accounts import Account
from shared.records.problems import Unavailable
from shared.workflows.clinic.sign_ins import REFUSAL_SECONDS, STALE_SECONDS, AccountCache, refusal_counts_for

FRESH = 60.0
ASHA = Account(clinic_id="banyan", claims={}, disabled=False, valid_since=100)
Answer = Account | None | Exception


class Platform:
    """An Identity Platform with a clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.answer: Answer = ASHA
        self.asked: list[str] = []

    def look_up(self, user_id: str) -> Account | None:
        self.asked.append(user_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def cache(self, capacity: int = 100) -> AccountCache:
        return AccountCache(self.look_up, FRESH, clock=lambda: self.now, capacity=capacity)


def test_account_is_looked_up_once_a_minute_and_a_change_counts_after_that() -> None:
    platform = Platform()
    cache = platform.cache()
    assert cache.get("asha") == ASHA

    platform.answer = replace(ASHA, valid_since=1001)
    platform.now += FRESH - 0.1
    assert cache.get("asha") == ASHA
    platform.now += 0.1
    assert cache.get("asha") == platform.answer
    assert platform.asked == ["asha"] * 2


def test_missing_account_is_looked_up_each_time() -> None:
    platform = Platform()
    cache = platform.cache()
    platform.answer = None
    assert cache.get("asha") is None

    platform.answer = ASHA

    assert cache.get("asha") == ASHA


@pytest.mark.parametrize(("age", "counts"), [(STALE_SECONDS - 1, True), (STALE_SECONDS, False)])
def test_last_answer_counts_for_ten_minutes_of_an_outage(age: float, counts: bool) -> None:
    platform = Platform()
    cache = platform.cache()
    cache.get("asha")
    platform.answer = Unavailable()
    platform.now += age

    if counts:
        assert cache.get("asha") == ASHA
    else:
        with pytest.raises(Unavailable):
            cache.get("asha")


@pytest.mark.parametrize(
    ("seconds", "counts_for"),
    [(-5, 0.0), (0, 0.0), (0.9, 0.0), (1.25, 0.25), (2, REFUSAL_SECONDS), (3000, REFUSAL_SECONDS)],
)
def test_a_refusal_from_before_the_token_was_issued_does_not_count(seconds: float, counts_for: float) -> None:
    """A person signs in within the second of being enabled."""
    issued_at = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)

    assert refusal_counts_for(issued_at, issued_at + timedelta(seconds=seconds)) == counts_for


def test_unknown_account_during_an_outage_is_unavailable() -> None:
    platform = Platform()
    platform.answer = Unavailable()

    with pytest.raises(Unavailable):
        platform.cache().get("asha")


def test_least_recently_used_account_is_forgotten() -> None:
    platform = Platform()
    cache = platform.cache(capacity=2)

    for user_id in ("asha", "ravi", "asha", "meera", "asha", "ravi"):
        cache.get(user_id)

    assert platform.asked == ["asha", "ravi", "meera", "ravi"]


def test_concurrent_requests_of_one_user_share_a_look_up_and_do_not_wait_for_another_user() -> None:
    platform, release = Platform(), threading.Event()

    def look_up(user_id: str) -> Account | None:
        platform.asked.append(user_id)
        if user_id == "asha":
            release.wait(10)
        return ASHA

    cache = AccountCache(look_up, FRESH)
    waiting = [threading.Thread(target=cache.get, args=("asha",)) for _ in range(8)]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)

    assert cache.get("ravi") == ASHA
    release.set()
    for thread in waiting:
        thread.join(10)
    assert sorted(platform.asked) == ["asha", "ravi"]
