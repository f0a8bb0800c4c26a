"""Recordings: the audio files of a session."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from shared.records.privacy import Plain
from shared.records.record import Record, Value, session_of
from shared.records.types import Code, Id, ResourceName


class RecordingStatus(StrEnum):
    AWAITED = "awaited"
    RECEIVED = "received"
    REFUSED = "refused"
    EXPIRED = "expired"
    """No audio was received before the upload session expired."""


class NewUpload(Value):
    """The file that the client will upload."""

    content_type: Code
    size_bytes: int = Field(gt=0, le=10**12)
    """Bytes."""


class Recording(Record):
    """One audio file of a session; created when its upload is opened."""

    kind: ClassVar[str] = "Recording"
    collection: ClassVar[str] = "recordings"

    session_id: Plain[Id]
    object_name: Plain[ResourceName]
    status: Plain[RecordingStatus] = RecordingStatus.AWAITED
    content_type: Plain[Code]
    size_bytes: Plain[int]
    refusal: Plain[Code | None] = None
    """Why the audio was refused and deleted."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"sessions/{session_of(id)}/recordings/{id}"
