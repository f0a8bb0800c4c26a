"""Sending the pieces of live recordings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from local.demo.pieces import digest_of
from local.stack.environment import PIECES_BUCKET
from shared.workflows.visits.object_names import piece_name
from tests.support.audio_files import tone, wav
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.crashes import bucket_of

PIECE = wav(tone(2))
"""Two seconds."""


def piece_of(number: int, seconds: float = 2) -> bytes:
    """A WAV file that differs from those of other numbers."""
    return wav(tone(seconds, level=0.1 + number / 1_000))


def opened(person: ApiClient, session_id: str, recorder_id: str = "recorder-1", **values: object) -> Reply:
    """Open a live recording."""
    return person.post(f"/sessions/{session_id}/audio", {"recorder_id": recorder_id, **values}, key="")


def send_piece(
    person: ApiClient,
    recording_id: str,
    number: int,
    body: bytes | None = None,
    *,
    ends: str = "",
    seconds_ago: float = 0,
    captured_at: datetime | None = None,
    start_ms: int | None = None,
    session_id: str = "",
    media_type: str = "audio/wav",
    digest: str = "",
) -> Reply:
    """Send a piece of two seconds, which follows the piece before it."""
    content = piece_of(number) if body is None else body
    captured_at = captured_at or datetime.now(UTC) - timedelta(seconds=seconds_ago)
    begin = 2_000 * (number - 1) if start_ms is None else start_ms
    path = piece_path(recording_id, number, begin, captured_at, ends, session_id)
    headers = {"Content-Type": media_type, "Content-Digest": digest or digest_of(content)}
    return person.send("POST", path, content, **headers)


def piece_path(
    recording_id: str, number: int, start_ms: int, captured_at: datetime, ends: str = "", session_id: str = ""
) -> str:
    """The path and query of a piece, by default of the session of its recording."""
    query = {"recording_id": recording_id, "start_ms": start_ms, "captured_at": captured_at.isoformat()}
    session = session_id or recording_id.rpartition("-a")[0]
    return f"/sessions/{session}/audio/pieces/{number}?{urlencode({**query, **({'ends': ends} if ends else {})})}"


def stored_pieces(clinic: TestClinic, recording: str) -> dict[int, bytes]:
    """The objects of a recording in the bucket of pieces, by number."""
    session = recording.rpartition("-a")[0]
    prefix = piece_name(clinic.id, session, recording, 0).rpartition("/")[0]
    blobs = bucket_of(clinic.stack, PIECES_BUCKET).list_blobs(prefix=prefix)
    return {int(blob.name.rpartition("/")[2]): blob.download_as_bytes() for blob in blobs}
