"""The writes of one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.store.firestore import values
from shared.store.firestore.field_paths import joined
from shared.store.firestore.messages import CommitRequest, Document
from shared.store.firestore.snapshot import Snapshot


class Sentinel(Enum):
    DELETED = "deleted"


DELETED = Sentinel.DELETED
"""The value of a field that an update removes."""


@dataclass(frozen=True)
class Increment:
    """The value of a field to which a merge adds a number; without the field, the number is its value."""

    by: int


class Writes:
    """Collects writes; documents are named by their paths below `root`."""

    def __init__(self, database: str, root: str) -> None:
        self.request = CommitRequest(database=database)
        self._root = root

    def create(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a document that must not exist."""
        write = self._write(path)
        values.write_fields(document, write.update.fields)
        write.current_document.exists = False

    def update(self, path: str, fields: Mapping[str, Any], read: Snapshot) -> None:
        """Replace fields, or remove those that are DELETED, of a document that must be unchanged since it was read."""
        write = self._write(path)
        values.write_fields({name: one for name, one in fields.items() if one is not DELETED}, write.update.fields)
        write.update_mask.field_paths.extend(sorted(map(joined, fields)))
        write.current_document.update_time.CopyFrom(read.version)

    def merge(self, path: str, fields: Mapping[str, Any]) -> None:
        """Write fields, also within maps, whatever else the document holds, and if there is none."""
        write = self._write(path)
        for names, value in sorted(_leaves(fields), key=lambda leaf: leaf[0]):
            if isinstance(value, Increment):
                transform = write.update_transforms.add(field_path=joined(*names))
                values.write(value.by, transform.increment)
            else:
                write.update_mask.field_paths.append(joined(*names))
                _write_at(write.update.fields, names, value)

    def delete(self, path: str) -> None:
        """Delete a document, if there is one."""
        self.request.writes.add().delete = self._root + path

    def written(self, path: str, results: Sequence[Any]) -> Snapshot:
        """A document of which all fields that matter were written, as the commit with these results left it."""
        name = self._root + path
        wrote, result = next(
            (write.update, result)
            for write, result in zip(self.request.writes, results, strict=True)
            if write.update.name == name
        )
        document = Document(name=name, update_time=result.update_time)
        document.MergeFrom(wrote)
        return Snapshot(path, document)

    def _write(self, path: str) -> Any:
        write = self.request.writes.add()
        write.update.name = self._root + path
        return write


def _leaves(fields: Mapping[str, Any], *outer: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values in maps, each with its names, outermost first; an empty map is a value."""
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, *outer, name)
        else:
            yield (*outer, name), value


def _write_at(fields: Any, names: tuple[str, ...], value: Any) -> None:
    *outer, last = names
    for name in outer:
        fields = fields[name].map_value.fields
    values.write(value, fields[last])
