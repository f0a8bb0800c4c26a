"""Request bodies of one megabyte that cost as much as possible."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import flask

SIZE = 1_000_000


def filled(start: str, part: str, end: str) -> bytes:
    """`start`, as many times `part` as fit into a megabyte, and `end`."""
    count = (SIZE - len(start.encode()) - len(end.encode())) // len(part.encode())
    return (start + part * count + end).encode()


def _names(size: int) -> bytes:
    """An object with as many different names as fit."""
    count = size // 12
    return ("{" + ",".join(f'"x{number:06d}":1' for number in range(count)) + "}").encode()[:SIZE]


BODIES: Mapping[str, Callable[[], bytes]] = {
    "many wrong items": lambda: filled('{"text":"a","kinds":[1', ",1", "]}"),
    "many unknown names": lambda: _names(SIZE - 20),
    "one name many times": lambda: filled('{"x":1', ',"x":1', "}"),
    "many edits": lambda: filled('{"edits":[{}', ",{}", "]}"),
    "many empty lists": lambda: filled('{"tags":[[]', ",[]", "]}"),
    "many small objects": lambda: filled('[{"":0}', ',{"":0}', "]"),
    "deep lists": lambda: b"[" * SIZE,
    "deep objects": lambda: filled("", '{"a":', ""),
    "one long text": lambda: filled('{"notes":"', "x", '"}'),
    "one long text of escapes": lambda: filled('{"first_name":"', "\\u0001", '"}'),
    "one long text of emoji": lambda: filled('{"first_name":"', "😀", '"}'),
    "one long name": lambda: filled('{"', "n", '":1}'),
    "one long number": lambda: filled('{"text":', "9", "}"),
    "many numbers": lambda: filled("[0.1", ",0.1", "]"),
    "spaces": lambda: filled("{", " ", "}"),
    "long edits": lambda: json.dumps(
        {"edits": [{"section": "plan", "text": "x" * 19_000, "reason": "r"}] * 50}
    ).encode(),
    "many surrogates": lambda: filled('{"text":"', "\\ud800", '"}'),
}
"""By what they are made of."""


def request_with(body: bytes) -> flask.Request:
    """A POST with this body."""
    app = flask.Flask("hostile")
    with app.test_request_context("/", method="POST", data=body, content_type="application/json") as context:
        return context.request
