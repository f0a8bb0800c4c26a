"""Stored documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.services.firestore.embedded.messages import Document, set_time
from local.services.firestore.embedded.names import Path


def row_key(collection: bytes, name: bytes) -> bytes:
    """The path of a document as bytes that sort like paths."""
    return b"%b\0%b\0" % (collection, name)


@dataclass
class Row:
    """A stored document."""

    id: int
    collection: bytes
    name: bytes
    created: int
    updated: int
    """Microseconds since the epoch."""
    content: bytes

    @cached_property
    def document(self) -> Any:
        """The document's fields; without its name and times."""
        return Document.FromString(self.content)

    @property
    def path(self) -> Path:
        return Path.of(self.collection, self.name)

    @property
    def key(self) -> bytes:
        """The path as bytes that sort like paths."""
        return row_key(self.collection, self.name)

    def message(self, database: str) -> Any:
        """The document as responses contain it."""
        message = Document.FromString(self.content)
        message.name = f"{database}/documents/{self.path}"
        set_time(message.create_time, self.created)
        set_time(message.update_time, self.updated)
        return message
