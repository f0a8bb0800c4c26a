"""The error of a session: its visit is over, and none of its recordings can become text until a person acts."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.attempt import RECORDING_DELETED, SESSION_CANCELLED
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcription import Transcription

_BY_PERSONS = frozenset({RECORDING_DELETED, SESSION_CANCELLED})


def with_failure(session: Session, failure: str | None) -> Session:
    """The session whose recordings cannot become text, for this cause; None: there is text, or some is on its way.

    Only a visit that is over is in error, and not again for a cause that a person has settled.
    """
    if not session.over or failure == session.failed_attempt:
        return session
    return session.amended(status=SessionStatus.ERROR if failure else SessionStatus.COMPLETED, failed_attempt=failure)


def settled(session: Session) -> Session:
    """The session without its error: a person documents the visit without the recording."""
    return session.amended(status=SessionStatus.COMPLETED) if session.status == SessionStatus.ERROR else session


def failure_of(newest_first: Sequence[Transcription]) -> str | None:
    """Why a session has no text: its newest transcription failed, and which attempt.

    None while one of its transcriptions has words or waits for them, and after a person deleted the newest recording.
    """
    if not newest_first or any(one.waiting or one.has_speech for one in newest_first):
        return None
    newest = newest_first[0]
    by_person = newest.error_code is None or newest.error_code in _BY_PERSONS
    return None if by_person else f"{newest.id}/{newest.attempt}"
