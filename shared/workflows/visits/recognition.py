"""From an uploaded recording to a transcription.

    upload finalized → receive → recognise → (Speech-to-Text writes the result) → result finalized → hear
                                    └ a delayed task looks after it

Each step may be delivered twice, late or out of order, and may die anywhere; it decides from what is stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from shared import settings
from shared.gateways import speech, speech_result, storage, tasks
from shared.gateways.storage import Stored
from shared.records.problems import Unavailable
from shared.records.record import session_of
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.segments import segments_of
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcription import (
    Transcription,
    TranscriptionStatus,
    TranscriptPart,
    part_id,
    parts_of,
)
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

QUEUE = "transcriptions"
LONGEST_WAIT = timedelta(hours=24)
"""Speech-to-Text may take as long; after that it is given up."""
LONGEST_CHECK_GAP = timedelta(minutes=30)
STALLED_AFTER = LONGEST_CHECK_GAP + timedelta(minutes=10)
"""A transcription that waits and did not change for so long has lost its looks, or takes uncommonly long."""

_RESULT = re.compile(r"^clinics/[^/]+/transcriptions/([^/]+)/attempts/(\d+)/")


@dataclass(frozen=True)
class Recognition:
    """One call of the engine to be made."""

    transcription: Transcription
    session: Session


def receive(clinic: Clinic, object_name: str) -> None:
    """A recording was uploaded: check it and have it recognised."""
    stored = storage.recording(object_name)
    if stored is None:
        return
    recording_id = object_name.rpartition("/")[2]
    todo = clinic.perform("recording.receive", lambda work: _received(work, recording_id, stored))
    if isinstance(todo, str):
        storage.delete_recording(stored)
    elif todo is not None:
        _ask_for_look(clinic, todo.transcription, look=0, after=_first_gap())
        _recognise(clinic, todo)


def hear(clinic: Clinic, object_name: str) -> None:
    """A result was written: keep it sealed, and delete it in the clear.

    Its name is `clinics/{clinic}/transcriptions/{transcription}/attempts/{attempt}/…`.
    """
    name = _RESULT.match(object_name)
    if name:
        transcription_id, attempt = name[1], int(name[2])
        clinic.perform("transcription.hear", lambda work: _heard(work, transcription_id, attempt, object_name))
    storage.delete_result(object_name)


def look_after(clinic: Clinic, transcription_id: str, attempt: int, look: int | None) -> None:
    """See what became of a recognition; a failed one is found here, for its result never comes.

    `look` counts the looks that follow each other; a look without a number is followed by none.
    """
    transcription = clinic.perform("transcription.check", lambda work: work.get(Transcription.ref(transcription_id)))
    if attempt > transcription.attempt:
        raise Unavailable  # asked for in a change that is not committed yet
    if not transcription.waiting or attempt < transcription.attempt:
        return
    if transcription.operation_name is None:
        todo = clinic.perform("transcription.restart", lambda work: _restarted(clinic, work, transcription_id, attempt))
        if todo is not None:
            _recognise(clinic, todo)
        else:  # begun while we looked
            _look_again(clinic, transcription, look)
        return
    outcome = speech.outcome(transcription.operation_name)
    overdue = clinic.now() - transcription.requested_at > LONGEST_WAIT
    if outcome.result_uri:
        hear(clinic, outcome.result_uri.removeprefix(storage.result_uri("")))
    if outcome.error or overdue:
        _fail(clinic, transcription_id, attempt, outcome.error or "deadline_exceeded")
    else:  # also after a result, which may be gone: then the next look finds it out
        _look_again(clinic, transcription, look)


def revive(clinic: Clinic, transcription_id: str) -> str | None:
    """Have a transcription that stalled looked after once more, or give it up; returns which, or none if it moved on.

    The look is followed by no other: where the looks were lost, the sweep comes again; where they were not, they go on.
    """

    def transaction(work: UnitOfWork) -> str | None:
        transcription = work.get_or_none(Transcription.ref(transcription_id))
        if transcription is None or not transcription.waiting or work.now - transcription.updated_at < STALLED_AFTER:
            return None
        if work.now - transcription.requested_at > LONGEST_WAIT:
            _give_up(work, transcription, "deadline_exceeded")
            return "failed"
        # Before the commit, and named by the change before: two sweeps at once ask once, and a later one anew.
        _ask_for_look(clinic, transcription, look=None, after=timedelta(0))
        work.save(transcription.revised(work.stamp))
        return "looked_after"

    return clinic.perform("transcription.revive", transaction)


def retry(clinic: Clinic, transcription_id: str) -> Transcription:
    """Have a failed transcription made again from the same recording."""

    def transaction(work: UnitOfWork) -> Transcription:
        transcription = work.get_for_update(Transcription.ref(transcription_id)).retried(work.stamp)
        # Before the commit: a task that finds nothing to do is harmless, a change without its task would be stuck.
        _ask_for_look(clinic, transcription, look=0, after=timedelta(0))
        work.progress(transcription.session_id, transcription=transcription.status)
        return work.save(transcription)

    return clinic.perform("transcription.retry", transaction)


def _received(work: UnitOfWork, recording_id: str, stored: Stored) -> Recognition | str | None:
    """What to do with a recording: have it recognised, delete it (the reason), or nothing."""
    session_id = session_of(recording_id)
    ref = Transcription.ref(f"{session_id}-t{recording_id.rpartition('-a')[2]}")
    work.prefetch(Session.ref(session_id), Recording.ref(recording_id), ref)
    session, recording = work.get_or_none(Session.ref(session_id)), work.get_or_none(Recording.ref(recording_id))
    if session is None or recording is None:
        return "unknown_recording"
    transcription = work.get_or_none(ref)
    if transcription is not None:
        waits = transcription.waiting and transcription.operation_name is None
        return _again(work, transcription, session) if waits else None
    if refusal := _refusal(session, recording, stored):
        refused = {"status": RecordingStatus.REFUSED, "refusal": refusal}
        work.save(recording.revised(work.stamp, **refused))
        work.progress(session.id, recording=RecordingStatus.REFUSED)
        return refusal
    work.save(recording.revised(work.stamp, status=RecordingStatus.RECEIVED))
    work.save(_with_audio(work, session, stored))
    transcription = Transcription.new(
        ref.id,
        work.stamp,
        session_id=session.id,
        patient_id=session.patient_id,
        recording_id=recording.id,
        stt_model=speech.model(),
        language=session.stt_settings.language,
        requested_at=work.now,
    )
    work.progress(session.id, transcription=transcription.status)
    return Recognition(work.create(transcription), session)


def _refusal(session: Session, recording: Recording, stored: Stored) -> str | None:
    """Why a recording is not taken."""
    if session.status == SessionStatus.CANCELLED:
        return "session_cancelled"
    if stored.size != recording.size_bytes or stored.content_type != recording.content_type:
        return "not_as_announced"
    return None


def _with_audio(work: UnitOfWork, session: Session, stored: Stored) -> Session:
    return session.revised(
        work.stamp, audio_file_url=stored.name, audio_file_size=stored.size, audio_format=stored.content_type
    )


def _again(work: UnitOfWork, transcription: Transcription, session: Session) -> Recognition:
    """A recognition that was begun but not noted died on the way; the next has a number of its own."""
    return Recognition(work.save(transcription.attempted_again(work.stamp)), session)


def _restarted(clinic: Clinic, work: UnitOfWork, transcription_id: str, attempt: int) -> Recognition | None:
    ref = Transcription.ref(transcription_id)
    work.prefetch(ref, Session.ref(session_of(transcription_id)))
    transcription = work.get(ref)
    if not transcription.waiting or transcription.attempt != attempt or transcription.operation_name is not None:
        return None
    todo = _again(work, transcription, work.get(Session.ref(transcription.session_id)))
    # Before the commit: after it this look belongs to an attempt that is over, and would do nothing if sent again.
    _ask_for_look(clinic, todo.transcription, look=0, after=_first_gap())
    return todo


def _recognise(clinic: Clinic, todo: Recognition) -> None:
    """Call the engine. The attempt is committed already, and a look is arranged before, so nothing is forgotten."""
    transcription, session = todo.transcription, todo.session
    output = f"clinics/{clinic.id}/transcriptions/{transcription.id}/attempts/{transcription.attempt}/"
    try:
        operation = speech.begin(
            storage.recording_uri(_recording_name(clinic, transcription)),
            storage.result_uri(output),
            language=transcription.language,
            channels=len(session.recording_settings.channels),
        )
    except speech.SpeechRefused:
        _fail(clinic, transcription.id, transcription.attempt, "speech_refused")
        return

    def transaction(work: UnitOfWork) -> None:
        current = work.get(Transcription.ref(transcription.id))
        if current.waiting and current.attempt == transcription.attempt and current.operation_name is None:
            work.save(current.begun(work.stamp, operation_name=operation))
            work.progress(current.session_id, transcription=TranscriptionStatus.PROCESSING)

    clinic.perform("transcription.begin", transaction)


def _recording_name(clinic: Clinic, transcription: Transcription) -> str:
    """The object name of a transcription's recording."""
    return f"clinics/{clinic.id}/sessions/{transcription.session_id}/recordings/{transcription.recording_id}"


