"""The audio of a session that moved to another patient follows it: the name of an object has its session's id.

Every object that is there when a session moves has a transcription, whose change causes an event; one that arrives
later under its former name causes its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.record import session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import storage
    from shared.records.visits.ids import recording_of_transcription
    from shared.records.visits.moving import id_at
    from shared.records.visits.session import Session
    from shared.workflows.visits.object_names import recording_name


@dataclass(frozen=True)
class MovedAudio:
    """A recording whose session moved, and its id there."""

    recording_id: str
    moved_id: str


def of_recording(work: UnitOfWork, recording_id: str) -> MovedAudio | None:
    """Where the audio of a recording belongs by now; None if its session did not move."""
    session_id = session_of(recording_id)
    session = work.get_or_none(Session.ref(session_id), live=False)
    if session is None or session.successor_id is None:
        return None
    return MovedAudio(recording_id, id_at(recording_id, session_id, session.successor_id))


def of_transcription(work: UnitOfWork, transcription_id: str) -> MovedAudio | None:
    """As `of_recording`, by the id of a transcription of the recording."""
    return of_recording(work, recording_of_transcription(transcription_id))


def follow(clinic: Clinic, audio: MovedAudio) -> None:
    """Move the audio to its session. The event of the copy then goes on as after an upload. May be repeated."""
    names = (recording_name(clinic.id, session_of(id), id) for id in (audio.recording_id, audio.moved_id))
    storage.move_recording(*names)
