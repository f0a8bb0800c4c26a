"""The index entries of a document, and the limits on them.

An entry of a composite index is (head, tail, document). The head is a CRC-32 of the index, the collection and the
values of the equality and array filters: a query looks it up, and reads the entries of one head in the order of the
tail, which is the encoded sort order. The reader must compare the documents with the collection and the filters, since
hashes collide. An index with an array stores the tail once for a document, and the heads of the elements as postings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from infra.firestore_indexes import CompositeIndex, FirestoreIndexes
from local.services.firestore.embedded import fields
from local.services.firestore.embedded.names import FieldPath, Path, field_path, invalid
from local.services.firestore.embedded.ordering import encode, inverted

MAX_INDEXED_VALUE = 1500
"""Bytes of an indexed value. Firestore truncates longer ones, so that queries miss documents; here they are refused."""
MAX_ENTRIES = 40_000
"""Index entries of a document."""

AUTOMATIC = (
    CompositeIndex("book_days", group=False, equal=(), contains=None, order=(("day", False),)),
    CompositeIndex("receivables", group=False, equal=("open",), contains=None, order=()),
)
"""Automatic single-field indexes of collections that grow for years, and of which a query reads a part. For the others,
a scan stands for them."""
_FORMAT = 2
"""Changes with the encoding of index entries."""

Entry = tuple[int, bytes]
"""Head and tail."""


@dataclass
class Entries:
    """The entries of one document in all composite indexes."""

    ordered: set[Entry] = field(default_factory=set)
    """Of the indexes without array."""
    elements: set[int] = field(default_factory=set)
    """The heads of all elements of indexed arrays."""
    tails: set[tuple[int, bytes]] = field(default_factory=set)
    """Of the indexes with an array: number and tail."""

    @property
    def count(self) -> int:
        """The number of entries that Firestore counts."""
        return len(self.ordered) + len(self.elements)


@dataclass(frozen=True)
class Index:
    """A composite index as the storage maintains it."""

    number: int
    declared: CompositeIndex

    def add_entries(self, entries: Entries, collection: bytes, document: Any) -> None:
        """Add the entries of a document; none if it lacks a field of the index."""
        tail = self._tail(document)
        values = [_encoded(document, name) for name in self.declared.equal]
        if tail is None or None in values:
            return
        head = self.head(b"" if self.declared.group else collection, values)
        if self.declared.contains is None:
            entries.ordered.add((head, tail))
            return
        array = fields.find(document.fields, field_path(self.declared.contains))
        if array is not None and array.WhichOneof("value_type") == "array_value" and array.array_value.values:
            entries.elements.update([crc32(encode(element), head) for element in array.array_value.values])
            entries.tails.add((self.number, tail))

    def head(self, scope: bytes, values: Iterable[bytes | None]) -> int:
        """The head for encoded values: those of `equal` in order, then the array's element.

        `scope` is the collection's path; empty for a collection group.
        """
        head = crc32(b"%d\0%b\0\0" % (self.number, scope))
        for value in values:
            assert value is not None
            head = crc32(value, head)
        return head

    def _tail(self, document: Any) -> bytes | None:
        tail = b""
        for name, descending in self.declared.order:
            part = _encoded(document, name)
            if part is None:
                return None
            tail += inverted(part) if descending else part
        return tail


def _encoded(document: Any, name: str) -> bytes | None:
    value = fields.find(document.fields, field_path(name))
    return None if value is None else encode(value)


class Indexes:
    """The indexes of one database."""

    def __init__(self, declared: FirestoreIndexes) -> None:
        self._by_collection: dict[str, list[Index]] = {}
        kept = (*declared.composite, *AUTOMATIC)
        for number, index in enumerate(kept):
            self._by_collection.setdefault(index.collection, []).append(Index(number, index))
        self.version = crc32(f"{_FORMAT} {kept}".encode()) >> 1
        """Of the entries: changes with their format and with the declared indexes. 31 bits."""
        self._exempt = {(collection, field_path(field)) for collection, field in declared.exempt}

    def of(self, collection_id: str) -> list[Index]:
        """The composite indexes of collections with this id."""
        return self._by_collection.get(collection_id, [])

    def is_exempt(self, collection_id: str, path: FieldPath) -> bool:
        """True if the field, or a map that contains it, has no single-field index."""
        return any((collection_id, path[:length]) in self._exempt for length in range(1, len(path) + 1))

    def entries(self, path: Path, document: Any) -> Entries:
        """The entries of a document in all composite indexes."""
        entries = Entries()
        for index in self.of(path.collection_id):
            index.add_entries(entries, path.collection, document)
        return entries

    def require_indexable(self, path: Path, document: Any, composite: int) -> None:
        """Raises StatusError for a document over the limits; `composite` is the number of its composite entries."""
        count = composite
        for value, entries in self._indexed(path.collection_id, document.fields, ()):
            if fields.exceeds(value, MAX_INDEXED_VALUE):
                raise invalid(f"{path}: an indexed value is longer than {MAX_INDEXED_VALUE} bytes")
            count += entries
        if count > MAX_ENTRIES:
            raise invalid(f"{path}: too many index entries for entity: {count} of at most {MAX_ENTRIES}")

    def _indexed(self, collection_id: str, values: Any, outer: FieldPath) -> Iterator[tuple[Any, int]]:
        """The values with single-field indexes and the number of their entries: one for each element of an array, and
        two, ascending and descending, for any other value."""
        for name, value in values.items():
            path = (*outer, name)
            if (collection_id, path) in self._exempt:
                continue
            kind = value.WhichOneof("value_type")
            if kind == "map_value":
                yield from self._indexed(collection_id, value.map_value.fields, path)
            elif kind == "array_value":
                yield from ((element, 1) for element in value.array_value.values)
            else:
                yield value, 2