def _heard(work: UnitOfWork, transcription_id: str, attempt: int, object_name: str) -> None:
    ref, session_ref = Transcription.ref(transcription_id), Session.ref(session_of(transcription_id))
    work.prefetch(ref, session_ref)
    transcription, session = work.get_or_none(ref), work.get_or_none(session_ref)
    if transcription is None or session is None or not transcription.waiting or transcription.attempt != attempt:
        return
    content = storage.read_result(object_name)
    if content is None:
        return
    try:
        result = speech_result.parse(content, session.recording_settings.channels)
    except speech_result.UnreadableResult:
        work.save(transcription.failed("result_unreadable", work.stamp))
        return
    segments = segments_of(result.utterances)
    heard = transcription.heard(segments, work.stamp, audio_seconds=result.audio_seconds)
    work.save(heard)
    for count, part in enumerate(parts_of(segments), start=1):
        work.create(TranscriptPart.new(part_id(heard.id, count), work.stamp, segments=part))
    measured = {"audio_duration_seconds": result.audio_seconds, "audio_quality_score": heard.confidence_score}
    work.save(session.revised(work.stamp, **measured))
    work.progress(session.id, transcription=heard.status)


def _fail(clinic: Clinic, transcription_id: str, attempt: int, reason: str) -> None:
    def transaction(work: UnitOfWork) -> None:
        transcription = work.get(Transcription.ref(transcription_id))
        if transcription.waiting and transcription.attempt == attempt:
            _give_up(work, transcription, reason)

    clinic.perform("transcription.fail", transaction)


