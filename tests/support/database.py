"""Writing documents past the product."""

from __future__ import annotations

from typing import Any

from shared.records.record import SYSTEM, Stamp
from shared.records.reports.content import ReportContent, Statement
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.template import default_sections
from shared.records.visits.session import Session, Speaker
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus, TranscriptPart, part_id
from shared.store import database
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.clinics import TestClinic


def alter(clinic: TestClinic, path: str, changes: dict[str, Any]) -> None:
    """Write fields of a document directly, past the product."""
    database.client().document(f"clinics/{clinic.id}/{path}").update(changes)


def plant_report(clinic: TestClinic, session_id: str, status: ReportStatus = ReportStatus.COMPLETED) -> str:
    """A drafted report of a session that was never recorded; returns its id."""

    def transaction(work: UnitOfWork) -> str:
        session = work.get(Session.ref(session_id))
        report = Report.new(
            session.report_id,
            Stamp(SYSTEM, work.now),
            session_id=session.id,
            patient_id=session.patient_id,
            doctor_id=session.doctor_id,
            template_id=session.template_id,
            transcription_id=session.transcription_id,
            requested_at=work.now,
            status=status,
        )
        said = [Statement(id="s1", section="chief_complaint", text="Sleeps badly since March.", segments=[1])]
        content = ReportContent.new(
            report.id, Stamp(SYSTEM, work.now), sections=default_sections(), statements=said, generated=said
        )
        work.create(content)
        return work.create(report).id

    return system_clinic(clinic.id, "planted").perform("report.write", transaction)


def plant_transcription(
    clinic: TestClinic, session_id: str, status: TranscriptionStatus = TranscriptionStatus.FAILED
) -> str:
    """A transcription that has text; returns its id. It failed after all, so nothing follows from it, or as asked."""

    def transaction(work: UnitOfWork) -> str:
        session = work.get(Session.ref(session_id))
        transcription = Transcription.new(
            session.transcription_id,
            Stamp(SYSTEM, work.now),
            session_id=session.id,
            patient_id=session.patient_id,
            recording_id=session.recording_id(1),
            status=status,
            stt_model="long",
            language="en-IN",
            requested_at=work.now,
            parts=1,
        )
        said = Segment(number=1, speaker=Speaker.PATIENT, start_ms=0, end_ms=900, text="I sleep badly.", confidence=0.9)
        work.create(TranscriptPart.new(part_id(transcription.id, 1), Stamp(SYSTEM, work.now), segments=[said]))
        return work.create(transcription).id

    return system_clinic(clinic.id, "planted").perform("transcription.hear", transaction)
