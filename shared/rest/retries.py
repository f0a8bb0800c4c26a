"""Calls that are made again, as Google's clients make them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from shared.rest.errors import ApiError

_FIRST_PAUSE = 0.1
_GROWTH = 1.3
_LONGEST_PAUSE = 60.0
"""Seconds between attempts, at most, and their factor: as in Google's clients."""
_MOST_ATTEMPTS = 1_000


def retried(
    call: Callable[..., Any],
    errors: tuple[type[ApiError], ...],
    seconds: float,
    *,
    longest_pause: float = _LONGEST_PAUSE,
    attempts: int = _MOST_ATTEMPTS,
) -> Callable[..., Any]:
    """The call, made again after such errors with growing pauses, as long as they end within so many seconds of its
    beginning, and at most so many times. Raises the last error."""

    def again(*arguments: Any) -> Any:
        deadline, pause, left = time.monotonic() + seconds, min(_FIRST_PAUSE, longest_pause), attempts
        while True:
            left -= 1
            try:
                return call(*arguments)
            except errors:
                wait = random.uniform(0, pause)  # noqa: S311 - jitter, not a secret
                if left <= 0 or time.monotonic() + wait > deadline:
                    raise
            time.sleep(wait)
            pause = min(pause * _GROWTH, longest_pause)

    return again
