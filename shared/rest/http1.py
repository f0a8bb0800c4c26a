"""HTTP/1.1 by `http.client`, with less work in a call: a request is made and sent in one piece, and the head of an
answer is read without the parser of mails. Together they were a tenth of the processor time of a read of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    LineTooLong,
    RemoteDisconnected,
)
from typing import IO

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: ([^\r\n]*))?\r?\n")
_LONGEST_LINE = 65_536
_MOST_HEADERS = 100
_WITHOUT_CONTENT = (204, 304)


class Response(HTTPResponse):
    """An answer; its `headers` are a mapping with names in lower case."""

    def begin(self) -> None:
        """Read the head."""
        status, version = 100, b""
        while status < 200:  # the head of the answer itself follows
            version, status, self.reason = _status(self.fp)
            headers = _headers(self.fp)
        self.status = self.code = status
        self.version = 11 if version == b"1" else 10
        self.headers = self.msg = headers  # type: ignore[assignment]  # only `get` is used
        self.chunked, self.chunk_left = headers.get("transfer-encoding", "").lower() == "chunked", None
        self.length = _length(status, headers, chunked=self.chunked)
        says_so = "close" in headers.get("connection", "").lower()
        self.will_close = says_so or self.version == 10 or (self.length is None and not self.chunked)


class Connection(HTTPConnection):
    """A connection without TLS. `http.client` opens and closes it; requests and heads of answers are ours."""

    authority = ""
    """The host that requests name, with its port unless that is the usual one."""

    def send_request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> None:
        """Raises ValueError for a path or header that would end its line."""
        content = body or b""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self.authority}", "accept-encoding: identity"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if content or method != "GET":
            lines.append(f"content-length: {len(content)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a line break in the head of a request")
        self.send("\r\n".join([*lines, "", ""]).encode("iso-8859-1") + content)

    def receive(self) -> Response:
        """The answer, with its head read. The connection is closed if the answer is its last."""
        response = Response(self.sock)
        try:
            response.begin()
        except BaseException:
            response.close()
            raise
        if response.will_close:
            self.close()
        return response


class SecureConnection(Connection, HTTPSConnection):
    """A connection over TLS."""


def _status(lines: IO[bytes]) -> tuple[bytes, int, str]:
    """The minor version, the status and the reason. Raises HTTPException."""
    line = _line(lines)
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise BadStatusLine(repr(line[:80]))
    return found[1], int(found[2]), (found[3] or b"").decode("iso-8859-1")


def _headers(lines: IO[bytes]) -> dict[str, str]:
    """The headers up to the empty line. Of those with one name, the last. Raises HTTPException."""
    found: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = _line(lines)
        if line in (b"\r\n", b"\n"):
            return found
        name, _colon, value = line.decode("iso-8859-1").partition(":")
        found[name.lower()] = value.strip()
    raise HTTPException(f"more than {_MOST_HEADERS} headers")


def _line(lines: IO[bytes]) -> bytes:
    line = lines.readline(_LONGEST_LINE + 1)
    if not line:
        raise RemoteDisconnected("closed before the end of the head of an answer")
    if len(line) > _LONGEST_LINE:
        raise LineTooLong("head of an answer")
    return line


def _length(status: int, headers: Mapping[str, str], *, chunked: bool) -> int | None:
    """The bytes of the content; None if it ends with its last chunk or the connection. Raises HTTPException."""
    if status in _WITHOUT_CONTENT:
        return 0
    said = headers.get("content-length")
    if said is None or chunked:
        return None
    if not said.isdecimal():
        raise HTTPException("a length that is no number")
    return int(said)
