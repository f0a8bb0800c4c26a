"""Singletons are created once, also by concurrent first calls."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from shared.singleton import singleton


def test_calls_that_meet_get_the_same_thing() -> None:
    @singleton
    def make() -> object:
        time.sleep(0.05)
        return object()

    with ThreadPoolExecutor(8) as threads:
        made = {id(thing) for thing in threads.map(lambda _: make(), range(8))}

    assert len(made) == 1


def test_the_cache_of_the_standard_library_would_make_several() -> None:
    made, met = [], threading.Event()

    @cache
    def make() -> object:
        made.append(1)
        if len(made) > 1:
            met.set()
        met.wait(30)  # for a second call
        return object()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: make(), range(8)))

    assert len(made) > 1


def test_each_argument_has_its_own() -> None:
    @singleton
    def make(name: str) -> list[str]:
        return [name]

    assert make("one") is make("one")
    assert make("one") != make("other")


def test_what_failed_is_tried_again() -> None:
    fails = [True, False]

    @singleton
    def make() -> str:
        if fails.pop(0):
            raise ValueError
        return "made"

    with pytest.raises(ValueError):
        make()
    assert make() == "made"
