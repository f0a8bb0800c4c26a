"""A document as it was when it was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.store.firestore import values


class Snapshot:
    """Nothing is decoded before it is asked for, and all fields only once."""

    __slots__ = ("_document", "_fields", "path")

    def __init__(self, path: str, document: Any = None) -> None:
        self.path = path
        """The path below the database, such as `clinics/banyan/patients/p`."""
        self._document = document
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
    def version(self) -> Any:
        """The update time as Firestore said it, for preconditions."""
        return self._document.update_time

    def has(self, field: str) -> bool:
        """True if there is a document with this field."""
        return self._document is not None and field in self._document.fields

    def get(self, field: str) -> Any:
        """The value of a field; None if there is no document. Raises KeyError for a document without the field."""
        if self._document is None:
            return None
        if self._fields is not None:
            return self._fields[field]
        if field not in self._document.fields:
            raise KeyError(field)
        return values.read(self._document.fields[field])

    def to_dict(self) -> Mapping[str, Any]:
        """All fields; empty if there is no document. Not to be changed: later calls answer the same mapping."""
        if self._fields is None:
            self._fields = {} if self._document is None else values.read_fields(self._document.fields)
        return self._fields
