"""Following the progress of a session."""

from __future__ import annotations

from collections.abc import Callable

from shared.records.event import Events
from shared.records.progress import Progress
from shared.records.visits.session import Session
from shared.store import progress
from shared.store.clinic import Clinic


def follow(clinic: Clinic, session_id: str) -> Callable[[str], Events[Progress]]:
    """Admit the caller to the session, once; returns the function that reads the progress, one document a call."""
    session = clinic.perform("session.follow", lambda work: work.get(Session.ref(session_id)))
    return lambda seen: progress.read(clinic.id, session.id, seen)
