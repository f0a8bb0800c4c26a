"""The sound of a long recording: measured after its recognition has begun, which does not wait for it.

To measure is to decode: about five seconds of a processor for 20 minutes of two channels. The engine hears the
recording meanwhile. A crash leaves it unmeasured, and the next delivery of its event measures it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.gateways.storage_objects import Stored
from shared.records.record import session_of
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits import audio_check


@dataclass(frozen=True)
class Unmeasured:
    """A recording that is to be measured."""

    recording_id: str
    channels: int
    """Of the session."""


def unmeasured(session: Session, recording: Recording) -> Iterator[Unmeasured]:
    """What is to be measured of a recording that was received."""
    if recording.unmeasured:
        yield Unmeasured(recording.id, len(session.recording_settings.channels))


def measure(clinic: Clinic, stored: Stored, wanted: Unmeasured) -> None:
    """Measure a recording, and keep what was found, unless it was deleted or moved meanwhile."""
    facts = audio_check.measured(stored, wanted.channels, clinic.now())

    def transaction(work: UnitOfWork) -> None:
        session_ref, ref = Session.ref(session_of(wanted.recording_id)), Recording.ref(wanted.recording_id)
        work.prefetch(session_ref, ref)
        session, recording = work.get_or_none(session_ref), work.get_or_none(ref)
        if session is None or recording is None:
            return
        if recording.status != RecordingStatus.RECEIVED or not recording.unmeasured:
            return
        heard = work.save(recording.amended(**{**facts, "unmeasured": False}))
        if session.audio_file_url == heard.object_name:  # it is still the newest
            work.save_edit(session, with_score(session, heard))

    clinic.perform("recording.measure", transaction)


def with_score(session: Session, recording: Recording) -> Session:
    """The session with the score of its newest recording; itself if that one is silent, or not measured, and says
    nothing of the visit's sound."""
    if recording.audio_quality_score is None or recording.mostly_silent:
        return session
    return session.amended(audio_quality_score=recording.audio_quality_score)
