"""What an instance makes once, such as a client, however many requests ask for it first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class singleton(Generic[T]):  # noqa: N801 - a decorator
    """As `functools.cache`, which lets calls that meet make one each.

    That harms where a second one cannot be made (an app of firebase-admin), or where one that nobody keeps closes what
    the other uses (a client of google-genai).
    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._kept = cache(make)
        self._making = Lock()

    def __call__(self, *arguments: Hashable) -> T:
        with self._making:
            return self._kept(*arguments)

    def cache_clear(self) -> None:
        """Forget it: the next call makes another."""
        self._kept.cache_clear()
