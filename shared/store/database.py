"""The border to Firestore: the client of this process, and the type of what it reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from google.cloud import firestore

from shared import settings
from shared.singleton import singleton


class Snapshot(Protocol):
    """A document as it was when it was read; the part of Google's DocumentSnapshot that the store uses."""

    @property
    def exists(self) -> bool: ...

    @property
    def id(self) -> str: ...

    @property
    def reference(self) -> firestore.DocumentReference: ...

    @property
    def update_time(self) -> datetime: ...

    def get(self, field_path: str) -> Any:
        """The value of a field. Raises KeyError when the document has no such field."""

    def to_dict(self) -> dict[str, Any]:
        """All fields of an existing document."""


@singleton
def client() -> firestore.Client:
    project = settings.load(settings.Project)
    return firestore.Client(project=project.google_cloud_project, database=project.firestore_database)
