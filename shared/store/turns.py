"""Turns: the changes of one instance that count on the same counter go on one after the other, in the order they came.

Those who read the same count meanwhile would all but one fail and do their work again. Turns only spare that work: the
preconditions of the commit keep numbers exact, also between instances, and when a turn does not come in time.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock

from shared.store.firestore.snapshot import Snapshot

WAIT_SECONDS = 10.0
"""How long a change waits for its turn. Then it goes on without: its commit may then fail, and is tried again."""
_MOST_LINES = 200
"""Counters whose lines an instance keeps: those that were used last. A line that is dropped costs its last users a
conflict at most."""
_MOST_VERSIONS = 500
"""Versions of a counter that are remembered: more than requests that wait at once."""


class Turns:
    """The turns that one unit of work has."""

    def __init__(self, clinic_id: str) -> None:
        self._clinic_id = clinic_id
        self._lines: dict[str, _Line] = {}

    def wait(self, counter: str, read: Snapshot) -> Snapshot:
        """Wait for the turn at a counter. Returns the counter as it is now, as far as this instance has changed it, or
        as it was `read`.

        Who has a turn does not wait for another one, so no two wait for each other.
        """
        if counter not in self._lines:
            line = _line_at(f"{self._clinic_id}/{counter}")
            if not line.enter(0.0 if self._lines else WAIT_SECONDS):
                return read
            self._lines[counter] = line
        return self._lines[counter].latest(read)

    def committed(self, counter: str, before: Snapshot, after: Snapshot) -> None:
        """Let who is next continue with the counter as this commit left it."""
        if counter in self._lines:
            self._lines[counter].add(before, after)

    def end(self) -> None:
        """Let others have their turns."""
        for line in self._lines.values():
            line.leave()
        self._lines.clear()


class _Line:
    """Who waits at one counter, and the counter as the last one left it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._waiting: deque[Event] = deque()
        self._left: Snapshot | None = None
        self._versions: deque[str] = deque(maxlen=_MOST_VERSIONS)
        """Those from which only commits of this line led to the one that was left."""

    def enter(self, seconds: float) -> bool:
        """True once it is the caller's turn; false when it did not come in time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = Event()
            self._waiting.append(called)
        if called.wait(seconds):
            return True
        with self._lock:
            if not called.is_set():
                self._waiting.remove(called)
            return called.is_set()

    def leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    # Only who has the turn calls what follows

    def latest(self, read: Snapshot) -> Snapshot:
        """The counter as it was left, if only commits of this line have changed it since it was read: whoever else
        changes a counter means to be noticed by those who have read it before. A counter that was not there is as it
        was read."""
        return self._left if self._left is not None and _version(read) in self._versions else read

    def add(self, before: Snapshot, after: Snapshot) -> None:
        if self._left is None or _version(self._left) != _version(before):
            self._versions.clear()
        if version := _version(before):
            self._versions.append(version)
        self._left = after


_LINES: dict[str, _Line] = {}
"""By the path of the counter, the one that was used last at the end."""
_lock = Lock()


def _line_at(path: str) -> _Line:
    with _lock:
        _LINES[path] = line = _LINES.pop(path, None) or _Line()
        while len(_LINES) > _MOST_LINES:
            del _LINES[next(iter(_LINES))]
    return line


def _version(counter: Snapshot) -> str | None:
    return counter.version if counter.exists else None
