"""Operations on sessions and transcriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.billing.types import BillStatus
from shared.records.event import Event
from shared.records.permissions import Action
from shared.records.progress import Progress
from shared.records.record import Detailed, Stamp
from shared.records.version import Version
from shared.records.visits.ids import take_of
from shared.records.visits.links import Links
from shared.records.visits.moves import NewMove
from shared.records.visits.moving import moved
from shared.records.visits.recording import RecordingStatus
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.speech import Speaker, TranscriptionSettings
from shared.records.visits.transcript_correction import TranscriptCorrection, TranscriptHistory
from shared.records.visits.transcription import TranscriptionStatus
from shared.records.visits.visit_transcript import TranscriptionState, VisitSegment
from shared.workflows.visits import playback, recordings, reopening, transcripts
from shared.workflows.visits.links import LinkedSession
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES, PATIENT
from tools.openapi.operation_cases.sample_clinic import BEGAN, DOCTOR, ENDED

# Sessions

_START = {
    "patient_id": PATIENT.id,
    "type": "followup",
    "chief_complaint": "Wakes at four and cannot fall asleep again.",
    "recording_settings": {"channels": ["practitioner", "patient"], "sample_rate_hertz": 48_000},
}
SESSION = factories.session(
    PATIENT, Stamp(DOCTOR, BEGAN), id=f"{PATIENT.id}-s5m2wd8r", number="SESS-20260107", **_START
)
COMPLETED = SESSION.completed(Stamp(DOCTOR, ENDED))
_LINKS = Links(
    **dict(PARTIES),
    recordings=[SESSION.recording_id(1)],
    transcription_id=SESSION.transcription_id,
    transcription_failure=None,
    length_differs=False,
    report_id=SESSION.report_id,
    report_ids=[SESSION.report_id],
    bill_id=SESSION.bill_id,
    overdue_running=False,
)


_NO_LINKS = Links.none_yet(PARTIES)


def _linked(session: Session, links: Links = _NO_LINKS) -> LinkedSession:
    """The session with what came of it so far."""
    return Detailed(session, links)


OF_SESSION = {"id": SESSION.id}

_FILE = {"content_type": "audio/webm", "size_bytes": 11_534_336}
RECORDING = factories.recording(
    SESSION,
    Stamp(DOCTOR, ENDED),
    object_name=f"clinics/banyan/sessions/{SESSION.id}/{SESSION.recording_id(1)}",
    **_FILE,
)
_UPLOAD = recordings.Upload(
    upload_url="https://storage.googleapis.com/upload/storage/v1/b/audio/o?uploadType=resumable&upload_id=ABPnzm7"
)

_PLAYBACK = playback.Playback(
    url=f"https://storage.googleapis.com/audio/{RECORDING.object_name}?X-Goog-Expires=300&X-Goog-Signature=4f1c#t=2.9",
    expires_at=ENDED + playback.URL_LIVES,
    content_type=RECORDING.content_type,
)

_PROGRESS = Progress(
    session=SessionStatus.COMPLETED,
    recording=RecordingStatus.RECEIVED,
    transcription=TranscriptionStatus.PROCESSING,
    bill=BillStatus.PENDING,
    at=ENDED + timedelta(minutes=1),
)
_EVENT = Event((_PROGRESS.at + timedelta(milliseconds=480)).isoformat(), _PROGRESS)

_RIGHT_PATIENT = "w2c8nq5rt7m1k4xd9vbz"
_MOVE = {"patient_id": _RIGHT_PATIENT, "from_patient_id": PATIENT.id, "reason": "Another chart was open."}
_MOVING = Stamp(DOCTOR, BEGAN + timedelta(minutes=2))

# Transcriptions

TRANSCRIPTION = factories.transcription(SESSION, Stamp(DOCTOR, ENDED)).revised(
    Stamp("system", ENDED + timedelta(minutes=3)),
    status=TranscriptionStatus.COMPLETED,
    completed_at=ENDED + timedelta(minutes=3),
    confidence_score=0.95,
    word_count=16,
    character_count=73,
    segment_count=2,
    audio_duration_seconds=1_434.2,
)
_SEGMENTS = [
    factories.segment(
        1,
        "How have you been sleeping?",
        speaker=Speaker.PRACTITIONER,
        start_ms=0,
        end_ms=2_400,
        confidence=0.97,
    ),
    factories.segment(
        2,
        "I wake at four, three or four nights a week.",
        start_ms=2_900,
        end_ms=8_600,
        confidence=0.93,
        uncertain_words=["three"],
    ),
]
_NO_HISTORY = TranscriptHistory.new(TRANSCRIPTION.id, Stamp(DOCTOR, ENDED))
_TEXT = transcripts.text_of(_SEGMENTS, 1, _NO_HISTORY)
_CORRECTING = Stamp(DOCTOR, ENDED + timedelta(minutes=9))
_CORRECTION = {
    "edits": [{"number": 2, "text": "I wake at four, five nights a week."}],
    "correction_notes": "Heard again.",
}
_HISTORY = _NO_HISTORY.with_version(TranscriptCorrection.model_validate(_CORRECTION), _SEGMENTS, _CORRECTING)
_CORRECTED = _HISTORY.text_at(2, _SEGMENTS)
VISIT_SEGMENTS = [
    VisitSegment(**dict(segment), transcription_id=TRANSCRIPTION.id, recording_id=TRANSCRIPTION.recording_id)
    for segment in _SEGMENTS
]
SOURCES = [factories.transcript_source(SESSION, segments=len(_SEGMENTS))]
_VISIT_TEXT = transcripts.VisitText(
    transcript_text=_TEXT.transcript_text,
    segments=VISIT_SEGMENTS,
    sources=SOURCES,
    transcriptions=[TranscriptionState.of(TRANSCRIPTION)],
)
_OF_TRANSCRIPTION = {"id": TRANSCRIPTION.id}

CASES: Mapping[str, OperationCase] = {
    "sessions.start": OperationCase(body=_START, answer=_linked(SESSION), action=Action.START_VISIT),
    "sessions.list_sessions": OperationCase(
        query={"day": "2026-09-14", "status": "completed"}, answer=page(_linked(COMPLETED, _LINKS)), state=State.CLINIC
    ),
    "sessions.get": OperationCase(path=OF_SESSION, answer=_linked(COMPLETED, _LINKS), action=Action.READ_VISIT),
    "sessions.progress": OperationCase(path=OF_SESSION, answer=_EVENT, action=Action.READ_VISIT),
    "patients.sessions": OperationCase(
        path=OF_PATIENT, query={"page_size": 20}, answer=page(_linked(COMPLETED, _LINKS), more=True)
    ),
    "sessions.change": OperationCase(
        path=OF_SESSION,
        body={"status": "paused"},
        answer=_linked(SESSION.paused(Stamp(DOCTOR, BEGAN + timedelta(minutes=9)))),
        action=Action.MOVE_VISIT,
    ),
    "sessions.complete": OperationCase(
        path=OF_SESSION,
        body={"ended_at": ENDED.isoformat()},
        answer=_linked(COMPLETED),
        test_body={},
        action=Action.MOVE_VISIT,
    ),
    "sessions.cancel": OperationCase(
        path=OF_SESSION, answer=_linked(SESSION.cancelled(Stamp(DOCTOR, ENDED))), action=Action.MOVE_VISIT
    ),
    "sessions.open_upload": OperationCase(
        path=OF_SESSION, body=_FILE, answer=Detailed(RECORDING, _UPLOAD), action=Action.RECORD_VISIT
    ),
    "sessions.reopen": OperationCase(
        path=OF_SESSION,
        answer=Detailed(
            COMPLETED.reopened(Stamp(DOCTOR, ENDED + timedelta(minutes=1)), undo_for=timedelta(minutes=15)),
            reopening.Reopened(**dict(_LINKS), lost_recordings=[], to_request_again=[]),
        ),
        state=State.ENDED,
        action=Action.MOVE_VISIT,
    ),
    "sessions.move": OperationCase(
        path=OF_SESSION,
        body=_MOVE,
        answer=_linked(moved(SESSION, f"{_RIGHT_PATIENT}-s9c4h1vq", _RIGHT_PATIENT, NewMove(**_MOVE), _MOVING)),
        state=State.ENDED,
        action=Action.MOVE_VISIT,
        vanishes=True,
        test_body={**_MOVE, "patient_id": Placeholder.OTHER_PATIENT, "discard_report": True},
    ),
    "sessions.list_recordings": OperationCase(
        path=OF_SESSION, query={"page_size": 20}, answer=page(Detailed(RECORDING, _UPLOAD)), action=Action.READ_VISIT
    ),
    "sessions.delete_recording": OperationCase(
        path={**OF_SESSION, "recording_id": RECORDING.id},
        answer=RECORDING.deleted(Stamp(DOCTOR, ENDED)),
        action=Action.MOVE_VISIT,
    ),
    "sessions.play": OperationCase(
        path={**OF_SESSION, "recording_id": RECORDING.id},
        query={"from_ms": 2_900},
        answer=_PLAYBACK,
        state=State.RECORDED,
        action=Action.READ_VISIT,
    ),
    "sessions.versions": OperationCase(
        path=OF_SESSION,
        query={"page_size": 20},
        answer=page(Version.of(SESSION, COMPLETED, Stamp(DOCTOR, ENDED))),
        action=Action.READ_VISIT,
    ),
    "sessions.transcription": OperationCase(
        path=OF_SESSION, answer=Detailed(TRANSCRIPTION, _VISIT_TEXT), action=Action.READ_VISIT
    ),
    "transcriptions.get": OperationCase(
        path=_OF_TRANSCRIPTION, answer=Detailed(TRANSCRIPTION, _TEXT), action=Action.READ_VISIT
    ),
    "transcriptions.correct": OperationCase(
        path=_OF_TRANSCRIPTION,
        body=_CORRECTION,
        answer=Detailed(
            TRANSCRIPTION.corrected(_CORRECTED, "Heard again.", _CORRECTING, differs=True),
            transcripts.text_of(_CORRECTED, 2, _HISTORY),
        ),
        test_body={"speakers": [{"speaker": "patient", "becomes": "practitioner"}]},
        state=State.REPORT_FAILED,  # the transcription is completed
        action=Action.REQUEST_REPORT,
    ),
    "transcriptions.regenerate": OperationCase(
        path=_OF_TRANSCRIPTION,
        body={"language": "hi-IN"},
        answer=TRANSCRIPTION.made_again(
            take_of(TRANSCRIPTION.id, 2),
            Stamp(DOCTOR, ENDED + timedelta(minutes=5)),
            TranscriptionSettings(language="hi-IN"),
        ),
        test_body={},
        action=Action.REQUEST_REPORT,
    ),
}
