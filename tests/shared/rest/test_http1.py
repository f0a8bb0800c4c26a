"""Heads of answers, beside `http.client`; and requests in one piece."""

from __future__ import annotations

import io
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rest.http1 import Connection, Response


class Sent:
    """What a socket has received."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def read(kind: type[HTTPResponse], content: bytes) -> HTTPResponse:
    answer = kind(Sent(content), method="POST")  # type: ignore[arg-type]
    answer.begin()
    return answer


def said(answer: Any) -> dict[str, Any]:
    names = ("status", "version", "chunked", "length", "will_close")
    return {
        **{name: getattr(answer, name) for name in names},
        "reason": answer.reason.strip(),
        "content": answer.read(),
    }


visible = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1, max_size=8)
headers = st.one_of(
    st.tuples(visible.map(lambda name: f"X-{name}"), st.text(st.characters(min_codepoint=32, max_codepoint=126))),
    st.tuples(st.sampled_from(["Connection", "connection"]), st.sampled_from(["close", "keep-alive", "Close"])),
    st.tuples(st.sampled_from(["Content-Type", "vary"]), st.just("application/json; charset=UTF-8")),
)


@given(
    st.sampled_from(["200 OK", "404 Not Found", "409", "503 ", "204 No Content"]),
    st.lists(headers, max_size=5, unique_by=lambda header: header[0].lower()),
    st.sampled_from(["length", "chunks", "end"]),
    st.booleans(),
)
def test_a_head_is_read_as_by_http_client(status: str, more: list[tuple[str, str]], end: str, continued: bool) -> None:
    body = b'{"a": 1}'
    if end == "length":
        more = [*more, ("Content-Length", str(len(body)))]
    elif end == "chunks":
        more, body = [*more, ("Transfer-Encoding", "chunked")], b"8\r\n" + body + b"\r\n0\r\n\r\n"
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in more)]
    head = ("HTTP/1.1 100 Continue\r\n\r\n" if continued else "") + "".join(f"{line}\r\n" for line in lines) + "\r\n"

    ours, theirs = (read(kind, head.encode() + body) for kind in (Response, HTTPResponse))

    for name, _value in more:
        assert ours.headers.get(name.lower()) == (theirs.headers.get(name) or "").strip()
    assert said(ours) == said(theirs)


def test_an_answer_by_http_1_0_is_the_last() -> None:
    assert read(Response, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}").will_close


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(101)) + b"\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_what_is_no_head_is_refused(content: bytes) -> None:
    with pytest.raises((HTTPException, ConnectionError)):
        read(Response, content)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the connections of a test send, piece by piece."""
    pieces: list[bytes] = []
    monkeypatch.setattr(Connection, "send", lambda _self, data: pieces.append(bytes(data)))
    return pieces


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", [None, b"{}", b"x" * 200_000])
def test_a_request_is_that_of_http_client_in_one_piece(sent: list[bytes], method: str, body: bytes | None) -> None:
    ours, theirs = Connection("localhost", 8080), HTTPConnection("localhost", 8080)
    ours.authority = "localhost:8080"
    theirs.send = sent.append  # type: ignore[assignment, method-assign]

    ours.send_request(method, "/v1/x?y=%20", body, {"x-a": "1", "x-b": "é"})
    theirs.request(method, "/v1/x?y=%20", body, {"x-a": "1", "x-b": "é"})

    heads = [set(one.lower().split(b"\r\n")) for one in (sent[0], b"".join(sent[1:]))]
    assert heads[0] == heads[1]
    assert sent[0].startswith(f"{method} /v1/x?y=%20 HTTP/1.1\r\n".encode())
    assert sent[0].endswith(b"\r\n\r\n" + (body or b""))


@pytest.mark.parametrize("path", ["/v1/x\r\nx-b: 2", "/v1/x\n"])
@pytest.mark.parametrize("header", ["1\r\nx-c: 3", "1\r", "1\n"])
def test_a_line_break_ends_no_line_of_a_head(sent: list[bytes], path: str, header: str) -> None:
    for refused in ((path, {}), ("/v1/x", {"x-a": header}), ("/v1/x", {header: "1"})):
        with pytest.raises(ValueError, match="line break"):
            Connection("localhost").send_request("GET", refused[0], None, refused[1])

    assert sent == []
