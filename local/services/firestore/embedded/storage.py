"""The SQLite file: documents, index entries, and the outbox of events. One writer; readers see snapshots.

A commit is in the operating system's files when it is acknowledged, so it survives a killed process, but perhaps not a
loss of power: synchronous is OFF, since an fsync at each checkpoint would triple the time of a commit.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from queue import Empty, LifoQueue
from typing import Any

from local.services.firestore.embedded.indexes import Entry, Indexes
from local.services.firestore.embedded.messages import Document, set_time
from local.services.firestore.embedded.names import Path
from local.services.kit.sqlite import connect

_SCHEMA = """
create table if not exists collections(id integer primary key, path blob not null unique, name text not null);
create index if not exists collections_by_name on collections(name);
create table if not exists documents(
  id integer primary key, collection integer not null, name blob not null,
  created integer not null, updated integer not null, content blob not null, unique(collection, name));
create table if not exists entries(
  head integer not null, tail blob not null, document integer not null, primary key(head, tail, document)
) without rowid;
create table if not exists outbox(
  id integer primary key autoincrement, listener text not null, headers text not null, body blob not null);
"""
_PRAGMAS = ("wal_autocheckpoint=8000", "busy_timeout=10000")
_WRITER_CACHE, _READER_CACHE = 64_000, 8_000
"""Kibibytes."""
_SELECT = (
    "select documents.id, collections.path, documents.name, created, updated, content"
    " from documents join collections on documents.collection = collections.id"
)

Clock = Callable[[], int]
"""Microseconds since the epoch."""


def system_clock() -> int:
    return time.time_ns() // 1000


@dataclass
class Row:
    """A stored document."""

    id: int
    collection: bytes
    name: bytes
    created: int
    updated: int
    """Microseconds since the epoch."""
    content: bytes

    @cached_property
    def document(self) -> Any:
        """The document's fields; without its name and times."""
        return Document.FromString(self.content)

    @property
    def path(self) -> Path:
        return Path.of(self.collection, self.name)

    @property
    def key(self) -> bytes:
        """The path as bytes that sort like paths."""
        return b"%b\0%b\0" % (self.collection, self.name)

    def message(self, database: str) -> Any:
        """The document as responses contain it."""
        message = Document.FromString(self.content)
        message.name = f"{database}/documents/{self.path}"
        set_time(message.create_time, self.created)
        set_time(message.update_time, self.updated)
        return message


