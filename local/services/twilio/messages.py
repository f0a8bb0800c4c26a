"""Text messages as Twilio keeps them: each request makes one, however equal it is to an earlier one."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "twilio-token"  # noqa: S105 - of this machine only
_MOST_MESSAGES = 1000


@dataclass(frozen=True)
class TwilioError:
    """An error of Twilio: HTTP status and its own code (twilio.com/docs/api/errors)."""

    status: int
    code: int
    text: str = "The request failed"


INVALID_NUMBER = TwilioError(400, 21211, "The 'To' number is not a valid phone number.")
UNSUBSCRIBED = TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
TOO_MANY = TwilioError(429, 20429, "Too Many Requests")
BROKEN = TwilioError(503, 20503, "Service unavailable")
LOST = TwilioError(0, 0)
"""The message is made, and the connection is closed without an answer."""
BROKEN_AFTER = TwilioError(-1, 20500)
"""The message is made, and the answer is 500."""


@dataclass
class TextMessage:
    """A message that Twilio accepted."""

    to: str
    sender: str
    body: str
    sid: str = field(default_factory=lambda: f"SM{secrets.token_hex(16)}")
    status: str = "queued"
    error_code: int | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def json(self) -> dict[str, Any]:
        """The message as the API describes it."""
        at = format_datetime(self.created_at)
        service = self.sender if self.sender.startswith("MG") else None
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT_SID,
            "api_version": "2010-04-01",
            "body": self.body,
            "num_segments": "1",
            "num_media": "0",
            "direction": "outbound-api",
            "from": None if service else self.sender,
            "messaging_service_sid": service,
            "to": self.to,
            "status": self.status,
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "date_created": at,
            "date_updated": at,
            "date_sent": None if self.status == "queued" else at,
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


class Messages:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[TextMessage] = deque(maxlen=_MOST_MESSAGES)
        self._errors: dict[str, list[TwilioError]] = {}
        self._ends: dict[str, tuple[str, int | None]] = {}
        self.redacted = False
        """True to show no texts, as an account with redaction."""
        self.unlisted = False
        """True to answer lists by 503."""

    def plant(self, number: str, *errors: TwilioError) -> None:
        """Answer the next messages to this number by these errors."""
        with self._lock:
            self._errors.setdefault(number, []).extend(errors)

    def deliver(self, number: str, status: str, error_code: int | None = None) -> None:
        """Let messages to this number end so, such as `undelivered`; others are delivered."""
        with self._lock:
            self._ends[number] = status, error_code

    def next_error(self, number: str) -> TwilioError | None:
        """The error that is planted for the next message to this number."""
        with self._lock:
            errors = self._errors.get(number)
            return errors.pop(0) if errors else None

    def take(self, message: TextMessage) -> TextMessage:
        """Keep a message."""
        with self._lock:
            self._messages.append(message)
            return message

    def to(self, number: str = "") -> list[TextMessage]:
        """The messages so far, in order: all, or those to one number."""
        with self._lock:
            return [one for one in self._messages if number in ("", one.to)]

    def fetch(self, sid: str) -> TextMessage | None:
        """One message; it is delivered by the time that somebody asks."""
        with self._lock:
            found = next((one for one in self._messages if one.sid == sid), None)
            if found is not None:
                found.status, found.error_code = self._ends.get(found.to, ("delivered", None))
            return found

    def json_of(self, message: TextMessage) -> dict[str, Any]:
        """The message as an account sees it."""
        return {**message.json(), "body": "" if self.redacted else message.body}
