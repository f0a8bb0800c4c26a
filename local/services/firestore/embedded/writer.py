"""The writing transaction of the SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from local.services.firestore.embedded.indexes import Entries
from local.services.firestore.embedded.names import Path
from local.services.firestore.embedded.postings import PostingChanges
from local.services.firestore.embedded.reader import Reader
from local.services.firestore.embedded.rows import Row


class Writer(Reader):
    """The one writing transaction; also reads the documents that it has written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._postings = PostingChanges()
        self._collections: dict[bytes, int] = {}

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

    def index(self, document: int, before: Entries, after: Entries) -> None:
        """Change the index entries of a document, at most once before `flush`."""
        delete = "delete from entries where head = ? and tail = ? and document = ?"
        self._change(delete, [(head, tail, document) for head, tail in before.ordered - after.ordered])
        insert = "insert into entries values (?, ?, ?)"
        self._change(insert, [(head, tail, document) for head, tail in after.ordered - before.ordered])
        delete = "delete from tails where document = ? and number = ?"
        self._change(delete, [(document, number) for number, _ in before.tails - after.tails])
        insert = "insert into tails values (?, ?, ?)"
        self._change(insert, [(document, number, tail) for number, tail in after.tails - before.tails])
        self._postings.note(document, before.elements - after.elements, after.elements - before.elements)

    def flush(self) -> None:
        """Write the changed postings. Readers see them only then; the last step of a transaction."""
        select = "select packed from postings where first = ? and block = ?"
        changed, emptied = [], []
        for place in self._postings.places():
            [packed] = self._connection.execute(select, place).fetchone() or [b""]
            if packed := self._postings.applied(place, packed):
                changed.append((*place, packed))
            else:
                emptied.append(place)
        self._change("insert or replace into postings values (?, ?, ?)", changed)
        self._change("delete from postings where first = ? and block = ?", emptied)
        self._postings = PostingChanges()

    def enqueue(self, listener: str, headers: str, body: bytes) -> None:
        """Put an event into the outbox."""
        self._connection.execute(
            "insert into outbox(listener, headers, body) values (?, ?, ?)", (listener, headers, body)
        )

    def _collection(self, path: Path) -> int:
        """The row id of a document's collection; inserted if it is new."""
        key = path.collection
        if key not in self._collections:
            found = self._connection.execute("select id from collections where path = ?", (key,)).fetchone()
            if not found:
                insert = "insert into collections(path, name) values (?, ?) returning id"
                found = self._connection.execute(insert, (key, path.collection_id)).fetchone()
            self._collections[key] = found[0]
        return self._collections[key]

    def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.executemany(statement, rows)
