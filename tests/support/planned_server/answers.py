"""What the server answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Failure(NamedTuple):
    """An error of the API."""

    code: str
    after: Sequence[Any] = ()
    """What a stream answered before it failed."""


class Raw(NamedTuple):
    """What a proxy on the way answers."""

    status: int
    content: bytes = b"<html><title>Error</title></html>"


class Half(NamedTuple):
    """Only the first half of this answer comes before the connection is closed."""

    answer: Any


class Late(NamedTuple):
    """The answer comes when `hang` is set, unless the caller has closed the connection before."""

    answer: Any


class Last(NamedTuple):
    """The connection is closed after this answer."""

    answer: Any
    said: bool = True
    """By `Connection: close`."""


CUT = Half(None)
"""The connection is closed instead of an answer."""

Answer = Any
"""One of these; any other value is answered as JSON, but None is not answered before `hang` is set."""
