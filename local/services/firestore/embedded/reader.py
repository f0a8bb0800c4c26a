"""Reads of one snapshot of the SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from local.services.firestore.embedded import postings
from local.services.firestore.embedded.names import Path
from local.services.firestore.embedded.rows import Row, row_key

_SELECT = (
    "select documents.id, collections.path, documents.name, created, updated, content"
    " from documents join collections on documents.collection = collections.id"
)


class Reader:
    """Reads one snapshot of the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, path: Path) -> Row | None:
        return next(self._rows("collections.path = ? and documents.name = ?", path.collection, path.document), None)

    def by_id(self, document: int) -> Row:
        return next(self._rows("documents.id = ?", document))

    def keys(self, documents: Iterable[int]) -> Iterator[tuple[bytes, int]]:
        """The keys of documents, each with its document, in no order."""
        found = self._connection.execute(
            "select collections.path, documents.name, documents.id"
            " from documents join collections on documents.collection = collections.id"
            " where documents.id in (select value from json_each(?))",
            (json.dumps([*documents]),),
        )
        return ((row_key(collection, name), document) for collection, name, document in found)

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

    def postings(self, index: int, heads: Iterable[int], lower: bytes, upper: bytes) -> Iterator[tuple[bytes, int]]:
        """The documents of an array index with one of the heads, and tails from `lower` to before `upper`, by tail."""
        found = {document for head in heads for document in self._documents(head)}
        return self._connection.execute(
            "select tail, document from tails where document in (select value from json_each(?))"
            " and number = ? and tail >= ? and tail < ? order by tail",
            (json.dumps(sorted(found)), index, lower, upper),
        )

    def _documents(self, head: int) -> Iterator[int]:
        first, others = postings.partition(head)
        rows = self._connection.execute(
            "select block, packed from postings where first = ? and instr(packed, ?)", (first, others)
        )
        return (document for block, packed in rows for document in postings.documents(block, packed, others))

    def _rows(self, condition: str, *values: Any) -> Iterator[Row]:
        return (Row(*row) for row in self._connection.execute(f"{_SELECT} where {condition}", values))
