"""Operations on sessions and transcriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.billing.bill import BillStatus
from shared.records.event import Event
from shared.records.permissions import Action
from shared.records.progress import Progress
from shared.records.record import Detailed, Stamp
from shared.records.version import Version
from shared.records.visits.links import Links
from shared.records.visits.recording import RecordingStatus
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.speech import Speaker
from shared.records.visits.transcription import TranscriptionStatus
from shared.workflows.visits import recordings, reopening, transcripts
from shared.workflows.visits.links import LinkedSession
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, State, page
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
    report_id=SESSION.report_id,
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

_PROGRESS = Progress(
    session=SessionStatus.COMPLETED,
    recording=RecordingStatus.RECEIVED,
    transcription=TranscriptionStatus.PROCESSING,
    bill=BillStatus.PENDING,
    at=ENDED + timedelta(minutes=1),
)
_EVENT = Event((_PROGRESS.at + timedelta(milliseconds=480)).isoformat(), _PROGRESS, _PROGRESS.final)

# Transcriptions

_REQUESTED = factories.transcription(SESSION, Stamp(DOCTOR, ENDED))
TRANSCRIPTION = _REQUESTED.revised(
    Stamp("system", ENDED + timedelta(minutes=3)),
    status=TranscriptionStatus.COMPLETED,
    completed_at=ENDED + timedelta(minutes=3),
    confidence_score=0.95,
    word_count=16,
    character_count=73,
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
_TEXT = transcripts.Segments(transcript_text="\n".join(segment.text for segment in _SEGMENTS), segments=_SEGMENTS)
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
    "sessions.list_recordings": OperationCase(
        path=OF_SESSION, query={"page_size": 20}, answer=page(Detailed(RECORDING, _UPLOAD)), action=Action.READ_VISIT
    ),
    "sessions.delete_recording": OperationCase(
        path={**OF_SESSION, "recording_id": RECORDING.id},
        answer=RECORDING.deleted(Stamp(DOCTOR, ENDED)),
        action=Action.MOVE_VISIT,
    ),
    "sessions.versions": OperationCase(
        path=OF_SESSION,
        query={"page_size": 20},
        answer=page(Version.of(SESSION, COMPLETED, Stamp(DOCTOR, ENDED))),
        action=Action.READ_VISIT,
    ),
    "sessions.transcription": OperationCase(
        path=OF_SESSION, answer=Detailed(TRANSCRIPTION, _TEXT), action=Action.READ_VISIT
    ),
    "transcriptions.get": OperationCase(
        path=_OF_TRANSCRIPTION, answer=Detailed(TRANSCRIPTION, _TEXT), action=Action.READ_VISIT
    ),
    "transcriptions.regenerate": OperationCase(
        path=_OF_TRANSCRIPTION,
        answer=_REQUESTED.revised(Stamp(DOCTOR, ENDED + timedelta(minutes=5)), attempt=2, retry_count=1),
        action=Action.REQUEST_REPORT,
    ),
}
