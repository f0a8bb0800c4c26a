"""Change events of documents, as Eventarc sends them: google.events.cloud.firestore.v1.DocumentEventData.

They are written to the outbox in the transaction of the change, so neither exists without the other.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.services.firestore.embedded.messages import Document, set_time
from local.services.firestore.embedded.names import Path
from local.services.firestore.embedded.rows import Row

_SCHEMA = "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
_WRITTEN = "google.cloud.firestore.document.v1.written"


@dataclass(frozen=True)
class Change:
    """The change of one document in a commit."""

    path: Path
    before: Row | None
    document: Any
    """The fields after the change; None after a deletion."""
    time: int
    """Microseconds since the epoch."""

    @property
    def types(self) -> tuple[str, str]:
        """The event types that this change matches."""
        kind = "deleted" if self.document is None else "updated" if self.before else "created"
        return _WRITTEN, _WRITTEN.replace("written", kind)


@dataclass(frozen=True)
class Listener:
    """A trigger: events of one type, of the documents that match a pattern such as `clinics/{clinic}/users/{user}`."""

    name: str
    type: str
    pattern: str

    def matches(self, change: Change) -> bool:
        pattern, path = self.pattern.split("/"), [segment.decode() for segment in change.path.segments]
        same = len(pattern) == len(path) and all(
            part.startswith("{") or part == segment for part, segment in zip(pattern, path, strict=True)
        )
        return same and self.type in change.types


class Listeners:
    """The triggers of a database."""

    def __init__(self, database: str, listeners: Iterable[Listener]) -> None:
        self._database = database
        self._listeners = list(listeners)

    def events(self, change: Change) -> Iterator[tuple[str, str, bytes]]:
        """The events of a change, one for each listener: its name, the headers as JSON, the body."""
        listeners = [listener for listener in self._listeners if listener.matches(change)]
        body = self._body(change) if listeners else b""
        for listener in listeners:
            yield listener.name, json.dumps(self._headers(change, listener.type)), body

    def _headers(self, change: Change, event_type: str) -> dict[str, str]:
        _, project, _, database = self._database.split("/")
        time = datetime.fromtimestamp(change.time / 1e6, UTC)
        return {
            "ce-specversion": "1.0",
            "ce-id": str(uuid.uuid4()),
            "ce-type": event_type,
            "ce-source": f"//firestore.googleapis.com/{self._database}",
            "ce-subject": f"documents/{change.path}",
            "ce-time": time.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "ce-dataschema": _SCHEMA,
            "ce-project": project,
            "ce-database": database,
            "ce-namespace": "(default)",
            "ce-document": str(change.path),
            "content-type": "application/protobuf",
        }

    def _body(self, change: Change) -> bytes:
        from google.events.cloud.firestore import DocumentEventData  # the field numbers of Document are the same

        data = DocumentEventData.pb()()
        if change.document is not None:
            created = change.before.created if change.before else change.time
            data.value.MergeFromString(self._document(change.path, change.document, created, change.time))
        if change.before is not None:
            before = change.before
            old = self._document(change.path, before.document, before.created, before.updated)
            data.old_value.MergeFromString(old)
        data.update_mask.SetInParent()
        return bytes(data.SerializeToString())

    def _document(self, path: Path, content: Any, created: int, updated: int) -> bytes:
        document = Document()
        document.CopyFrom(content)
        document.name = f"{self._database}/documents/{path}"
        set_time(document.create_time, created)
        set_time(document.update_time, updated)
        return bytes(document.SerializeToString())