def _give_up(work: UnitOfWork, transcription: Transcription, reason: str) -> None:
    work.save(transcription.failed(reason, work.stamp))
    work.progress(transcription.session_id, transcription=TranscriptionStatus.FAILED)


def _first_gap() -> timedelta:
    return timedelta(seconds=settings.load(settings.Patience).check_after_seconds)


def _look_again(clinic: Clinic, transcription: Transcription, look: int | None) -> None:
    """Arrange the look that follows this one."""
    if look is not None:
        gap = min(_first_gap() * 2 ** (look + 1), LONGEST_CHECK_GAP)
        _ask_for_look(clinic, transcription, look=look + 1, after=gap)


def _ask_for_look(clinic: Clinic, transcription: Transcription, *, look: int | None, after: timedelta) -> None:
    body: dict[str, str | int] = {
        "clinic_id": clinic.id,
        "transcription_id": transcription.id,
        "attempt": transcription.attempt,
    }
    if look is not None:
        body["look"] = look
    which = f"changed {transcription.updated_at.isoformat()}" if look is None else look
    deduplication_key = f"{clinic.id}/{transcription.id}/{transcription.attempt}/{which}"
    tasks.enqueue(QUEUE, "check_transcription", body, deduplication_key=deduplication_key, at=clinic.now() + after)
