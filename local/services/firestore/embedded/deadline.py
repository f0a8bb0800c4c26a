"""The time that a call has left."""

from __future__ import annotations

import time

from grpc import StatusCode

from local.services.kit.rpc import StatusError

_UNLIMITED = 60.0
"""Seconds, for a call without a deadline."""


class Deadline:
    """When a call ends with DEADLINE_EXCEEDED."""

    def __init__(self, seconds: float | None) -> None:
        self._end = time.monotonic() + (_UNLIMITED if seconds is None else seconds)

    @property
    def remaining(self) -> float:
        """Seconds, not below 0."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raises StatusError when the time is over."""
        if not self.remaining:
            raise exceeded()


def exceeded() -> StatusError:
    return StatusError(StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
