"""The writes of one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from shared.store.firestore import values
from shared.store.firestore.field_paths import joined
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.values import Json


class Sentinel(Enum):
    DELETED = "deleted"


DELETED = Sentinel.DELETED
"""The value of a field that an update removes."""


class Increment(NamedTuple):
    """The value of a field to which a merge adds a number; without the field, the number is its value."""

    by: int


class WriteResult(NamedTuple):
    """What a commit did with one write."""

    update_time: str
    """Of the document, as Firestore says it; empty for one that was deleted."""
    transformed: Sequence[Any]
    """The values of the fields that were incremented, in their order."""

    @classmethod
    def of(cls, answer: Json) -> WriteResult:
        """Reads a `WriteResult` of the API."""
        return cls(answer.get("updateTime", ""), [values.read(each) for each in answer.get("transformResults", [])])


class Writes:
    """Collects writes; documents are named by their paths below `root`."""

    def __init__(self, root: str) -> None:
        self.content: list[Json] = []
        """`Write` objects of the API."""
        self._root = root

    def create(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a document that must not exist."""
        self._add(path, values.write_fields(document), currentDocument={"exists": False})

    def update(self, path: str, fields: Mapping[str, Any], read: Snapshot) -> None:
        """Replace fields, or remove those that are DELETED, of a document that must be unchanged since it was read."""
        self._add(
            path,
            values.write_fields({name: one for name, one in fields.items() if one is not DELETED}),
            updateMask={"fieldPaths": sorted(map(joined, fields))},
            currentDocument={"updateTime": read.version},
        )

    def merge(self, path: str, fields: Mapping[str, Any]) -> None:
        """Write fields, also within maps, whatever else the document holds, and if there is none."""
        written: Json = {}
        mask: list[str] = []
        transforms: list[Json] = []
        for names, value in sorted(_leaves(fields), key=lambda leaf: leaf[0]):
            if isinstance(value, Increment):
                transforms.append({"fieldPath": joined(*names), "increment": values.write(value.by)})
            else:
                mask.append(joined(*names))
                _write_at(written, names, value)
        more = {"updateTransforms": transforms} if transforms else {}
        self._add(path, written, updateMask={"fieldPaths": mask}, **more)

    def delete(self, path: str) -> None:
        """Delete a document, if there is one."""
        self.content.append({"delete": self._root + path})

    def written(self, path: str, results: Sequence[WriteResult]) -> Snapshot:
        """A document of which all fields that matter were written, as the commit with these results left it."""
        name = self._root + path
        document, result = next(
            (write["update"], result)
            for write, result in zip(self.content, results, strict=True)
            if write.get("update", {}).get("name") == name
        )
        return Snapshot(path, {**document, "updateTime": result.update_time})

    def _add(self, path: str, fields: Json, **options: Any) -> None:
        self.content.append({"update": {"name": self._root + path, "fields": fields}, **options})


def _leaves(fields: Mapping[str, Any], *outer: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values in maps, each with its names, outermost first; an empty map is a value."""
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, *outer, name)
        else:
            yield (*outer, name), value


def _write_at(fields: Json, names: tuple[str, ...], value: Any) -> None:
    *outer, last = names
    for name in outer:
        fields = fields.setdefault(name, {"mapValue": {"fields": {}}})["mapValue"]["fields"]
    fields[last] = values.write(value)
