"""Cloud Storage: clients upload recordings in resumable sessions; Speech-to-Text results are read once and deleted."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, BinaryIO

from shared import settings
from shared.gateways.storage_client import client
from shared.gateways.storage_objects import NewObject, Stored, delete_object, opened

_NAMES = "items(name),nextPageToken"


def open_upload(name: str, *, content_type: str, size: int, origin: str | None) -> str:
    """Open a resumable upload session for a recording that must not exist yet and return its URI.

    The URI is a secret: it grants write access. `origin` is the web client's, so that CORS lets its browser upload.
    """
    blob = _recordings().blob(name)
    blob.cache_control = "no-store"  # what plays the recording keeps no copy
    return str(
        blob.create_resumable_upload_session(
            content_type=content_type, size=size, origin=origin, if_generation_match=0, timeout=30
        )
    )


def largest_recording() -> int:
    """The size limit in bytes."""
    limit: int = settings.load(settings.Recordings).max_recording_bytes
    return limit


def recording(name: str) -> Stored | None:
    """The recording, or None if it does not exist (any more)."""
    blob = _recordings().get_blob(name, timeout=30)
    if blob is None:
        return None
    return Stored(name, int(blob.size), str(blob.content_type), int(blob.generation), blob.time_created)


def open_recording(stored: Stored) -> BinaryIO:
    """The content of a recording, read by ranges of 4 MiB; a read raises ObjectGone if it was deleted meanwhile."""
    return opened(_recordings(), stored)


def playback_url(stored: Stored, content_type: str, lifetime: timedelta) -> str:
    """A V4 signed URL that reads this generation of a recording, and does nothing else, until its lifetime is over.

    The function's own account signs it, so the URL may read what the account may. It is a secret. Raises Unavailable
    when IAM cannot sign.
    """
    from shared.gateways.signer import own_account

    blob = _recordings().blob(stored.name)
    return str(
        blob.generate_signed_url(
            version="v4",
            method="GET",
            expiration=lifetime,
            generation=stored.generation,
            response_type=content_type,
            response_disposition="inline",
            credentials=own_account(),
            api_access_endpoint=settings.load(settings.StorageEndpoint).storage_public_endpoint,
        )
    )


def recording_uri(name: str) -> str:
    return f"gs://{settings.load(settings.Recordings).audio_bucket}/{name}"


def result_uri(prefix: str) -> str:
    return f"gs://{settings.load(settings.Results).results_bucket}/{prefix}"


def delete_recording(name: str, generation: int | None = None) -> None:
    """Delete a recording (with `generation`, exactly this one); do nothing if it is missing or replaced."""
    delete_object(_recordings(), name, generation)


def move_recording(source: str, target: str) -> None:
    """Give a recording another name; do nothing if it is missing. May be repeated: a copy that is there stays."""
    from google.cloud.exceptions import NotFound, PreconditionFailed

    if stored := recording(source):
        bucket, conditions = _recordings(), {"if_generation_match": 0, "if_source_generation_match": stored.generation}
        with suppress(NotFound, PreconditionFailed):
            bucket.copy_blob(bucket.blob(source), bucket, target, **conditions, timeout=60)
        delete_recording(source, stored.generation)


class NewRecording(NewObject):
    """An object in the bucket of recordings while it is written."""

    def __init__(self, name: str, content_type: str) -> None:
        super().__init__(_recordings(), name, content_type)


def names_of_recordings(prefix: str) -> list[str]:
    """The names of the objects in the bucket of recordings that begin so."""
    return [str(blob.name) for blob in _recordings().list_blobs(prefix=prefix, fields=_NAMES, timeout=30)]


def names_of_results(prefix: str) -> list[str]:
    """The names of the Speech-to-Text results that begin so."""
    return [str(blob.name) for blob in _results().list_blobs(prefix=prefix, fields=_NAMES, timeout=30)]


def read_result(name: str) -> bytes | None:
    """The content of a Speech-to-Text result, or None if it does not exist (any more)."""
    from google.cloud.exceptions import NotFound

    blob = _results().blob(name)
    try:
        return bytes(blob.download_as_bytes(timeout=60))
    except NotFound:
        return None


def delete_result(name: str) -> None:
    """Delete a plaintext transcript, which is encrypted in the database by now or no longer needed."""
    delete_object(_results(), name, None)


def _recordings() -> Any:
    configured = settings.load(settings.Recordings)
    return client(configured.google_cloud_project).bucket(configured.audio_bucket)


def _results() -> Any:
    configured = settings.load(settings.Results)
    return client(configured.google_cloud_project).bucket(configured.results_bucket)
