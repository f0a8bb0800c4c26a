"""The writes of one unit of work, collected for one atomic commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shared.records.problems import FieldError, Invalid
from shared.records.size import LARGEST_DOCUMENT, document_bytes
from shared.records.types import new_id
from shared.store import database
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.writes import DELETED, Increment, Sentinel, WriteResult, Writes
from shared.store.patient_tokens import TOKENS
from shared.store.reader import Reader
from shared.vault.keyring import TOKEN_BYTES

COMMIT_SECONDS = 10.0


class Changes:
    """Writes whose preconditions come from what the reader has read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._writes: Writes = database.client().writes()
        self._guarded: set[str] = set()
        self._counters: list[str] = []

    def create(self, path: str, document: dict[str, Any]) -> None:
        """Write a document that must not exist yet. Raises Invalid for one that is too large, as `update` does."""
        _require_size(document)
        self._writes.create(self._reader.full(path), document)

    def update(self, path: str, document: dict[str, Any]) -> None:
        """Replace fields of a document that must be unchanged since it was read. The search tokens of a patient are not
        sent when they stay, but count."""
        read = self._reader.snapshot(path)
        _require_size(document, staying=0 if TOKENS in document else read.length(TOKENS) * TOKEN_BYTES)
        self._writes.update(self._reader.full(path), document, read)

    def upsert(self, path: str, document: dict[str, Any]) -> None:
        """Create a document that was read and does not exist, or update it."""
        write = self.update if self._reader.snapshot(path).exists else self.create
        write(path, document)

    def require_unchanged(self, path: str) -> None:
        """Let the commit fail if the document changed since it was read; no field is written."""
        if path not in self._guarded:
            self._guarded.add(path)
            self._guard(path, DELETED)

    def require_uncounted(self, path: str) -> None:
        """Let the commit fail if a number of this counter was given since it was read."""
        if self._reader.snapshot(path).exists:
            self.require_unchanged(path)
        else:
            self.create(path, {"counts": {}})

    def count_up(self, path: str, counts: dict[str, int], **guard: str) -> None:
        """Write the counts of a counter that was read."""
        self.upsert(path, {"counts": counts, **guard})
        self._counters.append(path)

    def take_turn(self, path: str) -> None:
        """As `require_uncounted`, but the counter changes, so a concurrent commit that uses it too fails."""
        counter = self._reader.snapshot(path)
        self.count_up(path, counter.get("counts") if counter.exists else {}, guard=new_id())

    def touch(self, path: str) -> None:
        """As `require_unchanged`, but the document changes: a concurrent commit that requires it unchanged fails.

        Firestore keeps the update time of a document when a write changes nothing, so the field's value is random.
        """
        self._guard(path, new_id())

    def _guard(self, path: str, value: Sentinel | str) -> None:
        self._writes.update(self._reader.full(path), {"guard": value}, self._reader.snapshot(path))

    def merge(self, path: str, fields: dict[str, Any]) -> None:
        """Write fields of a document, whatever else it holds."""
        self._writes.merge(self._reader.full(path), fields)

    def add(self, path: str, field: str, number: int, fields: dict[str, Any]) -> None:
        """Add a number to a field, which Firestore creates, and write other fields. The result has the sum."""
        self.merge(path, {field: Increment(number), **fields})

    def count(self, path: str, field: str, key: str, fields: dict[str, Any]) -> None:
        """Add 1 to an entry of a field that counts by key, and write other fields, whatever else the document holds."""
        self.merge(path, {field: {key: Increment(1)}, **fields})

    def counted(self, results: Sequence[WriteResult]) -> Iterator[tuple[str, Snapshot]]:
        """The counters that the commit with these results has changed, as it left them."""
        for path in self._counters:
            yield path, self._writes.written(self._reader.full(path), results)

    def commit(self) -> list[WriteResult]:
        """Write everything, once: a retry would meet its own write as a conflict.

        Returns what was done, in the order of the writes. Raises shared.rest.errors.ApiError.
        """
        return database.client().commit(self._writes, COMMIT_SECONDS)


def _require_size(document: dict[str, Any], staying: int = 0) -> None:
    """Raises Invalid for a document that Firestore may refuse: it would do so only at the commit. `staying` are the
    bytes of its other fields."""
    size = document_bytes(document) + staying
    if size > LARGEST_DOCUMENT:
        raise Invalid(errors=[FieldError("", f"{size} bytes in all; at most {LARGEST_DOCUMENT} can be stored")])
