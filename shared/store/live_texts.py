"""Reading how many live texts a session has, and whether it still runs. Each piece's commit counts its text."""

from __future__ import annotations

from dataclasses import dataclass

from shared.records.visits.live.accounts import LiveAudio, live_audio_id
from shared.records.visits.session import OPEN_STATES
from shared.store import database


@dataclass(frozen=True)
class Counted:
    """What tells a client that follows whether there is anything to fetch."""

    texts: int
    running: bool
    """True while the session is in progress or paused."""


def count(clinic_id: str, session_id: str) -> Counted:
    """Two documents in one call. Checks no rights: the caller must have been admitted to the session."""
    client = database.client()
    paths = f"progress/{session_id}", LiveAudio.path_of(live_audio_id(session_id))
    found = client.get_all([client.document(f"clinics/{clinic_id}/{path}") for path in paths])
    stored = {snapshot.reference.parent.id: snapshot.to_dict() or {} for snapshot in found}
    texts = stored[LiveAudio.collection].get("events", 0)
    return Counted(texts, running=stored["progress"].get("session") in OPEN_STATES)
