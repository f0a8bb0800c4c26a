"""The writes of one commit: all are applied, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grpc import StatusCode

from local.services.firestore.embedded import fields, transforms
from local.services.firestore.embedded.deadline import Deadline, exceeded
from local.services.firestore.embedded.events import Change, Listeners
from local.services.firestore.embedded.indexes import Entries
from local.services.firestore.embedded.messages import Document, microseconds_of
from local.services.firestore.embedded.names import Path, field_path, invalid
from local.services.firestore.embedded.rows import Row
from local.services.firestore.embedded.storage import Storage
from local.services.firestore.embedded.transactions import Transaction
from local.services.firestore.embedded.writer import Writer
from local.services.kit.rpc import StatusError


@dataclass
class Result:
    """The outcome of one write."""

    updated: int
    """The document's update time in microseconds; 0 after a deletion."""
    transformed: list[Any]


@dataclass
class _Target:
    """A document during the commit."""

    before: Row | None = None
    document: Any = None
    """The content after the writes so far; None if the document does not exist."""
    content: bytes | None = None
    """The same as it is stored: equal bytes for equal fields."""
    updated: int = 0


class Commits:
    """Applies commits to one database."""

    def __init__(self, database: str, storage: Storage, listeners: Listeners, enqueued: Callable[[], None]) -> None:
        """`enqueued` is called after each commit that put events into the outbox."""
        self._database = database
        self._storage = storage
        self._listeners = listeners
        self._enqueued = enqueued

    def apply(
        self, writes: Sequence[Any], deadline: Deadline, transaction: Transaction | None = None
    ) -> tuple[list[Result], int]:
        """The results and the commit time. Raises StatusError, and then nothing is written."""
        parsed = [(_path_of(write), write) for write in writes]
        try:
            with self._storage.writing(deadline.remaining) as (writer, now):
                if transaction is not None:
                    transaction.require_unchanged(writer)
                results, events = self._write(parsed, writer, now)
                deadline.check()
        except TimeoutError:
            raise exceeded() from None
        if events:
            self._enqueued()
        return results, now

    def _write(self, writes: Sequence[tuple[Path, Any]], writer: Writer, now: int) -> tuple[list[Result], int]:
        """The results and the number of events."""
        targets: dict[Path, _Target] = {}
        results = []
        for path, write in writes:
            if path not in targets:
                row = writer.get(path)
                targets[path] = _Target(row, row.document, row.content, row.updated) if row else _Target()
            results.append(self._write_one(path, write, targets[path], now))
        return results, sum(self._store(path, target, writer, now) for path, target in targets.items())

    def _write_one(self, path: Path, write: Any, target: _Target, now: int) -> Result:
        self._require(write.current_document, path, target)
        document, transformed = _changed(write, target.document, now)
        content = None if document is None else document.SerializeToString(deterministic=True)
        if content != target.content:  # a write that changes nothing keeps the update time
            target.updated = now if document is not None else 0
        target.document, target.content = document, content
        return Result(target.updated, transformed)

    def _require(self, precondition: Any, path: Path, target: _Target) -> None:
        """Raises StatusError if the document is not as the write requires."""
        kind, exists = precondition.WhichOneof("condition_type"), target.document is not None
        name = f"{self._database}/documents/{path}"
        if kind == "exists" and precondition.exists and not exists:
            raise StatusError(StatusCode.NOT_FOUND, f"No document to update: {name}")
        if kind == "exists" and not precondition.exists and exists:
            raise StatusError(StatusCode.ALREADY_EXISTS, f"Document already exists: {name}")
        if kind == "update_time" and microseconds_of(precondition.update_time) != (target.updated if exists else 0):
            message = f"the stored version of {name} does not match the required base version"
            raise StatusError(StatusCode.FAILED_PRECONDITION, message)

    def _store(self, path: Path, target: _Target, writer: Writer, now: int) -> int:
        """Write a changed document, its index entries and its events; returns the number of events.

        A write that changes nothing causes no event.
        """
        before, document = target.before, target.document
        if target.content == (before.content if before else None):
            return 0
        indexes = self._storage.indexes
        old = indexes.entries(path, before.document) if before else Entries()
        new = indexes.entries(path, document) if document is not None else Entries()
        if target.content is None:
            assert before is not None
            writer.delete(before)
            row_id = before.id
        else:
            _require_limits(path, document, target.content)
            indexes.require_indexable(path, document, new.count)
            row_id = writer.put(path, before, target.content, now)
        writer.index(row_id, old, new)
        events = list(self._listeners.events(Change(path, before, document, now)))
        for event in events:
            writer.enqueue(*event)
        return len(events)


def _path_of(write: Any) -> Path:
    """The document of a validated write. Raises StatusError."""
    kind = write.WhichOneof("operation")
    if kind not in ("update", "delete", "transform"):
        raise invalid("a write needs an update, a deletion or a transform")
    for transform in (*write.update_transforms, *write.transform.field_transforms):
        transforms.check(transform)
    fields.check(write.update.fields)
    if kind == "update":
        return Path.parse(write.update.name)
    return Path.parse(write.delete if kind == "delete" else write.transform.document)


def _changed(write: Any, current: Any, now: int) -> tuple[Any, list[Any]]:
    """The document after a write, None if deleted, and the results of its transforms."""
    if write.WhichOneof("operation") == "delete":
        return None, []
    document = Document()
    if write.HasField("update_mask") or write.WhichOneof("operation") == "transform":
        if current is not None:
            document.CopyFrom(current)
        paths = [field_path(path) for path in write.update_mask.field_paths]
        fields.copy_masked(write.update.fields, document.fields, paths)
    else:
        document.CopyFrom(write.update)
        for name in ("name", "create_time", "update_time"):
            document.ClearField(name)
    applied = (*write.update_transforms, *write.transform.field_transforms)
    return document, [transforms.apply(document, transform, now) for transform in applied]


def _require_limits(path: Path, document: Any, content: bytes) -> None:
    if not fields.may_be_too_large(path, len(content)):
        return
    if (size := fields.document_size(path, document.fields)) > fields.MAX_DOCUMENT:
        limit = f"exceeds the maximum allowed size of {fields.MAX_DOCUMENT:,} bytes"
        raise invalid(f"Document '{path}' cannot be written because its size ({size:,} bytes) {limit}.")
