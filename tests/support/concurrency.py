"""Concurrent calls, and the statuses of replies."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.support.client import Reply

T = TypeVar("T")


def at_once(count: int, call: Callable[[int], T]) -> list[T]:
    """The results of `count` calls that start at the same time; the argument of each call is its number."""
    barrier = Barrier(count)

    def start(number: int) -> T:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(start, range(count)))


def statuses(replies: list[Reply]) -> dict[int, int]:
    """The number of replies by status."""
    found = [reply.status for reply in replies]
    return {status: found.count(status) for status in sorted(set(found))}
