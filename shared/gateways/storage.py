"""Cloud Storage: clients upload recordings in resumable sessions; Speech-to-Text results are read once and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from typing import Any, BinaryIO, cast

from shared import settings
from shared.gateways.storage_client import client

_RANGE = 4 << 20
"""Bytes of a recording in one request."""
_BUFFER = 1 << 16
_NAMES = "items(name),nextPageToken"


@dataclass(frozen=True)
class Stored:
    """Metadata of a stored object."""

    name: str
    size: int
    content_type: str
    generation: int
    created_at: datetime | None = None


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


class RecordingGone(Exception):
    """A recording was deleted while it was read."""


class _Ranges(RawIOBase):
    """An object as a seekable file. The block that was read last is kept, so a small object is one request."""

    def __init__(self, blob: Any, size: int) -> None:
        self._blob, self._size, self._at = blob, size, 0
        self._begin, self._block = 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if not self._begin <= self._at < self._begin + len(self._block):
            self._begin = self._at // _RANGE * _RANGE
            self._block = self._read_block()
        offset = self._at - self._begin
        content = self._block[offset : offset + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _read_block(self) -> bytes:
        from google.cloud.exceptions import NotFound

        last = min(self._begin + _RANGE, self._size) - 1
        bounds = {"start": self._begin, "end": last, "raw_download": True, "checksum": None}
        try:
            return bytes(self._blob.download_as_bytes(timeout=60, **bounds))
        except NotFound:
            raise RecordingGone from None


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
    """The content of a recording, read by ranges of 4 MiB; a read raises RecordingGone if it was deleted meanwhile."""
    blob = _recordings().blob(stored.name, generation=stored.generation)
    return cast(BinaryIO, BufferedReader(_Ranges(blob, stored.size), _BUFFER))


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
    _delete(_recordings(), name, generation)


def move_recording(source: str, target: str) -> None:
    """Give a recording another name; do nothing if it is missing. May be repeated: a copy that is there stays."""
    from google.cloud.exceptions import NotFound, PreconditionFailed

    if stored := recording(source):
        bucket, conditions = _recordings(), {"if_generation_match": 0, "if_source_generation_match": stored.generation}
        with suppress(NotFound, PreconditionFailed):
            bucket.copy_blob(bucket.blob(source), bucket, target, **conditions, timeout=60)
        delete_recording(source, stored.generation)


class NewObject:
    """An object in the bucket of recordings while it is written, in chunks of 4 MiB.

    It exists once it is closed. If there is one of this name already, that one stays.
    """

    def __init__(self, name: str, content_type: str) -> None:
        blob = _recordings().blob(name, chunk_size=_RANGE)
        self._writer = blob.open("wb", content_type=content_type, if_generation_match=0, timeout=60)

    def write(self, content: bytes, /) -> None:
        with self._unless_it_exists():
            if not self._writer.closed:
                self._writer.write(content)

    def close(self) -> None:
        with self._unless_it_exists():
            self._writer.close()

    def abort(self) -> None:
        """Drop what was written."""
        try:
            self._writer.terminate()
        finally:
            self._writer._buffer.close()  # an open writer would finish the object when it is collected

    @contextmanager
    def _unless_it_exists(self) -> Iterator[None]:
        from google.cloud.storage.exceptions import InvalidResponse

        try:
            yield
        except InvalidResponse as refused:
            if refused.response.status_code != HTTPStatus.PRECONDITION_FAILED:
                raise
            self._writer._buffer.close()


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
    _delete(_results(), name, None)


def _delete(bucket: Any, name: str, generation: int | None) -> None:
    from google.cloud.exceptions import NotFound, PreconditionFailed

    try:
        bucket.blob(name).delete(if_generation_match=generation, timeout=30)
    except (NotFound, PreconditionFailed):
        return


def _recordings() -> Any:
    configured = settings.load(settings.Recordings)
    return client(configured.google_cloud_project).bucket(configured.audio_bucket)


def _results() -> Any:
    configured = settings.load(settings.Results)
    return client(configured.google_cloud_project).bucket(configured.results_bucket)