class Reader:
    """Reads one snapshot of the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, path: Path) -> Row | None:
        return next(self._rows("collections.path = ? and documents.name = ?", path.collection, path.document), None)

    def by_id(self, document: int) -> Row:
        return next(self._rows("documents.id = ?", document))

    def collection(self, path: bytes, after: bytes = b"", limit: int = -1) -> Iterator[Row]:
        """The documents of a collection with ids after `after`, by id; -1 is no limit."""
        condition = "collections.path = ? and documents.name > ? order by documents.name limit ?"
        return self._rows(condition, path, after, limit)

    def group(self, below: bytes, collection_id: str = "") -> Iterator[Row]:
        """The documents of all collections below a path, or of those with this id, in no order."""
        condition, values = "true", []
        if below:
            condition, values = "collections.path > ? and collections.path < ?", [below + b"\0", below + b"\1"]
        if collection_id:
            condition += " and collections.name = ?"
        return self._rows(condition, *values, *([collection_id] if collection_id else []))

    def collections(self, below: bytes) -> Iterator[bytes]:
        """The paths of all collections below a path that have documents."""
        lower, upper = (below + b"\0", below + b"\1") if below else (b"", b"\xff")
        found = self._connection.execute(
            "select path from collections where path > ? and path < ?"
            " and exists (select 1 from documents where collection = collections.id)",
            (lower, upper),
        )
        return (path for (path,) in found)

    def entries(self, head: int, lower: bytes, upper: bytes) -> Iterator[tuple[bytes, int]]:
        """The entries with tails from `lower` to before `upper`, by tail: tail and document."""
        return self._connection.execute(
            "select tail, document from entries where head = ? and tail >= ? and tail < ? order by tail",
            (head, lower, upper),
        )

    def _rows(self, condition: str, *values: Any) -> Iterator[Row]:
        return (Row(*row) for row in self._connection.execute(f"{_SELECT} where {condition}", values))


class Writer(Reader):
    """The one writing transaction; also reads what it has written."""

    def put(self, path: Path, before: Row | None, content: bytes, now: int) -> int:
        """Insert or update a document; returns its row id."""
        if before is not None:
            self._connection.execute(
                "update documents set updated = ?, content = ? where id = ?", (now, content, before.id)
            )
            return before.id
        inserted = self._connection.execute(
            "insert into documents(collection, name, created, updated, content) values (?, ?, ?, ?, ?)",
            (self._collection(path), path.document, now, now, content),
        )
        return int(inserted.lastrowid or 0)

    def delete(self, row: Row) -> None:
        self._connection.execute("delete from documents where id = ?", (row.id,))

    def index(self, document: int, removed: Iterable[Entry], added: Iterable[Entry]) -> None:
        """Change the index entries of a document."""
        delete = "delete from entries where head = ? and tail = ? and document = ?"
        self._connection.executemany(delete, [(head, tail, document) for head, tail in removed])
        insert = "insert into entries values (?, ?, ?)"
        self._connection.executemany(insert, [(head, tail, document) for head, tail in sorted(added)])

    def enqueue(self, listener: str, headers: str, body: bytes) -> None:
        """Put an event into the outbox."""
        self._connection.execute(
            "insert into outbox(listener, headers, body) values (?, ?, ?)", (listener, headers, body)
        )

    def _collection(self, path: Path) -> int:
        found = self._connection.execute("select id from collections where path = ?", (path.collection,)).fetchone()
        if found:
            return int(found[0])
        insert = "insert into collections(path, name) values (?, ?)"
        return int(self._connection.execute(insert, (path.collection, path.collection_id)).lastrowid or 0)


class Storage:
    """The file of one database."""

    def __init__(self, file: FilePath, indexes: Indexes, clock: Clock = system_clock) -> None:
        self._file = file
        self.indexes = indexes
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer = self._open(_WRITER_CACHE)
        self._last: int = self._writer.execute("select coalesce(max(updated), 0) from documents").fetchone()[0]

    def read_time(self) -> int:
        """A time at which all commits so far are visible, in microseconds."""
        return max(self._clock(), self._last)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A snapshot of the database."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._open(_READER_CACHE)
        connection.execute("begin")
        try:
            yield Reader(connection)
        finally:
            connection.execute("rollback")
            self._idle.put(connection)

    @contextmanager
    def writing(self, timeout: float) -> Iterator[tuple[Writer, int]]:
        """The writer, and the commit time, later than all before. Commits at the end unless an error is raised.

        Raises TimeoutError after `timeout` seconds without a turn.
        """
        if not self._lock.acquire(timeout=timeout):
            raise TimeoutError
        try:
            self._writer.execute("begin immediate")
            now = max(self._clock(), self._last + 1)
            try:
                yield Writer(self._writer), now
                self._writer.execute("commit")
            except BaseException:
                self._writer.execute("rollback")
                raise
            self._last = now
        finally:
            self._lock.release()

    def outbox(self, limit: int = 100) -> list[tuple[int, str, str, bytes]]:
        """The oldest events: id, listener, headers, body."""
        with self._lock:
            return self._writer.execute("select * from outbox order by id limit ?", (limit,)).fetchall()

    def acknowledge(self, event: int) -> None:
        """Remove an event from the outbox."""
        with self._lock:
            self._writer.execute("delete from outbox where id = ?", (event,))

    def clear(self) -> None:
        """Delete everything."""
        with self._lock:
            self._writer.executescript(
                "delete from documents; delete from entries; delete from outbox; delete from collections"
            )

    def close(self) -> None:
        with self._lock:
            self._writer.close()
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _open(self, cache: int) -> sqlite3.Connection:
        connection = connect(self._file, _SCHEMA, autocommit=True)
        for pragma in (*_PRAGMAS, f"cache_size=-{cache}"):
            connection.execute(f"pragma {pragma}").fetchall()
        return connection
