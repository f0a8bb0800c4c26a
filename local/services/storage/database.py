"""The SQLite file of buckets, objects, upload sessions, and the outbox of events; content is in other files."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.services.kit.sqlite import connect
from local.services.storage.conditions import Resource
from local.services.storage.events import StorageEvent, storage_event

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, resource TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, resource TEXT NOT NULL, PRIMARY KEY (bucket, name)
);
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, type TEXT NOT NULL, resource TEXT NOT NULL
);
"""


class Change:
    """One transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put_bucket(self, resource: Resource) -> None:
        self._connection.execute("REPLACE INTO buckets VALUES (?, ?)", (resource["name"], json.dumps(resource)))

    def remove_bucket(self, name: str) -> None:
        self._connection.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def put_object(self, resource: Resource) -> None:
        """Create or replace the object of this name; its content must already be on disk."""
        row = (resource["bucket"], resource["name"], json.dumps(resource))
        self._connection.execute("REPLACE INTO objects VALUES (?, ?, ?)", row)

    def remove_object(self, resource: Resource) -> None:
        delete = "DELETE FROM objects WHERE bucket = ? AND name = ?"
        self._connection.execute(delete, (resource["bucket"], resource["name"]))

    def put_session(self, state: Resource) -> None:
        self._connection.execute("REPLACE INTO sessions VALUES (?, ?)", (state["id"], json.dumps(state)))

    def remove_session(self, session_id: str) -> None:
        self._connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,))

    def enqueue(self, event_type: str, resource: Resource) -> None:
        """Put the event of an object into the outbox."""
        insert = "INSERT INTO outbox (id, type, resource) VALUES (?, ?, ?)"
        self._connection.execute(insert, (uuid.uuid4().hex, event_type, json.dumps(resource)))


class Database:
    """Thread-safe."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._connection = connect(file, _SCHEMA)

    @contextmanager
    def change(self) -> Iterator[Change]:
        """A transaction, which is on disk at the end of the block unless an error is raised."""
        with self._lock, self._connection:
            yield Change(self._connection)

    def buckets(self) -> list[Resource]:
        return self._resources("SELECT resource FROM buckets")

    def objects(self) -> list[Resource]:
        return self._resources("SELECT resource FROM objects")

    def sessions(self) -> list[Resource]:
        return self._resources("SELECT state FROM sessions")

    def outbox(self) -> list[tuple[int, StorageEvent]]:
        """All events with their numbers, in the order of their transactions."""
        with self._lock:
            rows = self._connection.execute("SELECT number, type, resource, id FROM outbox ORDER BY number").fetchall()
        return [(number, storage_event(kind, json.loads(resource), event)) for number, kind, resource, event in rows]

    def acknowledge(self, number: int) -> None:
        """Remove an event from the outbox."""
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM outbox WHERE number = ?", (number,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _resources(self, query: str) -> list[Resource]:
        with self._lock:
            rows = self._connection.execute(query).fetchall()
        return [json.loads(text) for (text,) in rows]
