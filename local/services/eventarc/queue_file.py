"""The events that are not delivered yet, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from local.services.eventarc.event import Delivery, Event
from local.services.kit.sqlite import connect

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, id TEXT, headers TEXT NOT NULL,
    body BLOB NOT NULL, UNIQUE (function, id)
);
"""


class QueueFile:
    """Every change is on disk when the method returns. Not thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened: sqlite3.Connection | None = None

    def add(self, delivery: Delivery) -> int | None:
        """Store an event; returns its number. None if the file has an event of the same id for the same function."""
        event = delivery.event
        row = (delivery.function, event.id or None, json.dumps(dict(event.headers)), event.body)
        insert = "INSERT OR IGNORE INTO events (function, id, headers, body) VALUES (?, ?, ?, ?)"
        with self._connection as change:
            added = change.execute(insert, row)
        return added.lastrowid if added.rowcount == 1 else None

    def remove(self, number: int) -> None:
        with self._connection as change:
            change.execute("DELETE FROM events WHERE number = ?", (number,))

    def all(self) -> list[tuple[int, Delivery]]:
        """The stored events with their numbers, in the order of `add`."""
        rows = self._connection.execute("SELECT number, function, headers, body FROM events ORDER BY number")
        return [
            (number, Delivery(function, Event(json.loads(headers), body))) for number, function, headers, body in rows
        ]

    def close(self) -> None:
        """Close the file; the next call of another method opens it again."""
        if self._opened:
            self._opened.close()
            self._opened = None

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = connect(self._file, _SCHEMA)
        return self._opened
