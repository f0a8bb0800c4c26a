"""How an API is called: addresses, headers, deadlines and errors."""

from __future__ import annotations

import json
import platform
from collections import deque
from collections.abc import Mapping, Sequence
from http.client import HTTPException, IncompleteRead
from time import monotonic
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus

from shared.rest.connections import Connections
from shared.rest.credentials import CallCredentials
from shared.rest.errors import DeadlineExceeded, Unavailable, described, error_of
from shared.rest.http1 import Connection

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PART = 64 * 1024
"""Bytes of an answer that are read at once."""


class Call(NamedTuple):
    """A call of a method."""

    path: str
    """Of the URL."""
    routing: str = ""
    """The parameter by which Google's front end finds the resource, for the APIs that have one."""
    content: Mapping[str, Any] | None = None
    """What is sent; None for a GET."""


class Api:
    """An API at one address."""

    def __init__(
        self,
        connections: Connections,
        credentials: CallCredentials | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` go with every call."""
        self._connections = connections
        self._credentials = credentials
        self._headers = {"x-goog-api-client": f"gl-python/{platform.python_version()}", **(headers or {})}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._connections.close()

    def call(self, call: Call, seconds: float) -> Any:
        """The answer to a call, which must come within so many seconds. Raises ApiError."""
        return self.calls([call], seconds)[0]

    def calls(self, calls: Sequence[Call], seconds: float) -> list[Any]:
        """The answers to several calls: all are sent before an answer is read. One that fails, seen in their order,
        ends the others. Raises ApiError."""
        deadline = monotonic() + seconds
        waiting: deque[Connection] = deque()
        answers = []
        try:
            for call in calls:
                self._send(call, deadline, waiting)
            while waiting:
                status, content = _received(waiting[0], deadline)
                self._connections.give_back(waiting.popleft())
                answers.append(_answer(status, content))
        except (OSError, HTTPException) as error:
            if monotonic() >= deadline:
                raise DeadlineExceeded(f"no answer within {seconds} s") from error
            raise Unavailable(f"no answer: {error}") from error
        finally:
            for connection in waiting:
                connection.close()
        return answers

    def _send(self, call: Call, deadline: float, waiting: deque[Connection]) -> None:
        """Send a call on a connection, which is added to those that wait for an answer."""
        method, body = ("GET", None) if call.content is None else ("POST", _encode(call.content).encode())
        headers = {**self._headers, "content-type": "application/json"}
        if call.routing:
            headers["x-goog-request-params"] = call.routing
        if self._credentials is not None:
            url = f"https://{self._connections.host}{call.path}"
            headers.update(self._credentials.headers(method, url, _left(deadline)))
        headers["x-server-timeout"] = f"{_left(deadline):.3f}"
        connection = self._connections.take(_left(deadline))
        waiting.append(connection)
        connection.sock.settimeout(_left(deadline))
        connection.send_request(method, call.path, body, headers)


def routing(field: str, value: str) -> str:
    """The parameter by which Google's front end finds the resource."""
    return f"{field}={quote_plus(value, safe='/')}"


def _received(connection: Connection, deadline: float) -> tuple[int, bytes]:
    """The status and the content of the answer, read to its end."""
    sock = connection.sock  # which the connection gives up when it has read the head of its last answer
    sock.settimeout(_left(deadline))
    response = connection.receive()
    parts = []
    while not response.isclosed():
        sock.settimeout(_left(deadline))
        parts.append(response.read1(_PART) or response.read())
    if response.length:
        raise IncompleteRead(b"", response.length)
    return response.status, b"".join(parts)


def _answer(status: int, content: bytes) -> Any:
    if status != 200:
        raise error_of(status, content)
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise Unavailable("the answer is not whole") from error
    if isinstance(answer, list) and answer and isinstance(answer[-1], dict) and "error" in answer[-1]:
        raise described(status, answer[-1])  # a stream that failed after its beginning
    return answer


def _left(deadline: float) -> float:
    """Seconds. Raises TimeoutError when there are none."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
