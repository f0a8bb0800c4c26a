"""One attempt to run a task: the HTTP request that Cloud Tasks sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from google.cloud import tasks_v2

from local.services.kit.identity import unsigned_jwt
from local.services.tasks.store import StoredTask

_DEFAULT_DEADLINE = 600.0
_TOKEN_LIFETIME = 3600


IdentityToken = Callable[[str, str], str]
"""Makes an OIDC token of a service account (e-mail address) for an audience."""


def unsigned_identity_token(account: str, audience: str) -> str:
    """A token for functions that verify no signature."""
    now = int(time.time())
    return unsigned_jwt(
        {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "email": account,
            "email_verified": True,
            "iat": now,
            "exp": now + _TOKEN_LIFETIME,
        }
    )


@dataclass(frozen=True)
class AttemptResult:
    """The outcome of an attempt."""

    status: int | None
    """The HTTP status; None when no response came."""
    reason: str
    """The reason of a failure; the next attempt carries it as X-CloudTasks-TaskRetryReason."""

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Dispatcher:
    """Sends tasks to their functions; `stop` ends every attempt that still waits for a response."""

    def __init__(self, identity_token: IdentityToken = unsigned_identity_token) -> None:
        self._identity_token = identity_token
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopped = False

    def send(self, stored: StoredTask) -> AttemptResult:
        """Run one attempt. A refused or broken connection, or a timeout, is a failed attempt."""
        request = stored.task.http_request
        deadline = stored.task.dispatch_deadline
        seconds = deadline.total_seconds() if deadline else _DEFAULT_DEADLINE
        try:
            return self._exchange(request, headers(stored, self._identity_token), seconds)
        except TimeoutError:
            return AttemptResult(None, "DEADLINE_EXCEEDED")
        except (OSError, HTTPException, ValueError) as error:
            return AttemptResult(None, f"UNAVAILABLE: {type(error).__name__}")

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for connected in self._open:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

    def _exchange(self, request: tasks_v2.HttpRequest, fields: Mapping[str, str], seconds: float) -> AttemptResult:
        url = urlsplit(request.url)
        connection_class = HTTPSConnection if url.scheme == "https" else HTTPConnection
        method = tasks_v2.HttpMethod(request.http_method or tasks_v2.HttpMethod.POST).name
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        with closing(connection_class(url.hostname or "", url.port, timeout=seconds)) as connection:
            connection.connect()
            with self._interruptible(connection.sock):
                connection.request(method, target, request.body or None, dict(fields))
                response = connection.getresponse()
                response.read()
        return AttemptResult(response.status, f"HTTP status code {response.status}")

    @contextmanager
    def _interruptible(self, connected: socket.socket) -> Iterator[None]:
        """Allow `stop` to break the connection; break it now if `stop` was called already."""
        with self._lock:
            if self._stopped:
                raise ConnectionAbortedError
            self._open.add(connected)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connected)


def headers(stored: StoredTask, identity_token: IdentityToken = unsigned_identity_token) -> dict[str, str]:
    """The headers of an attempt: those that Cloud Tasks sets override the task's own."""
    request, system = stored.task.http_request, _system_headers(stored, identity_token)
    reserved = {"host", "content-length", *map(str.lower, system)}
    own = {
        field: value
        for field, value in request.headers.items()
        if field.lower() not in reserved and not field.lower().startswith("x-cloudtasks-")
    }
    if request.body and "content-type" not in map(str.lower, own):
        own["Content-Type"] = "application/octet-stream"
    return own | system


def _system_headers(stored: StoredTask, identity_token: IdentityToken) -> dict[str, str]:
    task = stored.task
    queue, _, name = task.name.rpartition("/tasks/")
    fields = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": queue.rpartition("/")[2],
        "X-CloudTasks-TaskName": name,
        "X-CloudTasks-TaskRetryCount": str(task.dispatch_count - 1),
        "X-CloudTasks-TaskExecutionCount": str(stored.executions),
        "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
    }
    if stored.status is not None:
        fields["X-CloudTasks-TaskPreviousResponse"] = str(stored.status)
    if stored.reason:
        fields["X-CloudTasks-TaskRetryReason"] = stored.reason
    token = task.http_request.oidc_token
    if token.service_account_email:
        audience = token.audience or task.http_request.url
        fields["Authorization"] = f"Bearer {identity_token(token.service_account_email, audience)}"
    return fields
