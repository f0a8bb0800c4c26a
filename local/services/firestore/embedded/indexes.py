"""The index entries of a document, and the limits on them.

An entry of a composite index is (head, tail, document). The head is a 32-bit hash of the index, the collection and the
values of the equality and array filters: a query looks it up, and reads the entries of one head in the order of the
tail, which is the encoded sort order. Whoever reads entries must compare the documents with the filters, since hashes
collide. So an entry takes some 25 bytes, however long the values are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.firestore_indexes import CompositeIndex, FirestoreIndexes
from local.services.firestore.embedded import fields
from local.services.firestore.embedded.names import FieldPath, Path, field_path, invalid
from local.services.firestore.embedded.ordering import encode, inverted

MAX_INDEXED_VALUE = 1500
"""Bytes of an indexed value. Firestore truncates longer ones, so that queries miss documents; here they are refused."""
MAX_ENTRIES = 40_000
"""Index entries of a document."""

Entry = tuple[int, bytes]
"""Head and tail."""


@dataclass(frozen=True)
class Index:
    """A composite index as the storage maintains it."""

    number: int
    declared: CompositeIndex

    def entries(self, collection: bytes, document: Any) -> set[Entry]:
        """The entries of a document; none if it lacks a field of the index."""
        tail = self._tail(document)
        if tail is None:
            return set()
        values = [_encoded(document, field) for field in self.declared.equal]
        if None in values:
            return set()
        scope = b"" if self.declared.group else collection
        if self.declared.contains is None:
            return {(self.head(scope, values), tail)}
        array = fields.find(document.fields, field_path(self.declared.contains))
        if array is None or array.WhichOneof("value_type") != "array_value":
            return set()
        common = self._digest(scope, values)
        elements = {encode(element) for element in array.array_value.values}
        return {(_head(_extended(common.copy(), element)), tail) for element in elements}

    def head(self, scope: bytes, values: Iterable[bytes | None]) -> int:
        """The head for encoded values: those of `equal` in order, then the array's element.

        `scope` is the collection's path; empty for a collection group.
        """
        return _head(self._digest(scope, values))

    def _digest(self, scope: bytes, values: Iterable[bytes | None]) -> hashlib.blake2b:
        digest = hashlib.blake2b(b"%d\0" % self.number, digest_size=4)
        for part in (scope, *values):
            assert part is not None
            _extended(digest, part)
        return digest

    def _tail(self, document: Any) -> bytes | None:
        tail = b""
        for field, descending in self.declared.order:
            part = _encoded(document, field)
            if part is None:
                return None
            tail += inverted(part) if descending else part
        return tail


def _extended(digest: hashlib.blake2b, part: bytes) -> hashlib.blake2b:
    digest.update(b"%d\0%b" % (len(part), part))
    return digest


def _head(digest: hashlib.blake2b) -> int:
    return int.from_bytes(digest.digest(), signed=True)


def _encoded(document: Any, field: str) -> bytes | None:
    value = fields.find(document.fields, field_path(field))
    return None if value is None else encode(value)


class Indexes:
    """The indexes of one database."""

    def __init__(self, declared: FirestoreIndexes) -> None:
        self._by_collection: dict[str, list[Index]] = {}
        for number, index in enumerate(declared.composite):
            self._by_collection.setdefault(index.collection, []).append(Index(number, index))
        self._exempt = {(collection, field_path(field)) for collection, field in declared.exempt}

    def of(self, collection_id: str) -> list[Index]:
        """The composite indexes of collections with this id."""
        return self._by_collection.get(collection_id, [])

    def is_exempt(self, collection_id: str, path: FieldPath) -> bool:
        """True if the field, or a map that contains it, has no single-field index."""
        return any((collection_id, path[:length]) in self._exempt for length in range(1, len(path) + 1))

    def entries(self, path: Path, document: Any) -> set[Entry]:
        """The entries of a document in all composite indexes."""
        return {entry for index in self.of(path.collection_id) for entry in index.entries(path.collection, document)}

    def require_indexable(self, path: Path, document: Any, composite: int) -> None:
        """Raises StatusError for a document over the limits; `composite` is the number of its composite entries."""
        count = composite
        for value, entries in self._indexed(path.collection_id, document.fields, ()):
            if fields.value_size(value) > MAX_INDEXED_VALUE:
                raise invalid(f"{path}: an indexed value is longer than {MAX_INDEXED_VALUE} bytes")
            count += entries
        if count > MAX_ENTRIES:
            raise invalid(f"{path}: too many index entries for entity: {count} of at most {MAX_ENTRIES}")

    def _indexed(self, collection_id: str, values: Any, outer: FieldPath) -> Iterator[tuple[Any, int]]:
        """The values with single-field indexes and the number of their entries: one for each element of an array, and
        two, ascending and descending, for any other value."""
        for name, value in values.items():
            path = (*outer, name)
            kind = value.WhichOneof("value_type")
            if self.is_exempt(collection_id, path):
                continue
            if kind == "map_value":
                yield from self._indexed(collection_id, value.map_value.fields, path)
            elif kind == "array_value":
                yield from ((element, 1) for element in value.array_value.values)
            else:
                yield value, 2
