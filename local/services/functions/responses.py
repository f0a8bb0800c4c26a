"""The HTTP responses of functions."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

Headers = list[tuple[str, str]]


class FunctionDown(Exception):
    """The function sent no response: it did not start, its process ended, or it took too long."""


@dataclass(frozen=True)
class Response:
    """A function's HTTP response."""

    status: int
    headers: Headers
    body: bytes


class StreamedResponse:
    """A function's HTTP response whose body is read while the function sends it."""

    def __init__(self, name: str, response: http.client.HTTPResponse, connection: socket.socket, until: float) -> None:
        """`until` is the end of the function's timeout, on the monotonic clock."""
        self.status = response.status
        self.headers: Headers = response.getheaders()
        self._name = name
        self._response = response
        self._connection = connection
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        """The body in parts. Raises FunctionDown when the body breaks off, or lasts longer than the timeout."""
        try:
            while chunk := self._read():
                yield chunk
        except (OSError, http.client.HTTPException) as error:
            raise FunctionDown(f"{self._name} broke off its answer: {error!r}") from error
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection; the function notices at its next write."""
        self._response.close()

    def _read(self) -> bytes:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("it lasts longer than the function's timeout")
        self._connection.settimeout(left)
        return self._response.read1()
