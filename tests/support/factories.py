"""Records in their usual state, each with what a test wants different."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.clinic.people import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import NewPatient, Patient
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent, Statement
from shared.records.reports.report import Report
from shared.records.reports.template import default_sections
from shared.records.visits.session import Session, SessionType, Speaker
from shared.records.visits.transcription import Segment, Transcription

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
DOCTOR = "doctor-1"
PATIENT_ID = "patient"
SESSION_ID = f"{PATIENT_ID}-visit"


def after(**duration: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(**duration)


def patient(**values: Any) -> Patient:
    names = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": date(1984, 2, 29), **values}
    new = NewPatient(**names)
    return Patient.register(new, Stamp(DOCTOR, NOON), id=PATIENT_ID, number="PAT-20260001", owner_id=DOCTOR)


def session(**values: Any) -> Session:
    usual = {
        "number": "SESS-20260001",
        "patient_id": PATIENT_ID,
        "doctor_id": DOCTOR,
        "template_id": "default",
        "type": SessionType.FOLLOWUP,
        "started_at": NOON,
    }
    return Session.new(SESSION_ID, Stamp(DOCTOR, NOON), **{**usual, **values})


def transcription(**values: Any) -> Transcription:
    usual = {
        "session_id": SESSION_ID,
        "patient_id": PATIENT_ID,
        "recording_id": f"{SESSION_ID}-a1",
        "stt_model": "long",
        "language": "en-IN",
        "requested_at": NOON,
    }
    return Transcription.new(f"{SESSION_ID}-t1", Stamp("system", NOON), **{**usual, **values})


def segment(number: int = 1, text: str = "I sleep five hours.", **values: Any) -> Segment:
    usual = {"speaker": Speaker.PATIENT, "start_ms": 1000 * number, "end_ms": 1000 * number + 900, "confidence": 0.9}
    return Segment(number=number, text=text, **{**usual, **values})


def statement(
    number: int = 1, section: str = "assessment", text: str = "Sleeps five hours.", **values: Any
) -> Statement:
    return Statement(id=f"s{number}", section=section, text=text, **{"segments": [number], **values})


def report(**values: Any) -> Report:
    usual = {
        "session_id": SESSION_ID,
        "patient_id": PATIENT_ID,
        "doctor_id": DOCTOR,
        "template_id": "default",
        "transcription_id": f"{SESSION_ID}-t1",
        "requested_at": NOON,
    }
    return Report.new(f"{SESSION_ID}-r1", Stamp("system", NOON), **{**usual, **values})


def content(*statements: Statement) -> ReportContent:
    said = list(statements)
    values = {"sections": default_sections(), "statements": said, "generated": said}
    return ReportContent.new(f"{SESSION_ID}-r1", Stamp("system", NOON), **values)


def settings(**values: Any) -> ClinicSettings:
    return ClinicSettings.new("aster", Stamp("system", NOON), **{"name": "Aster Clinic", **values})


def profile(**values: Any) -> UserProfile:
    return UserProfile.new(DOCTOR, Stamp(DOCTOR, NOON), **{"first_name": "Meera", "last_name": "Iyer", **values})


def bill(amount: int = 120_000, **values: Any) -> Bill:
    """The issued bill of a completed follow-up."""
    fee = {"session_type": "followup", "amount": amount, "description": "Follow-up"}
    clinic = settings(fees=[fee], **values)
    visit = session().completed(Stamp(DOCTOR, after(minutes=20)))
    return Bill.for_session(visit, clinic, Stamp("system", NOON)).issued("INV-202609-000001", clinic)
