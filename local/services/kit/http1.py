"""HTTP/1.1 on one connection: requests in turn, each with its answer, until one side hangs up."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

_MAX_HEAD = 64 * 1024
_MAX_BODY = 11 * 1024 * 1024
"""Bytes; a message of Firestore has at most 10 MiB."""
_READ = 256 * 1024


@dataclass(frozen=True)
class HttpRequest:
    """A request whose body is complete."""

    method: str
    path: str
    """Percent-encoded, as it was sent."""
    query: str
    headers: Mapping[str, str]
    """By name in lower case; of a repeated one the last."""
    body: bytes


@dataclass(frozen=True)
class HttpResponse:
    """What is answered."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"


Answer = Callable[[HttpRequest], HttpResponse]
Refusal = Callable[[int, str], HttpResponse]
"""Makes the answer to what is no request, from a status and a message."""


class _NotHttp(Exception):
    """The connection does not go on after an answer with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def serve(connection: socket.socket, received: bytes, answer: Answer, refusal: Refusal) -> None:
    """Answer the requests of a connection that began with the bytes `received`. Raises OSError if it breaks."""
    reader = _Reader(connection, received)
    try:
        for request in reader.requests():
            last = request.headers.get("connection", "").lower() == "close"
            _send(connection, request.method, answer(request), last=last)
            if last:
                return
    except _NotHttp as error:
        _send(connection, "", refusal(error.status, error.message), last=True)


def _send(connection: socket.socket, method: str, response: HttpResponse, *, last: bool) -> None:
    """One `sendall`, so that an answer of moderate size is one packet."""
    close = "Connection: close\r\n" if last else ""
    head = (
        f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Error')}\r\n"
        f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body)}\r\n{close}\r\n"
    )
    connection.sendall(head.encode() + (b"" if method == "HEAD" else response.body))


_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _Reader:
    """The requests that a connection brings."""

    def __init__(self, connection: socket.socket, received: bytes) -> None:
        self._connection = connection
        self._received = received

    def requests(self) -> Iterator[HttpRequest]:
        """Until the client hangs up. Raises _NotHttp."""
        while (head := self._head()) is not None:
            line, headers = _parsed(head)
            method, target = line
            path, _, query = target.partition("?")
            yield HttpRequest(method, path, query, headers, self._body(headers))

    def _head(self) -> bytes | None:
        """The lines before a body, without the empty one; None if the client hung up."""
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            if self._received and not self._received[:1].isalpha():  # TLS, for one: it waits for an answer
                raise _NotHttp(400, "This is no request of HTTP/1.1.")
            if len(self._received) > _MAX_HEAD:
                raise _NotHttp(431, "The headers are too large.")
            more = self._connection.recv(_READ)
            if not more:
                return None
            self._received += more
        head, self._received = self._received[:end], self._received[end + 4 :]
        return head

    def _body(self, headers: Mapping[str, str]) -> bytes:
        size = _size(headers)
        if headers.get("expect", "").lower() == "100-continue" and len(self._received) < size:
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self._received) < size:
            body = bytearray(self._received)
            while len(body) < size:
                more = self._connection.recv(_READ)
                if not more:
                    raise ConnectionResetError("the client hung up in the middle of a request")
                body += more
            self._received = bytes(body)
        body_bytes, self._received = self._received[:size], self._received[size:]
        return body_bytes


def _size(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise _NotHttp(411, "Send a body with its length, not in chunks.")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise _NotHttp(400, "The header Content-Length is no number.")
    if int(text) > _MAX_BODY:
        raise _NotHttp(413, f"The body is larger than {_MAX_BODY} bytes.")
    return int(text)


def _parsed(head: bytes) -> tuple[tuple[str, str], dict[str, str]]:
    """Method and target, and the headers."""
    line, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = line.partition(" ")
    target, _, version = rest.rpartition(" ")
    if not target.startswith("/") or version != "HTTP/1.1":
        raise _NotHttp(400, "This is no request of HTTP/1.1.")
    headers = {}
    for one in lines:
        name, colon, value = one.partition(":")
        if not colon or name != name.strip():
            raise _NotHttp(400, "A header is malformed.")
        headers[name.lower()] = value.strip()
    return (method, target), headers
