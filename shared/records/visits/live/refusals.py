"""Why the state of a session or of a recording takes no piece."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.types import CLOCK_SKEW
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session, SessionStatus


def must_take(session: Session, recording: Recording, account: LiveRecording, captured_at: datetime) -> None:
    """Raises Conflict if a piece that was captured then is not taken, whatever its content. What was captured before
    the session ended, or before another recorder took it over, is taken until the recording is joined."""
    session.must_not_be_cancelled()
    must_be_awaited(recording)
    if account.taken_over_at is not None and captured_at >= account.taken_over_at:
        raise Conflict(ConflictCode.TAKEN_OVER, "another recorder has the session since then: stop recording here")
    closed_at = None if session.open else session.closed_at
    if closed_at is not None and captured_at > closed_at + CLOCK_SKEW:
        raise Conflict(ConflictCode.SESSION_STATE, f"it was captured when the session was {session.status} already")


def must_be_awaited(recording: Recording) -> None:
    """Raises Conflict unless the recording may still get pieces."""
    if recording.joined or recording.status == RecordingStatus.RECEIVED:
        raise Conflict(ConflictCode.RECORDING_JOINED, "the pieces are one recording already: upload this one by itself")
    if recording.status == RecordingStatus.DELETED:
        raise Conflict(ConflictCode.RECORDING_DELETED, "the recording is deleted")
    if not recording.awaited:
        raise Conflict(ConflictCode.RECORDING_CLOSED, "the recording takes no more audio: open another one")


def must_not_be_paused(session: Session, captured_at: datetime, duration_ms: int) -> None:
    """Raises Conflict for a piece of a pause. Its middle counts: clocks differ, and pauses begin within a piece."""
    if in_pause(session, captured_at + timedelta(milliseconds=duration_ms) / 2):
        raise Conflict(ConflictCode.SESSION_PAUSED, "it was captured while the session was paused")


def in_pause(session: Session, at: datetime) -> bool:
    """True if the session was paused then."""
    if session.status == SessionStatus.PAUSED and session.paused_at is not None and at >= session.paused_at:
        return True
    return any(pause.began <= at < pause.ended for pause in session.pauses)
