"""What google-auth sends its own requests with. `requests`, which it would take, costs every cold start 40 ms."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from google.auth.exceptions import TransportError
from google.auth.transport import Request

from shared.rest.connections import Connections

_SECONDS = 120.0
"""For a request that names no time: as google-auth has it."""


class Answer(NamedTuple):
    """As google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    data: bytes


class Transport(Request):
    """Sends each request on a connection of its own: there are few, at the start of an instance and once an hour."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_options: Any,
    ) -> Answer:
        """Raises google.auth.exceptions.TransportError when there is no answer."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection = Connections(parts.netloc, secure=parts.scheme == "https").take(timeout or _SECONDS)
            try:
                connection.send_request(method, path, body, headers or {})
                response = connection.receive()
                return Answer(response.status, dict(response.headers), response.read())
            finally:
                connection.close()
        except (OSError, HTTPException) as error:
            raise TransportError(error) from error
