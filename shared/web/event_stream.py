"""Server-sent events (WHATWG HTML, section "Server-sent events"): their format, and a response that follows something.

A stream polls a state or a series and sends what is new as events. It closes itself before the function's timeout and
before it is too long, and the client reconnects with the id of the last event that it got (Last-Event-ID). Rights are
checked when a stream opens: a caller whose access is withdrawn keeps the open stream, for OPEN_SECONDS at most.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Any, Generic, NamedTuple, TypeVar

from flask import Response

from shared import settings
from shared.records.event import Event, Events
from shared.records.problems import Problem
from shared.web import serialization

_log = logging.getLogger("synapse.web")

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"
POLL_SECONDS = 1.0
"""Between two polls. A write follows each poll, so that a stream whose client is gone ends after two polls: the first
write after the end of a connection still succeeds."""
OPEN_SECONDS = 50.0
"""A stream closes itself after this time; the timeout of the functions is 60 s."""
MOST_BYTES = 8 * 1024**2
"""A stream that sent so much closes itself; Cloud Run functions stream 10 MB (quotas page, read November 2026)."""
RETRY_SECONDS = 1
"""How long a client waits before it reconnects."""
RETRY_SECONDS_WHEN_FULL = 5
_COMMENT = b":\n\n"
"""A heartbeat: clients ignore it, and intermediaries do not cut the connection as idle."""
_HEADERS = {"X-Accel-Buffering": "no"}
"""Reverse proxies that know this header pass each event on at once. The common headers forbid caches."""


@dataclass(frozen=True)
class EventStream(Generic[T]):
    """What happens from now on as a result, and what the client has missed."""

    poll: Callable[[str], Events[T]]
    """Reads what is new after the event of this id; empty: the client has none. Called for the first time before the
    response begins."""
    poll_seconds: float = POLL_SECONDS


class Pace(NamedTuple):
    """The clock of a stream, in seconds."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


PACE = Pace()


def stream_response(result: EventStream[Any], last_event_id: str | None, *, clinical: bool, operation: str) -> Response:
    """A response that follows the result; 204, at which clients stop, if the client has the final event already.

    A `last_event_id` that names no event is not refused, whatever its form: the client gets the current version, or
    the whole series. To a refusal, a client of the standard would not reconnect.
    """
    follower = Follower(result, last_event_id or "", clinical=clinical)
    if follower.final and not follower.frames:
        return Response(status=204)
    frames = _body(follower, PACE.clock() + OPEN_SECONDS, PACE)
    return Response(_InContext(_logged(frames, operation)), 200, dict(_HEADERS), content_type=MEDIA_TYPE)


class Follower:
    """A client that follows a result: what it has got, and what it gets next."""

    def __init__(self, result: EventStream[Any], seen: str, *, clinical: bool) -> None:
        """Poll for the first time. `seen` is the id of the last event that the client has."""
        self.poll_seconds = result.poll_seconds
        self._poll = result.poll
        self._seen = seen
        self._clinical = clinical
        self.advance()

    def advance(self) -> None:
        """Poll again: `frames` is then what is new, in the stream's format, and `final` whether more is expected."""
        polled = self._poll(self._seen)
        self.final = polled.final
        self.frames = b"".join(self._frame(event) for event in polled.unseen)
        if polled.unseen:
            self._seen = polled.unseen[-1].id

    def _frame(self, event: Event[Any]) -> bytes:
        shown = serialization.shown(event.data, self._clinical)
        return event_frame(event.id, json.dumps(shown, ensure_ascii=False))


def most_open() -> int:
    """How many streams an instance keeps open; above it, a response has only the current state. An open stream occupies
    a thread of the instance: half of them stay free for other requests."""
    threads: int = settings.load(settings.Web).threads
    return threads // 2


@cache
def _open() -> BoundedSemaphore:
    """The places for open streams of this instance."""
    return BoundedSemaphore(most_open())


def _body(follower: Follower, until: float, pace: Pace) -> Iterator[bytes]:
    """The response's body; holds one of the instance's streams while it is open."""
    if not _open().acquire(blocking=False):
        yield retry_frame(RETRY_SECONDS_WHEN_FULL) + follower.frames
        return
    try:
        yield from followed(follower, until, pace)
    finally:
        _open().release()


def followed(follower: Follower, until: float, pace: Pace) -> Iterator[bytes]:
    """What the client does not have, until the final event, the time `until` or MOST_BYTES."""
    yield retry_frame(RETRY_SECONDS) + follower.frames
    sent = len(follower.frames)
    while not follower.final and pace.clock() + follower.poll_seconds <= until and sent < MOST_BYTES:
        pace.sleep(follower.poll_seconds)
        follower.advance()
        sent += len(follower.frames)
        yield follower.frames or _COMMENT


def event_frame(id: str, data: str) -> bytes:
    """An event. Raises ValueError for an id that no client would send back."""
    if not re.fullmatch(r"[\x21-\x7e]+", id):
        raise ValueError("an event's id is visible ASCII")
    lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", data))
    return f"id: {id}\n{lines}\n".encode()


def retry_frame(seconds: int) -> bytes:
    """How long the client waits before it reconnects."""
    return f"retry: {seconds * 1000}\n\n".encode()


def _logged(frames: Iterator[bytes], operation: str) -> Generator[bytes]:
    """The frames; an error ends the stream, and the client that reconnects gets it as a problem response."""
    try:
        yield from frames
    except Problem:
        return
    except Exception:
        _log.exception("an error ended a stream", extra={"operation": operation})


class _InContext:
    """Runs a generator in the context of its request, where log lines get the trace id: the server iterates a response
    after the handler has returned."""

    def __init__(self, frames: Generator[bytes]) -> None:
        self._frames = frames
        self._run = copy_context().run

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._run(next, self._frames)

    def close(self) -> None:
        """End the generator. The server calls this at the end of the response, and when the client is gone."""
        self._run(self._frames.close)
