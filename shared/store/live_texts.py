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
    progress, audio = (
        f"clinics/{clinic_id}/{path}"
        for path in (f"progress/{session_id}", LiveAudio.path_of(live_audio_id(session_id)))
    )
    found = database.client().get([progress, audio])
    running = found[progress].to_dict().get("session") in OPEN_STATES
    return Counted(found[audio].to_dict().get("events", 0), running)
