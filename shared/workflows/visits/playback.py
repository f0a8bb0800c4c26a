"""Playing a recording: a short-lived URL of the audio, for those who may read the transcript."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from shared.gateways import storage
from shared.gateways.storage_objects import Stored
from shared.records.problems import Gone, NoneYet, NotFound
from shared.records.record import Value, session_of
from shared.records.types import Code, Moment
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate
from shared.workflows.visits.refs import expect

URL_LIVES = timedelta(minutes=5)
_LONGEST_MS = 24 * 3600 * 1000


class PlaybackQuery(Value):
    """Where to begin."""

    from_ms: int = Field(default=0, ge=0, le=_LONGEST_MS)
    """Milliseconds from the beginning of the recording, such as `start_ms` of one of its segments."""


class Playback(Value):
    """Where to play a recording."""

    url: str
    """A signed URL of Cloud Storage, for an audio player: GET only, with byte ranges, so that the player can seek. Its
    fragment `#t=` has the beginning in seconds. Keep it secret: who has it may hear the recording."""
    expires_at: Moment
    """From then on the URL is refused; ask for another one."""
    content_type: Code


def playback(clinic: Clinic, session_id: str, recording_id: str, query: PlaybackQuery) -> Playback:
    """A URL of the audio of a recording. Each URL that is given out has an entry in the audit trail.

    Raises ConsentMissing when the consent is withdrawn and the clinic then deletes recordings, NoneYet while the
    recording is awaited, and Gone when its audio was refused, never came or is deleted.
    """

    def transaction(work: UnitOfWork) -> Playback:
        if session_of(recording_id) == session_id:
            expect(work, session_id, Recording.ref(recording_id), *consent_gate.refs(work, session_id))
        session = work.get(Session.ref(session_id))
        if session_of(recording_id) != session.id:
            raise NotFound
        recording = work.get(Recording.ref(recording_id))
        consent_gate.require_kept(work, session.id)
        url = storage.playback_url(_audio_of(recording), recording.content_type, URL_LIVES)
        return Playback(
            url=f"{url}{_beginning(query.from_ms)}",
            expires_at=work.now + URL_LIVES,
            content_type=recording.content_type,
        )

    return clinic.perform("recording.play", transaction)


def _audio_of(recording: Recording) -> Stored:
    """The stored audio. The bucket is asked: audio is deleted without a change of the record, too."""
    if recording.status == RecordingStatus.AWAITED:
        raise NoneYet
    stored = storage.recording(recording.object_name) if recording.status == RecordingStatus.RECEIVED else None
    if stored is None:
        raise Gone
    return stored


def _beginning(from_ms: int) -> str:
    """The media fragment of a time (www.w3.org/TR/media-frags, 4.2.1)."""
    return f"#t={from_ms / 1000:g}" if from_ms else ""
