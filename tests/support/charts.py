"""Everything that is kept about a patient, planted at once, with a distinctive word in each text that is clinical."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.patients.details import BloodGroup
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Record
from shared.records.reports.content import Correction, ReportContent, Statement
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.signed import Signature, SignedReport
from shared.records.reports.template import DEFAULT_TEMPLATE_ID, Section, default_sections
from shared.records.scheduling.appointment import Appointment
from shared.records.types import new_id
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session, SessionType, Speaker
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus, TranscriptPart, part_id
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork

CLINICAL = "Klinikwort"
"""In every clinical text."""
BLOOD_GROUP = BloodGroup.AB_NEGATIVE
"""The clinical field that is no text; no other patient has it."""
PRIVATE = "Privatwort"
"""In the patient's name."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class State(Enum):
    """What can be done with a chart's parts."""

    USUAL = "usual"
    """A session under way, a failed transcription, a drafted report, a bill to be paid."""
    UNWRITTEN = "unwritten"
    """The transcription is completed, and the report failed."""
    SIGNED = "signed"
    """The report is signed."""
    DELETED = "deleted"
    """The patient is deleted."""


REPORTS = {State.UNWRITTEN: ReportStatus.FAILED, State.SIGNED: ReportStatus.SIGNED}
"""The report's status where it is not drafted."""


@dataclass(frozen=True)
class Chart:
    """What was planted; every revision is 1."""

    records: tuple[Record, ...]

    def id_of(self, model: type[Record]) -> str:
        """The id of its record of this kind."""
        return next(record.id for record in self.records if type(record) is model)


def plant(clinic_id: str, owner_id: str, shared_with: list[str], state: State = State.USUAL) -> Chart:
    """Plant a chart of one visit, past the product's own rules."""

    def transaction(work: UnitOfWork) -> Chart:
        records = tuple(_records(work, owner_id, shared_with, state))
        for record in records:
            work.create(record)
        return Chart(records)

    return system_clinic(clinic_id, "planted").perform("chart.plant", transaction)


def _records(work: UnitOfWork, owner_id: str, shared_with: list[str], state: State) -> Iterator[Record]:
    stamps: dict[str, Any] = {"by": SYSTEM, "at": work.now}
    patient = _patient(owner_id, shared_with, live=state != State.DELETED, **stamps)
    yield patient
    yield _appointment(patient, **stamps)
    session = _session(patient, **stamps)
    yield session
    yield _recording(session, **stamps)
    transcription = _transcription(session, completed=state == State.UNWRITTEN, **stamps)
    yield transcription
    said = Segment(number=1, speaker=Speaker.PATIENT, start_ms=0, end_ms=900, text=CLINICAL, confidence=0.9)
    yield TranscriptPart.new(part_id(transcription.id, 1), **stamps, segments=[said])
    report = _report(session, REPORTS.get(state, ReportStatus.COMPLETED), **stamps)
    yield report
    yield _content(report, **stamps)
    if report.status == ReportStatus.SIGNED:
        yield _proof(report, **stamps)
    yield _bill(work, session, **stamps)


def _patient(owner_id: str, shared_with: list[str], *, live: bool, **stamps: Any) -> Patient:
    return Patient.new(
        new_id(),
        **stamps,
        live=live,
        number="PAT-20250001",
        owner_id=owner_id,
        shared_with=shared_with,
        first_name=f"{PRIVATE}a",
        last_name=f"{PRIVATE}o",
        date_of_birth=date(1984, 2, 29),
        blood_group=BLOOD_GROUP,
        allergies=[CLINICAL],
        medical_history=CLINICAL,
        current_medications=[CLINICAL],
        notes=CLINICAL,
    )


def _appointment(patient: Patient, **stamps: Any) -> Appointment:
    return Appointment.new(
        f"{patient.id}-{new_id(10)}",
        **stamps,
        patient_id=patient.id,
        doctor_id=patient.owner_id,
        scheduled_at=stamps["at"] + timedelta(days=7),
        duration_minutes=30,
        time_zone="Asia/Kolkata",
        type="followup",
        currency="INR",
        chief_complaint=CLINICAL,
        notes=CLINICAL,
    )


def _session(patient: Patient, **stamps: Any) -> Session:
    return Session.new(
        f"{patient.id}-{new_id(10)}",
        **stamps,
        number="SES-20250001",
        patient_id=patient.id,
        doctor_id=patient.owner_id,
        template_id=DEFAULT_TEMPLATE_ID,
        type=SessionType.FOLLOWUP,
        started_at=stamps["at"],
        recordings=1,
        chief_complaint=CLINICAL,
        session_notes=CLINICAL,
    )


def _recording(session: Session, **stamps: Any) -> Recording:
    recording_id = session.recording_id(1)
    return Recording.new(
        recording_id,
        **stamps,
        session_id=session.id,
        object_name=f"nowhere/{recording_id}",
        content_type="audio/flac",
        size_bytes=1,
    )


def _transcription(session: Session, *, completed: bool, **stamps: Any) -> Transcription:
    return Transcription.new(
        session.transcription_id,
        **stamps,
        session_id=session.id,
        patient_id=session.patient_id,
        recording_id=session.recording_id(1),
        status=TranscriptionStatus.COMPLETED if completed else TranscriptionStatus.FAILED,
        stt_model="long",
        language="en-IN",
        requested_at=stamps["at"],
        parts=1,
        correction_notes=CLINICAL,
    )


def _report(session: Session, status: ReportStatus, **stamps: Any) -> Report:
    return Report.new(
        session.report_id,
        **stamps,
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=session.doctor_id,
        template_id=session.template_id,
        transcription_id=session.transcription_id,
        requested_at=stamps["at"],
        status=status,
        correction_notes=CLINICAL,
    )


def _content(report: Report, **stamps: Any) -> ReportContent:
    said = [Statement(id="s1", section="chief_complaint", text=CLINICAL, segments=[1])]
    change = {"statement_id": "s1", "before": CLINICAL, "after": CLINICAL, "reason": CLINICAL}
    return ReportContent.new(
        report.id,
        **stamps,
        sections=[*default_sections(), Section(id="more", title=CLINICAL)],
        statements=said,
        generated=said,
        corrections=[Correction(**change, author_id=report.doctor_id, at=stamps["at"])],
    )


def _proof(report: Report, **stamps: Any) -> SignedReport:
    signature = Signature(
        signer_id=report.doctor_id,
        signer_name=CLINICAL,
        licence_number=None,
        meaning=CLINICAL,
        signed_at=stamps["at"],
        key_version="1",
        content_digest="0" * 64,
        signature="",
    )
    return SignedReport.new(report.id, **stamps, canonical=CLINICAL, signature=signature)


def _bill(work: UnitOfWork, session: Session, **stamps: Any) -> Bill:
    settings = work.settings()
    bill = Bill.for_session(session, settings, **stamps).issued("INV-202501-000001", settings)
    return bill.model_copy(update={"primary_diagnosis_code": CLINICAL})
