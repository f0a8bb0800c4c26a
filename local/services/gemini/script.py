"""Answers that tests plant: what the real model does and an extractive writer never would."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Any

from local.services.gemini.erring import Erring, Error

_MOST_REQUESTS = 50


@dataclass(frozen=True)
class Answer:
    """Replaces the answer to one request. A field that is None keeps its usual value."""

    text: str | None = None
    finish_reason: str = "STOP"
    model_version: str | None = None
    block_reason: str | None = None
    """The prompt is blocked: no candidate."""
    status: int | None = None
    """The request fails with this HTTP status."""


class Script:
    """The planted answers, first in first out, and the bodies of the last requests."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: deque[Answer] = deque()
        self._requests: deque[Mapping[str, Any]] = deque(maxlen=_MOST_REQUESTS)
        self._erring: Erring | None = None
        self._erred = 0

    def err(self, erring: Erring) -> None:
        """Let every answer have an error from now on, until `clear`."""
        with self._lock:
            self._erring, self._erred = erring, 0

    def next_error(self) -> tuple[Error, Random] | None:
        """The error of this answer; None for a writer that does not err."""
        with self._lock:
            if self._erring is None:
                return None
            self._erred += 1
            return self._erring.chosen(self._erred)

    def plant(self, *answers: Answer) -> None:
        with self._lock:
            self._answers.extend(answers)

    def clear(self) -> None:
        """Forget the planted answers, the errors and the requests."""
        with self._lock:
            self._erring = None
            self._answers.clear()
            self._requests.clear()

    @property
    def waiting(self) -> int:
        """The number of planted answers that no request got yet."""
        return len(self._answers)

    @property
    def requests(self) -> list[Mapping[str, Any]]:
        """The bodies of the last 50 requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def next(self, body: Mapping[str, Any]) -> Answer:
        """The planted answer to this request; without one, an answer that changes nothing."""
        with self._lock:
            self._requests.append(body)
            return self._answers.popleft() if self._answers else Answer()
