"""The SQLite file: documents, index entries, and the outbox of events. One writer; readers see snapshots.

A commit is in the operating system's files when it is acknowledged, so it survives a killed process, but perhaps not a
loss of power: synchronous is OFF, since an fsync at each checkpoint would triple the time of a commit.

`user_version` of the file is the version of its index entries. A file with another one gets new entries when it is
opened: after an upgrade, or after a change of infra/firestore.yaml.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from queue import Empty, LifoQueue

from local.services.firestore.embedded.indexes import Entries, Indexes
from local.services.firestore.embedded.reader import Reader
from local.services.firestore.embedded.writer import Writer
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
create table if not exists postings(
  first integer not null, block integer not null, packed blob not null, primary key(first, block)) without rowid;
create table if not exists tails(
  document integer not null, number integer not null, tail blob not null, primary key(document, number)) without rowid;
create table if not exists outbox(
  id integer primary key autoincrement, listener text not null, headers text not null, body blob not null);
"""
_PRAGMAS = ("wal_autocheckpoint=2000", "journal_size_limit=8000000", "busy_timeout=10000")
"""Pages of 4 KiB, bytes, milliseconds. The write-ahead log takes some 8 MB."""
_WRITER_CACHE, _READER_CACHE = 64_000, 8_000
"""Kibibytes."""

_DELETE_ENTRIES = ("delete from entries", "delete from postings", "delete from tails")
_DELETE_ALL = ("delete from collections", "delete from documents", "delete from outbox", *_DELETE_ENTRIES)
_REBUILD_BATCH = 1000
"""Documents."""

Clock = Callable[[], int]
"""Microseconds since the epoch."""


def system_clock() -> int:
    return time.time_ns() // 1000


class Storage:
    """The file of one database."""

    def __init__(self, file: FilePath, indexes: Indexes, clock: Clock = system_clock) -> None:
        self._file = file
        self.indexes = indexes
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer = self._open(_WRITER_CACHE)
        if self._writer.execute("pragma user_version").fetchone()[0] != indexes.version:
            self._rebuild()
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
                writer = Writer(self._writer)
                yield writer, now
                writer.flush()
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
            self._writer.execute("begin immediate")
            for statement in _DELETE_ALL:
                self._writer.execute(statement)
            self._writer.execute("commit")

    def close(self) -> None:
        with self._lock:
            self._writer.close()
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _rebuild(self) -> None:
        """Replace index entries that have another format or are those of other declarations."""
        self._writer.execute("begin immediate")
        for statement in _DELETE_ENTRIES:
            self._writer.execute(statement)
        writer = Writer(self._writer)
        rows = writer.group(b"")
        while batch := list(itertools.islice(rows, _REBUILD_BATCH)):
            for row in batch:
                writer.index(row.id, Entries(), self.indexes.entries(row.path, row.document))
            writer.flush()
        self._writer.execute(f"pragma user_version = {self.indexes.version}")
        self._writer.execute("commit")

    def _open(self, cache: int) -> sqlite3.Connection:
        connection = connect(self._file, _SCHEMA, autocommit=True)
        for pragma in (*_PRAGMAS, f"cache_size=-{cache}"):
            connection.execute(f"pragma {pragma}").fetchall()
        return connection
