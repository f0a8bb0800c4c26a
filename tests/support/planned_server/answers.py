"""What the server answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

STATUSES: Mapping[str, int] = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}
"""HTTP's of the codes of google.rpc.Code."""


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
