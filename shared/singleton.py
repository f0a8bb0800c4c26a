"""Thread-safe, lazily created singletons (API clients), one per process."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class singleton(Generic[T]):  # noqa: N801 - a decorator
    """Like `functools.cache`, but concurrent first calls create one object instead of several.

    A second object does harm if it cannot be created (an app of firebase-admin), or if the discarded one closes a
    connection that the other uses (a client of google-genai).
    """

    def __init__(self, create: Callable[..., T]) -> None:
        self._cached = cache(create)
        self._lock = Lock()

    def __call__(self, *arguments: Hashable) -> T:
        with self._lock:
            return self._cached(*arguments)

    def cache_clear(self) -> None:
        """Discard the objects; the next call creates a new one."""
        self._cached.cache_clear()
