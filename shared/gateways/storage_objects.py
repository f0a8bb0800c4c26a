"""Objects in Cloud Storage: read as files by ranges, written in chunks, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from typing import Any, BinaryIO, cast

_RANGE = 4 << 20
"""Bytes of an object in one request."""
_BUFFER = 1 << 16


@dataclass(frozen=True)
class Stored:
    """Metadata of a stored object."""

    name: str
    size: int
    content_type: str
    generation: int
    created_at: datetime | None = None


class ObjectGone(Exception):
    """An object was deleted while it was read, or before."""


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
            raise ObjectGone from None


def opened(bucket: Any, stored: Stored) -> BinaryIO:
    """The content of one generation of an object; a read raises ObjectGone if it was deleted meanwhile."""
    blob = bucket.blob(stored.name, generation=stored.generation)
    return cast(BinaryIO, BufferedReader(_Ranges(blob, stored.size), _BUFFER))


def delete_object(bucket: Any, name: str, generation: int | None) -> None:
    """Delete an object (with `generation`, exactly this one); do nothing if it is missing or replaced."""
    from google.cloud.exceptions import NotFound, PreconditionFailed

    try:
        bucket.blob(name).delete(if_generation_match=generation, timeout=30)
    except (NotFound, PreconditionFailed):
        return


class NewObject:
    """An object while it is written, in chunks of 4 MiB.

    It exists once it is closed. If there is one of this name already, that one stays.
    """

    def __init__(self, bucket: Any, name: str, content_type: str) -> None:
        blob = bucket.blob(name, chunk_size=_RANGE)
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
