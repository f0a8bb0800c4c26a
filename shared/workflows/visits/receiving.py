"""What an uploaded recording leads to: a refusal, a failed transcription, or a recognition.

Apart from `recognition`, so that only the function that receives recordings loads the check of their content.
"""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.attempt import RECORDING_DELETED, SESSION_CANCELLED
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.problems import Forbidden
from shared.records.record import session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.moved_audio import MovedAudio
from shared.workflows.visits.strange_objects import UNKNOWN_RECORDING

with lazily(globals()):
    from shared.gateways import speech_models, storage
    from shared.gateways.storage_objects import Stored
    from shared.records.reports.report import Report
    from shared.records.visits.audio_types import audio_type
    from shared.records.visits.ids import report_id_of, transcription_of_recording
    from shared.records.visits.recording import Recording, RecordingStatus
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.session_error import with_failure
    from shared.records.visits.transcription import Transcription
    from shared.records.visits.visit_transcript import total_seconds
    from shared.workflows import attempts, consent_gate
    from shared.workflows.visits import audio_check, moved_audio, polls, recognition, sound, strange_objects, unreported
    from shared.workflows.visits.object_names import is_part, recording_of
    from shared.workflows.visits.recognition import Recognition
    from shared.workflows.visits.sound import Unmeasured


def receive(clinic: Clinic, object_name: str) -> None:
    """Check an uploaded recording and start its recognition. An object that nobody announced is discarded."""
    if is_part(object_name):  # written by `splitting`
        return
    recording_id = recording_of(object_name)
    if recording_id is None:
        strange_objects.discard_recording(object_name)
        return
    stored = storage.recording(object_name)
    if stored is None:
        return
    unmeasured: list[Unmeasured] = []
    try:
        todo = clinic.perform("recording.receive", lambda work: received(work, recording_id, stored, unmeasured))
    except Forbidden:  # there is no such clinic
        todo = UNKNOWN_RECORDING
    if todo == UNKNOWN_RECORDING:
        strange_objects.discard_recording(object_name, UNKNOWN_RECORDING)
    elif isinstance(todo, MovedAudio):
        moved_audio.follow(clinic, todo)
    elif isinstance(todo, str):
        storage.delete_recording(stored.name, stored.generation)
    elif todo is not None:
        polls.enqueue_poll(clinic, todo.transcription, poll=0, after=polls.first_gap())
        recognition.recognise(clinic, todo)
    for wanted in unmeasured:
        sound.measure(clinic, stored, wanted)


def received(
    work: UnitOfWork, recording_id: str, stored: Stored, unmeasured: list[Unmeasured]
) -> Recognition | MovedAudio | str | None:
    """The recognition to start, where the recording belongs by now, the reason to delete it, or None. `unmeasured` gets
    the recording, if it is to be measured besides."""
    unmeasured.clear()
    session_id = session_of(recording_id)
    ref, report_ref = Transcription.ref(transcription_of_recording(recording_id)), Report.ref(report_id_of(session_id))
    consents = consent_gate.refs(work, session_id)
    work.prefetch(Session.ref(session_id), Recording.ref(recording_id), ref, report_ref, *consents)
    session, recording = work.get_or_none(Session.ref(session_id)), work.get_or_none(Recording.ref(recording_id))
    if session is None or recording is None:
        return moved_audio.of_recording(work, recording_id) or UNKNOWN_RECORDING
    if recording.status == RecordingStatus.DELETED:
        return RECORDING_DELETED
    transcription = work.get_or_none(ref)
    if transcription is not None and session.status == SessionStatus.CANCELLED:
        return SESSION_CANCELLED
    if transcription is not None:
        unmeasured += sound.unmeasured(session, recording) if transcription.error_code is None else ()
        waits = transcription.waiting and not transcription.operations
        return recognition.next_attempt(work, transcription, session) if waits else None
    if refusal := _refusal(session, recording, stored) or consent_gate.failure(work, session.id, ConsentUse.RECORD):
        refused = {"status": RecordingStatus.REFUSED, "refusal": refusal}
        work.save(recording.revised(work.stamp, **refused))
        work.progress(session.id, recording=RecordingStatus.REFUSED)
        return refusal
    arrived, recognised = _accepted(work, session, recording, stored)
    unmeasured += sound.unmeasured(session, arrived) if recognised else ()
    return recognised


def _accepted(
    work: UnitOfWork, session: Session, recording: Recording, stored: Stored
) -> tuple[Recording, Recognition | None]:
    """Check what is in the recording, and request its transcription; None if it cannot be transcribed."""
    checked = audio_check.check(stored, session.recording_settings.channels, work.now)
    arrived = recording.revised(work.stamp, status=RecordingStatus.RECEIVED, **checked.facts)
    work.save(arrived)
    main, *others = session.stt_settings.languages
    transcription = Transcription.new(
        transcription_of_recording(recording.id),
        work.stamp,
        session_id=session.id,
        patient_id=session.patient_id,
        recording_id=recording.id,
        stt_model=speech_models.in_use(),
        language=main,
        other_languages=others,
        file_channels=arrived.channels,
        in_pieces=arrived.in_pieces,
        lost_audio=arrived.lost_audio,
        audio_duration_seconds=arrived.duration_seconds,
        needs_conversion=checked.convert,
        requested_at=work.now,
    )
    if checked.problem is None:
        unreported.mark(work, session, recording)
    reason = checked.problem or consent_gate.failure(work, session.id, ConsentUse.TRANSCRIBE)
    heard = transcription.failed(reason, work.stamp) if reason else transcription
    states = {"recording": arrived.status, **_save_session(work, _with_audio(session, arrived), heard)}
    heard = attempts.create(work, heard, **states)
    return arrived, None if reason else Recognition.of(work, heard, session)


def _save_session(work: UnitOfWork, session: Session, transcription: Transcription) -> dict[str, str]:
    """Save the session, whose error ends if text is on its way again; returns the state to publish if it did."""
    after = with_failure(session, None) if transcription.waiting else session
    work.save(after)
    return {} if after is session else {"session": after.status}


def _refusal(session: Session, recording: Recording, stored: Stored) -> str | None:
    """Why a recording is refused; None if it is accepted."""
    if session.status == SessionStatus.CANCELLED:
        return SESSION_CANCELLED
    if recording.refusal is not None:  # by a withdrawal, even if the patient consented again meanwhile
        return recording.refusal
    if stored.size != recording.size_bytes or audio_type(stored.content_type) != recording.content_type:
        return "not_as_announced"
    return None


def _with_audio(session: Session, recording: Recording) -> Session:
    """The session with its newest recording."""
    return sound.with_score(session, recording).amended(
        audio_file_url=recording.object_name,
        audio_file_size=recording.size_bytes,
        audio_format=recording.content_type,
        audio_duration_seconds=total_seconds(session.audio_duration_seconds, recording.duration_seconds),
    )
