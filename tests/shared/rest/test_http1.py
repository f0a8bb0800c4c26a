"""Heads of answers, beside `http.client`; and requests in one piece."""

from __future__ import annotations

import io
import socket
from http.client import HTTPException, HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rest.http1 import PlainConnection, Response


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


@pytest.mark.parametrize("body", [None, b"{}", b"x" * 200_000])
def test_a_request_is_sent_in_one_piece(body: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = PlainConnection(*server.getsockname())
        connection.connect()
        monkeypatch.setattr(type(connection).__mro__[2], "send", lambda _self, data: pieces.append(bytes(data)))
        connection.request("POST", "/v1/x", body, {"x-a": "1"})
        connection.close()

    [sent] = pieces
    head, _, content = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert content == (body or b"")
