"""Documents as they were when they were read, and parts of documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.store.firestore import values
from shared.store.firestore.values import Json


class Snapshot:
    """A document, or those of its fields that were asked for: `Whole` is one of which all were.

    Nothing is decoded before it is asked for, and all fields only once.
    """

    __slots__ = ("_asked", "_document", "_fields", "path")

    def __init__(self, path: str, document: Json | None = None, asked: frozenset[str] | None = None) -> None:
        """`document` is a `Document` of the API, None if there is none; `asked` are the fields that were asked for,
        None for all."""
        self.path = path
        """The path below the database, such as `clinics/banyan/patients/p`."""
        self._document = document
        self._asked = asked
        self._fields: Mapping[str, Any] | None = None

    @property
    def exists(self) -> bool:
        return self._document is not None

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def update_time(self) -> datetime:
        """When the document was last changed, to the microsecond."""
        return values.moment(self.version)

    @property
    def version(self) -> str:
        """The update time as Firestore said it, for preconditions. Raises LookupError if there is no document."""
        if self._document is None:
            raise LookupError(f"no document: {self.path}")
        return str(self._document["updateTime"])

    @property
    def size(self) -> int:
        """Bytes of the document in JSON."""
        return len(json.dumps(self._document))

    def has(self, field: str) -> bool:
        """True if there is a document with this field. Raises LookupError for a field that was not asked for."""
        self._require([field])
        return field in self._stored()

    def get(self, field: str) -> Any:
        """The value of a field; None if there is no document. Raises KeyError for a document without the field,
        LookupError for a field that was not asked for."""
        self._require([field])
        if self._document is None:
            return None
        if self._fields is not None:
            return self._fields[field]
        return values.read(self._stored()[field])

    def length(self, field: str) -> int:
        """The number of values of an array; 0 without the field, or if it was not asked for."""
        array = self._stored().get(field, {}).get("arrayValue", {})
        return len(array.get("values", []))

    def some(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of these fields that the document has; the others are not decoded. Raises LookupError for a field that
        was not asked for."""
        self._require(names)
        fields = self._stored()
        return {name: values.read(fields[name]) for name in names if name in fields}

    def to_dict(self) -> Mapping[str, Any]:
        """All fields that were asked for; empty if there is no document. Not to be changed: later calls answer the same
        mapping."""
        if self._fields is None:
            self._fields = values.read_fields(self._stored())
        return self._fields

    def _stored(self) -> Mapping[str, Json]:
        """The fields as Firestore said them; none if there is no document."""
        return {} if self._document is None else self._document.get("fields", {})

    def _require(self, names: Iterable[str]) -> None:
        if self._asked is not None and not self._asked.issuperset(names):
            raise LookupError(f"not asked for: {', '.join(sorted({*names} - self._asked))}")


class Fields(Mapping[str, Any]):
    """The fields of a document that exists, each decoded whenever it is asked for."""

    def __init__(self, document: Snapshot) -> None:
        self._document = document

    def __getitem__(self, name: str) -> Any:
        return self._document.get(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._document.has(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._document.to_dict())

    def __len__(self) -> int:
        return len(self._document.to_dict())


class Whole(Snapshot):
    """A document with all its fields, or that there is none."""

    __slots__ = ()

    def __init__(self, path: str, document: Json | None = None) -> None:
        super().__init__(path, document)
