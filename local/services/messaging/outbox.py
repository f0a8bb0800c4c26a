"""The messages that were sent, and the errors that a test plants."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST_MESSAGES = 1000


@dataclass(frozen=True)
class FcmError:
    """An error of FCM: HTTP status, name of the gRPC code, and FCM's own code
    (firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode)."""

    http_status: int
    status: str
    code: str = ""


UNREGISTERED = FcmError(404, "NOT_FOUND", "UNREGISTERED")
QUOTA_EXCEEDED = FcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")
UNAVAILABLE = FcmError(503, "UNAVAILABLE", "UNAVAILABLE")
INVALID_ARGUMENT = FcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")


class Outbox:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Mapping[str, Any]] = deque(maxlen=_MOST_MESSAGES)
        self._errors: dict[str, list[FcmError]] = {}

    def plant(self, token: str, *errors: FcmError) -> None:
        """Answer the next requests for this token by these errors."""
        with self._lock:
            self._errors.setdefault(token, []).extend(errors)

    def take(self, message: Mapping[str, Any]) -> FcmError | None:
        """Keep a message, or return the error that is planted for its token."""
        with self._lock:
            if errors := self._errors.get(message["token"]):
                return errors.pop(0)
            self._messages.append(message)
            return None

    def messages(self, token: str = "") -> list[Mapping[str, Any]]:
        """The messages so far, in order: all, or those to one token."""
        with self._lock:
            return [message for message in self._messages if token in ("", message["token"])]
