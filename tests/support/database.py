"""Writing documents directly, without the API."""

from __future__ import annotations

from typing import Any

from google.cloud import firestore

from shared.records.reports.report import ReportStatus
from shared.records.visits.session import Session
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.clinics import TestClinic
from tools import google_firestore
from tools.openapi import factories

REFERRAL = {"template_id": "shipped-referral-letter", "report_type": "referral", "type_from": "template"}


def alter(clinic: TestClinic, path: str, changes: dict[str, Any]) -> None:
    """Overwrite fields of a document."""
    google_firestore.client().document(f"clinics/{clinic.id}/{path}").update(changes)


def erase_care(clinic: TestClinic, patient_id: str) -> None:
    """Destroy every copy of a patient's care keyset, and what it sealed in the patient's document."""
    gone = {"care": firestore.DELETE_FIELD}
    alter(clinic, f"patient_keys/{patient_id}", gone)
    alter(clinic, f"patients/{patient_id}", {**gone, "sealed": {}, "tokens": []})


def end_session(clinic: TestClinic, session_id: str) -> None:
    """Complete a session that is open: only then its report is signed."""
    session = clinic.admin.get(f"/sessions/{session_id}").ok()
    if session.body["status"] in ("in_progress", "paused"):
        clinic.admin.post(f"/sessions/{session_id}/complete", key="", etag=session.etag).ok()


def plant_report(
    clinic: TestClinic, session_id: str, status: ReportStatus = ReportStatus.COMPLETED, **content: Any
) -> str:
    """Create a drafted report of a session that has no recording, with other `content`; returns the report's id."""

    def transaction(work: UnitOfWork) -> str:
        report = factories.report(work.get(Session.ref(session_id)), work.stamp, status=status)
        statement = factories.statement(section="chief_complaint", text="Sleeps badly since March.")
        work.create(factories.content(report, work.stamp, statement, **content))
        return work.create(report).id

    return system_clinic(clinic.id, "planted").perform("report.write", transaction)


def plant_further_report(
    clinic: TestClinic, session_id: str, status: ReportStatus = ReportStatus.COMPLETED, **values: Any
) -> str:
    """Create one more report of a session, by default a referral letter; returns its id."""

    def transaction(work: UnitOfWork) -> str:
        session = work.save(work.get(Session.ref(session_id)).with_further_report())
        number = f"REP-2025{len(session.report_ids):04}"
        made = {"id": session.report_ids[-1], "report_number": number, "status": status, **REFERRAL, **values}
        report = factories.report(session, work.stamp, **made)
        statement = factories.statement(text="Please see her for insomnia.")
        work.create(factories.content(report, work.stamp, statement))
        work.progress(session_id, **report.published)
        return work.create(report).id

    return system_clinic(clinic.id, "planted").perform("report.write", transaction)


def plant_transcription(
    clinic: TestClinic,
    session_id: str,
    status: TranscriptionStatus = TranscriptionStatus.FAILED,
    *,
    count: int = 1,
    text: str = "I sleep badly.",
    **values: Any,
) -> str:
    """Create the transcription of the n-th recording, of one segment; returns its id. The default status is failed: no
    function acts on it."""

    def transaction(work: UnitOfWork) -> str:
        session = work.get(Session.ref(session_id))
        measures = {"parts": 1, "word_count": len(text.split()), "segment_count": 1, **values}
        transcription = factories.transcription(session, work.stamp, count, status=status, **measures)
        segment = factories.segment(text=text, start_ms=0, end_ms=900)
        work.create(factories.transcript_part(transcription, work.stamp, segment))
        return work.create(transcription).id

    return system_clinic(clinic.id, "planted").perform("transcription.hear", transaction)
