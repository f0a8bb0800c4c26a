"""Noticing a recorder that is silent while its session runs: what it records may be on its device only."""

from __future__ import annotations

from datetime import timedelta

from shared.records.visits.live.accounts import LiveAudio, LiveStatus
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session, SessionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.live import log
from shared.workflows.visits.live.log import Gap

SILENT_AFTER = timedelta(minutes=5)
"""Without a piece; a piece has 55 seconds at most."""


def notice(clinic: Clinic, live_id: str) -> None:
    """Log a silence, once: the next piece, or another recorder, begins another one. A pause is no silence."""

    def transaction(work: UnitOfWork) -> str | None:
        live = work.get_or_none(LiveAudio.ref(live_id))
        if live is None or live.status != LiveStatus.RECORDING or work.now - live.updated_at < SILENT_AFTER:
            return None
        session = _recorded(work, live)
        if session is not None and session.status == SessionStatus.PAUSED:
            work.save(live.expecting(work.stamp))  # looked at again
            return None
        work.save(live.expecting_nothing(work.stamp))
        return session.id if session else None

    silent = clinic.perform("piece.miss", transaction)
    if silent is not None:
        log.gap(clinic.id, silent, Gap.SILENT)


def _recorded(work: UnitOfWork, live: LiveAudio) -> Session | None:
    """The session, if it is open and has a recorder that may send."""
    if live.untaken is None:
        return None
    recording_ref = Recording.ref(live.untaken.recording_id)
    work.prefetch(Session.ref(live.session_id), recording_ref)
    session, recording = work.get_or_none(Session.ref(live.session_id)), work.get_or_none(recording_ref)
    return session if session and session.open and recording and recording.awaited else None
