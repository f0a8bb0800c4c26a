"""Valid records of live recordings, for examples and tests; see `factories`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from shared.records.record import Stamp
from shared.records.visits.live.accounts import LiveAudio, live_audio_id
from shared.records.visits.live.piece import LivePiece, TextStatus, piece_id
from shared.records.visits.recording import Recording

RECORDER_ID = "9b1f3c52-7d0e-4a68-8f2b-c41d6e0a7b93"
_DIGEST = sha256(b"").hexdigest()


def live_recording(recording_id: str, session_id: str, stamp: Stamp, **values: Any) -> Recording:
    """A live recording that awaits its pieces."""
    defaults = {"object_name": f"clinics/aster/sessions/{session_id}/recordings/{recording_id}", "in_pieces": True}
    named = {"session_id": session_id, "content_type": "audio/wav", "size_bytes": 0}
    return Recording.new(recording_id, stamp, **{**defaults, **named, **values})


def live_audio(session_id: str, stamp: Stamp, **values: Any) -> LiveAudio:
    """The accounting of a session without live recordings."""
    return LiveAudio.new(live_audio_id(session_id), stamp, **{"session_id": session_id, **values})


def live_piece(recording_id: str, number: int, stamp: Stamp, **values: Any) -> LivePiece:
    """Ten seconds of silence at 16 kHz, which follow the piece before."""
    defaults = {
        "start_ms": 10_000 * (number - 1),
        "duration_ms": 10_000,
        "captured_at": stamp.at,
        "received_at": stamp.at,
        "content_type": "audio/wav",
        "sample_rate_hertz": 16_000,
        "channels": 1,
        "frames": 160_000,
        "bare": True,
        "data_bytes": 320_000,
        "data_sha256": _DIGEST,
        "size_bytes": 320_044,
        "sha256": _DIGEST,
        "generation": 1,
        "event": number,
        "text_status": TextStatus.NO_SPEECH,
    }
    named = {"recording_id": recording_id, "number": number}
    return LivePiece.new(piece_id(recording_id, number), stamp, **{**defaults, **named, **values})
