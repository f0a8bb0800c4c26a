"""Cloud Storage: clients upload recordings in resumable sessions; Speech-to-Text results are read once and deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.singleton import singleton


@dataclass(frozen=True)
class Stored:
    """Metadata of a stored object."""

    name: str
    size: int
    content_type: str
    generation: int


def open_upload(name: str, *, content_type: str, size: int, origin: str | None) -> str:
    """Open a resumable upload session for a recording that must not exist yet and return its URI.

    The URI is a secret: it grants write access. `origin` is the web client's, so that CORS lets its browser upload.
    """
    blob = _recordings().blob(name)
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
    return Stored(name, int(blob.size), str(blob.content_type), int(blob.generation))


def recording_uri(name: str) -> str:
    return f"gs://{settings.load(settings.Recordings).audio_bucket}/{name}"


def result_uri(prefix: str) -> str:
    return f"gs://{settings.load(settings.Results).results_bucket}/{prefix}"


def delete_recording(name: str, generation: int | None = None) -> None:
    """Delete a recording (with `generation`, exactly this one); do nothing if it is missing or replaced."""
    _delete(_recordings(), name, generation)


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
    _delete(_results(), name, None)


def _delete(bucket: Any, name: str, generation: int | None) -> None:
    from google.cloud.exceptions import NotFound, PreconditionFailed

    try:
        bucket.blob(name).delete(if_generation_match=generation, timeout=30)
    except (NotFound, PreconditionFailed):
        return


def _recordings() -> Any:
    configured = settings.load(settings.Recordings)
    return _client(configured.google_cloud_project).bucket(configured.audio_bucket)


def _results() -> Any:
    configured = settings.load(settings.Results)
    return _client(configured.google_cloud_project).bucket(configured.results_bucket)


@singleton
def _client(project: str) -> Any:
    from google.cloud import storage

    endpoint = settings.load(settings.StorageEndpoint).storage_endpoint
    return storage.Client(project=project, client_options={"api_endpoint": endpoint} if endpoint else None)
