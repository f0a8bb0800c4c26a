"""The bucket of pieces: audio that arrives while it is recorded, kept apart until the whole is verified.

An object is created once and never replaced. Each has the SHA-256 of its content in its metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared import settings
from shared.gateways.storage_client import client
from shared.gateways.storage_objects import NewObject, ObjectGone, Stored, delete_object, opened

MOST_SOURCES = 32
"""Of one composition (cloud.google.com/storage/docs/composite-objects, read November 2026)."""
_LISTED = "items(name,size,contentType,generation,timeCreated,metadata),nextPageToken"
_SECONDS = 20.0
"""For storing a piece, with its retries."""


@dataclass(frozen=True)
class StoredPiece(Stored):
    """Metadata of an object in the bucket of pieces."""

    sha256: str | None = None
    """Of its content, in hexadecimal, as its creator stated it; None for an object that none stated."""


class NewPiece(NewObject):
    """An object in the bucket of pieces while it is written."""

    def __init__(self, name: str, content_type: str) -> None:
        super().__init__(_pieces(), name, content_type)


def create(name: str, content: bytes, content_type: str, sha256: str) -> StoredPiece:
    """Store a piece, unless an object has this name; returns the one that is there now. Its `sha256` tells whether it
    has the same content."""
    from google.cloud.exceptions import PreconditionFailed
    from google.cloud.storage.retry import DEFAULT_RETRY

    blob = _pieces().blob(name)
    blob.metadata = {"sha256": sha256}
    retry = DEFAULT_RETRY.with_timeout(_SECONDS)
    try:
        blob.upload_from_string(
            content, content_type=content_type, if_generation_match=0, timeout=_SECONDS, retry=retry
        )
    except PreconditionFailed:
        existing = find(name)
        if existing is None:  # created by another delivery and deleted since
            raise
        return existing
    return _stored(blob)


def find(name: str) -> StoredPiece | None:
    """An object of the bucket; None if it does not exist (any more)."""
    blob = _pieces().get_blob(name, timeout=30)
    return None if blob is None else _stored(blob)


def within(prefix: str) -> list[StoredPiece]:
    """The objects whose names begin so, in the order of their names."""
    return [_stored(blob) for blob in _pieces().list_blobs(prefix=prefix, fields=_LISTED, timeout=30)]


def read(stored: StoredPiece) -> bytes:
    """The content of this generation of an object. Raises ObjectGone."""
    from google.cloud.exceptions import NotFound

    try:
        return bytes(_pieces().blob(stored.name, generation=stored.generation).download_as_bytes(timeout=60))
    except NotFound:
        raise ObjectGone from None


def open_piece(stored: StoredPiece) -> BinaryIO:
    """The content of this generation of an object, read by ranges of 4 MiB; a read raises ObjectGone."""
    return opened(_pieces(), stored)


def compose(name: str, sources: Sequence[StoredPiece], content_type: str) -> StoredPiece:
    """Make one object of the contents of these generations of at most `MOST_SOURCES` objects, in this order. An object
    that has the name already stays, and is returned. Raises ObjectGone if a source is missing or another generation."""
    from google.cloud.exceptions import NotFound, PreconditionFailed

    bucket = _pieces()
    blob = bucket.blob(name)
    blob.content_type = content_type
    blob.cache_control = "no-store"  # what plays a recording keeps no copy, and the recording is a copy of this
    generations = [source.generation for source in sources]
    try:
        blob.compose(
            [bucket.blob(source.name) for source in sources],
            if_generation_match=0,
            if_source_generation_match=generations,
            timeout=60,
        )
    except (NotFound, PreconditionFailed):
        if existing := find(name):
            return existing
        raise ObjectGone from None
    return _stored(blob)


def copy_to_recordings(stored: StoredPiece, name: str) -> Stored:
    """Copy this generation of an object to the bucket of recordings, unless an object has that name; returns the one
    that is there now. Google copies a large object, or one to another place, in several calls. Raises ObjectGone."""
    from google.cloud.exceptions import NotFound, PreconditionFailed

    configured = settings.load(settings.Recordings)
    recordings = client(configured.google_cloud_project).bucket(configured.audio_bucket)
    source, target = _pieces().blob(stored.name), recordings.blob(name)
    conditions = {"if_generation_match": 0, "if_source_generation_match": stored.generation}
    try:
        token, _, _ = target.rewrite(source, **conditions, timeout=60)
        while token:
            token, _, _ = target.rewrite(source, token=token, **conditions, timeout=60)
    except (NotFound, PreconditionFailed):
        target = recordings.get_blob(name, timeout=30)
        if target is None:
            raise ObjectGone from None
    return Stored(name, int(target.size), str(target.content_type), int(target.generation), target.time_created)


def delete(name: str, generation: int | None = None) -> None:
    """Delete an object (with `generation`, exactly this one); do nothing if it is missing or replaced."""
    delete_object(_pieces(), name, generation)


def _stored(blob: Any) -> StoredPiece:
    sha256 = (blob.metadata or {}).get("sha256")
    return StoredPiece(
        str(blob.name), int(blob.size), str(blob.content_type), int(blob.generation), blob.time_created, sha256
    )


def _pieces() -> Any:
    configured = settings.load(settings.Pieces)
    return client(configured.google_cloud_project).bucket(configured.pieces_bucket)
