"""Opening a live recording: one recorder has a session at a time."""

from __future__ import annotations

from shared.records.clinic.consent_policy import ConsentUse
from shared.records.conflict_codes import ConflictCode
from shared.records.created import Created
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.reports.report import Report
from shared.records.reports.signed import SignedReport
from shared.records.visits.audio_types import audio_type
from shared.records.visits.ids import recording_id_of, report_id_of
from shared.records.visits.live.accounts import LiveAudio, live_audio_ref
from shared.records.visits.live.in_the_way import AnotherRecorder
from shared.records.visits.live.recorded import PIECE_TYPES, LiveRecording, NewLiveRecording
from shared.records.visits.recording import MOST_UPLOADS, Recording
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate, permissions
from shared.workflows.stored_proofs import reports_must_be_unsigned
from shared.workflows.visits.object_names import recording_name
from shared.workflows.visits.refs import expect, moved_named


def open_recording(clinic: Clinic, session_id: str, new: NewLiveRecording) -> Created[Recording]:
    """Open a recording that gets its audio in pieces, or find that of the same recorder.

    Raises ConsentMissing without the patient's consents to a recording, AnotherRecorder while another one has the
    session, and Conflict when the session is over, a report is signed, or there are as many recordings as possible.
    """
    content_type = audio_type(new.content_type)
    if content_type not in PIECE_TYPES:
        raise Invalid(errors=[FieldError("/content_type", f"one of {', '.join(PIECE_TYPES)}")])

    def transaction(work: UnitOfWork) -> Created[Recording]:
        report, proof = Report.ref(report_id_of(session_id)), SignedReport.ref(report_id_of(session_id))
        audio_ref, first = live_audio_ref(session_id), Recording.ref(recording_id_of(session_id, 1))
        expect(work, session_id, audio_ref, first, report, proof, *consent_gate.refs(work, session_id))
        with moved_named(work, session_id):
            session = work.get(Session.ref(session_id))
        permissions.require(work, Action.RECORD_VISIT, session)
        session.must_not_be_cancelled()
        consent_gate.require(work, session.id, ConsentUse.RECORD)
        stored = work.get_or_none(live_audio_ref(session.id))
        audio = stored or LiveAudio.empty(session.id, work.stamp)
        if found := _present(work, audio):
            account, recording = found
            if account.recorder_id == new.recorder_id:
                return Created(recording, first=False)
            if not new.take_over:
                raise AnotherRecorder(account)
        _require_open(work, session)
        opened, recording = _opened(work, session, audio, new.recorder_id, content_type)
        (work.save if stored else work.create)(opened)
        return Created(recording, first=True)

    return clinic.perform("recording.open_live", transaction)


def _present(work: UnitOfWork, audio: LiveAudio) -> tuple[LiveRecording, Recording] | None:
    """The recording that may be going on, if nobody deleted it or withdrew a consent to it."""
    account = audio.untaken
    recording = work.get_or_none(Recording.ref(account.recording_id)) if account else None
    if account is None or recording is None:
        return None
    return (account, recording) if recording.awaited else None


def _require_open(work: UnitOfWork, session: Session) -> None:
    """Raises Conflict for a session that takes no new live recording."""
    if not session.open:
        detail = f"the session is {session.status}: upload what was recorded, or reopen it"
        raise Conflict(ConflictCode.SESSION_STATE, detail)
    reports_must_be_unsigned(work, session, ": it would lack the recording")
    if session.uploads >= MOST_UPLOADS:
        raise Conflict(ConflictCode.TOO_MANY_RECORDINGS, f"a session has at most {MOST_UPLOADS} recordings")


def _opened(
    work: UnitOfWork, session: Session, audio: LiveAudio, recorder_id: str, content_type: str
) -> tuple[LiveAudio, Recording]:
    count = session.uploads + 1
    recording_id = session.recording_id(count)
    recording = Recording.new(
        recording_id,
        work.stamp,
        session_id=session.id,
        object_name=recording_name(work.clinic_id, session.id, recording_id),
        content_type=content_type,
        size_bytes=0,
        in_pieces=True,
    )
    work.save(session.amended(uploads=count))
    work.progress(session.id, recording=recording.status)
    return audio.opened(recording_id, recorder_id, work.now).expecting(work.stamp), work.create(recording)
