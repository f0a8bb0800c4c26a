"""Resumable upload sessions. They survive a SIGKILL, and a lost response can be requested again."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_content_range_header

from local.services.storage.conditions import Conditions, Resource
from local.services.storage.database import Change, Database
from local.services.storage.errors import StorageError, invalid
from local.services.storage.files import blocks, file_name
from local.services.storage.objects import ObjectStore

_GRAIN = 256 * 1024
"""An unfinished upload stores a multiple of this number of bytes."""


@dataclass
class Session:
    """An upload in progress. Anyone who knows its `id` may write to it, so the id is a secret."""

    id: str
    bucket: str
    name: str
    metadata: Resource
    conditions: Conditions
    size: int | None
    """The declared size in bytes."""
    origin: str | None
    """The origin of the web page that may write to the session."""
    result: Resource | None = None
    """The object, after the upload is finished."""

    @classmethod
    def from_state(cls, state: Resource) -> Session:
        return cls(**{**state, "conditions": Conditions(**state["conditions"])})


@dataclass(frozen=True)
class Chunk:
    """The received part of a PUT's body, and its position in the upload."""

    file: IO[bytes]
    size: int
    start: int | None
    """The position of its first byte; None if the PUT only queries the progress."""
    total: int | None
    """The size of the whole upload, if the caller knows it."""


class Sessions:
    """The resumable uploads into one object store."""

    def __init__(self, folder: Path, database: Database, store: ObjectStore) -> None:
        """Load the sessions. An upload that a kill interrupted continues at a multiple of the grain."""
        self._database = database
        self._store = store
        self._lock = threading.Lock()
        self._folder = folder / "sessions"
        self._folder.mkdir(parents=True, exist_ok=True)
        loaded = [Session.from_state(state) for state in database.sessions()]
        self._sessions = {session.id: session for session in loaded}
        unfinished = {self._content(session) for session in loaded if session.result is None}
        for file in self._folder.iterdir():
            if file in unfinished:
                size = file.stat().st_size
                os.truncate(file, size - size % _GRAIN)
            else:
                file.unlink()

    def start(
        self,
        bucket: str,
        name: str,
        metadata: Resource,
        conditions: Conditions,
        *,
        size: int | None = None,
        origin: str | None = None,
    ) -> Session:
        self._store.check(bucket, name, conditions)
        session = Session(secrets.token_urlsafe(48), bucket, name, metadata, conditions, size, origin)
        with self._lock:
            self._content(session).touch()
            with self._database.change() as change:
                change.put_session(asdict(session))
            self._sessions[session.id] = session
        return session

    def find(self, upload_id: str) -> Session:
        if upload_id not in self._sessions:
            raise StorageError(404, "notFound", "There is no such upload session.")
        return self._sessions[upload_id]

    def cancel(self, session: Session) -> None:
        """Remove the session and its content; the object of a finished session stays."""
        with self._lock:
            if self._sessions.pop(session.id, None):
                with self._database.change() as change:
                    change.remove_session(session.id)
                self._content(session).unlink(missing_ok=True)

    def put(self, session: Session, chunk: Chunk, hashes: Mapping[str, str]) -> int:
        """Store `chunk`, and create the object (`session.result`) when complete. Returns the number of stored bytes."""
        with self._lock:
            self.find(session.id)
            if session.result:
                return int(session.result["size"])
            total = self._total(session, chunk)
            kept = self._append(session, chunk, total)
            if kept == total:
                self._finish(session, hashes)
            return kept

    def _total(self, session: Session, chunk: Chunk) -> int | None:
        if session.size is not None and chunk.total not in (None, session.size):
            raise invalid(f"The upload was declared with {session.size} bytes, not with {chunk.total}.")
        return session.size if chunk.total is None else chunk.total

    def _append(self, session: Session, chunk: Chunk, total: int | None) -> int:
        """Append the new bytes of `chunk`; stored bytes are never overwritten."""
        content = self._content(session)
        kept = content.stat().st_size
        start = kept if chunk.start is None else chunk.start
        if start > kept:
            raise StorageError(503, "backendError", f"The chunk starts at {start}, but only {kept} bytes are kept.")
        end = max(kept, start + chunk.size)
        if total is not None and end > total:
            raise invalid(f"The upload has more than its {total} bytes.")
        added = (end if end == total else end - end % _GRAIN) - kept
        if added > 0:
            chunk.file.seek(kept - start)
            with content.open("ab") as file:
                file.writelines(blocks(chunk.file, added))
        return kept + max(added, 0)

    def _finish(self, session: Session, hashes: Mapping[str, str]) -> None:
        """Create the object; the session has it as its result in the same transaction."""

        def store_result(change: Change, resource: Resource) -> None:
            change.put_session(asdict(replace(session, result=resource)))

        with self._content(session).open("rb") as file:
            metadata = {**session.metadata, **hashes}
            session.result = self._store.insert(
                session.bucket, session.name, blocks(file), metadata, session.conditions, also=store_result
            )
        self._content(session).unlink()

    def _content(self, session: Session) -> Path:
        return self._folder / f"{file_name(session.id)}.content"


@contextmanager
def receive(body: IO[bytes], content_range: str | None, content_length: int | None) -> Iterator[Chunk]:
    """Read a PUT to a session. If the connection breaks, the chunk has the bytes received so far."""
    place = parse_content_range_header(content_range)
    if content_range and (place is None or place.units != "bytes"):
        raise invalid(f"Invalid Content-Range: {content_range}")
    with tempfile.TemporaryFile() as file:
        whole = _copy(body, file)
        size = file.tell()
        if place is None:
            total = size if whole else content_length
            yield Chunk(file, size, 0, total)
            return
        if max(size, content_length or 0) > (place.stop or 0) - (place.start or 0):
            raise invalid("The body is longer than its Content-Range.")
        yield Chunk(file, size, place.start, place.length)


def _copy(body: IO[bytes], file: IO[bytes]) -> bool:
    """Copy `body` to `file`; False if the connection broke."""
    try:
        file.writelines(blocks(body))
    except (ClientDisconnected, OSError):
        return False
    return True
