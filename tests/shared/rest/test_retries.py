"""Calls that are made again: with the pauses of Google's clients, and within their time."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import islice
from types import SimpleNamespace

import pytest
from google.api_core import retry
from hypothesis import given
from hypothesis import strategies as st

from shared.rest import retries
from shared.rest.errors import Aborted, ApiError, DeadlineExceeded, Unavailable
from shared.rest.retries import retried


class Clock(SimpleNamespace):
    """Time passes only in pauses and calls."""

    now = 1000.0

    def __init__(self) -> None:
        super().__init__(pauses=[])

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retries, "time", clock)
    return clock


class Planned:
    """Raises errors in turn, and answers then."""

    def __init__(self, *errors: ApiError, lasts: Callable[[], None] = lambda: None) -> None:
        self._errors, self._lasts = [*errors], lasts
        self.calls: list[tuple[object, ...]] = []

    def __call__(self, *arguments: object) -> str:
        self.calls.append(arguments)
        self._lasts()
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


def test_a_call_that_succeeds_is_made_once(clock: Clock) -> None:
    call = Planned()

    assert retried(call, (Unavailable,), 10)("name", 5.0) == "answer"
    assert (call.calls, clock.pauses) == ([("name", 5.0)], [])


def test_a_call_that_fails_for_a_moment_is_made_again_with_the_same_arguments(clock: Clock) -> None:
    call = Planned(Unavailable(), DeadlineExceeded(), Unavailable())

    assert retried(call, (Unavailable, DeadlineExceeded), 100)("name", 5.0) == "answer"
    assert call.calls == [("name", 5.0)] * 4
    assert len(clock.pauses) == 3


def test_any_other_error_is_raised_at_once(clock: Clock) -> None:
    call = Planned(Unavailable(), Aborted(), Unavailable())

    with pytest.raises(Aborted):
        retried(call, (Unavailable,), 100)()
    assert len(call.calls) == 2


@pytest.mark.parametrize("longest", [1.0, 60.0])
def test_pauses_grow_as_those_of_googles_clients(clock: Clock, monkeypatch: pytest.MonkeyPatch, longest: float) -> None:
    for share in (0.0, 0.5, 1.0):  # what chance chooses between nothing and the longest
        monkeypatch.setattr(random, "uniform", lambda low, high, share=share: low + share * (high - low))
        clock.pauses = []
        expected = [*islice(retry.exponential_sleep_generator(0.1, longest, 1.3), 40)]

        retried(Planned(*[Unavailable()] * 40), (Unavailable,), 10_000, longest_pause=longest)()

        assert clock.pauses == pytest.approx(expected)
        assert max(clock.pauses) <= longest


@given(st.floats(0, 30), st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_no_pause_ends_after_the_time_and_the_last_error_is_raised(seconds: float, durations: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock, begun = Clock(), []
        patch.setattr(retries, "time", clock)
        left = iter(durations)

        def lasts() -> None:
            begun.append(clock.now - 1000)
            clock.now += next(left, 1.0)

        errors = [Unavailable(str(number)) for number in range(1000)]
        with pytest.raises(Unavailable) as raised:
            retried(Planned(*errors, lasts=lasts), (Unavailable,), seconds)()

        assert raised.value is errors[len(begun) - 1]
        assert max(begun) <= seconds


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_a_call_is_made_no_more_often_than_it_may(clock: Clock, attempts: int) -> None:
    errors = [Unavailable(str(number)) for number in range(10)]
    call = Planned(*errors)

    with pytest.raises(Unavailable) as raised:
        retried(call, (Unavailable,), 1_000, attempts=attempts)()

    assert (len(call.calls), raised.value) == (attempts, errors[attempts - 1])
    assert len(clock.pauses) == attempts - 1


def test_each_use_of_a_call_has_the_time_of_its_own(clock: Clock) -> None:
    call = Planned(*[Unavailable()] * 3)
    again = retried(call, (Unavailable,), 10)
    again()
    clock.now += 1000

    call._errors = [Unavailable()] * 3
    assert again() == "answer"
