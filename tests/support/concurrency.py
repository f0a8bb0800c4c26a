"""Many requests at once, and their statuses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.support.client import Reply

T = TypeVar("T")


def at_once(count: int, ask: Callable[[int], T]) -> list[T]:
    """The answers of `count` calls that start together; each gets its number."""
    barrier = Barrier(count)

    def call(number: int) -> T:
        barrier.wait()
        return ask(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def statuses(replies: list[Reply]) -> dict[int, int]:
    """How often each status was answered."""
    answered = [reply.status for reply in replies]
    return {status: answered.count(status) for status in sorted(set(answered))}
