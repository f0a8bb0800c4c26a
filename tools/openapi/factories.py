"""Valid records for examples and tests. Required fields are filled in here only; callers name what matters to them.

A record that belongs to another takes it as its first argument. `values` override the defaults.
"""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from typing import Any

from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.letterhead import Letterhead
from shared.records.patients.consent import Consent, PatientConsents
from shared.records.patients.patient import Patient
from shared.records.record import Stamp
from shared.records.reports.chart_changes import ChartDecisions, ChartField, ChartOffer, Verdict
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.signed import FORMAT, Meaning, Signature, SignedReport
from shared.records.reports.signed_payload import ReportSnapshot, SignedPayload
from shared.records.reports.statements import Statement
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.wall_clock import local_of
from shared.records.templates.shipped import DEFAULT_TEMPLATE_ID, default_sections
from shared.records.types import Role, new_id
from shared.records.visits.ids import transcription_id_of
from shared.records.visits.recording import Recording
from shared.records.visits.segment import Segment
from shared.records.visits.session import Session, SessionType
from shared.records.visits.speech import Speaker
from shared.records.visits.transcript_part import TranscriptPart, part_id
from shared.records.visits.transcription import Transcription
from shared.records.visits.visit_transcript import TranscriptSource


def clinic_settings(clinic_id: str, stamp: Stamp, **values: Any) -> ClinicSettings:
    """A clinic without fees."""
    return ClinicSettings.new(clinic_id, stamp, **{"name": "Aster Clinic", **values})


def user(stamp: Stamp, **values: Any) -> User:
    """A doctor, whose tokens count from now on."""
    user_id = values.pop("id", None) or new_id(28)
    defaults = {"email": f"{user_id}@clinic.example", "roles": [Role.DOCTOR], "tokens_valid_after": stamp.at}
    return User.new(user_id, stamp, **{**defaults, **values})


def profile(user_id: str, stamp: Stamp, **values: Any) -> UserProfile:
    """A doctor's profile with a name and nothing else."""
    return UserProfile.new(user_id, stamp, **{"first_name": "Meera", "last_name": "Iyer", **values})


def patient(owner_id: str, stamp: Stamp, **values: Any) -> Patient:
    """A patient with a name, a date of birth and nothing else."""
    defaults = {
        "number": "PAT-20260001",
        "owner_id": owner_id,
        "first_name": "Asha",
        "last_name": "Rao",
        "date_of_birth": date(1984, 2, 29),
    }
    return Patient.new(values.pop("id", None) or new_id(), stamp, **{**defaults, **values})


def consent(stamp: Stamp, **values: Any) -> Consent:
    """A verbal consent of the patient to recording and AI processing, for all visits."""
    what = {"id": new_id(10), "purposes": ["recording", "ai_processing"], "language": "en", "method": "verbal"}
    defaults = {**what, "wording": {"version": "visit-1", "sha256": "0" * 64}}
    times = {"given_at": stamp.at, "recorded_at": stamp.at, "recorded_by": stamp.by}
    return Consent.model_validate({**defaults, **times, **values})


def consents(of: Patient, stamp: Stamp, *given: Consent, **values: Any) -> PatientConsents:
    """The consents of a patient: one to recording and AI processing, if none is named."""
    return PatientConsents.new(of.id, stamp, given=list(given) or [consent(stamp)], **values)


def appointment(of: Patient, stamp: Stamp, **values: Any) -> Appointment:
    """A follow-up of half an hour with the responsible doctor, a week from now."""
    people = {"patient_id": of.id, "doctor_id": of.owner_id, "type": "followup", "currency": "INR"}
    at = datetime.fromisoformat(str(values.get("scheduled_at", stamp.at + timedelta(days=7))))
    zone = values.get("time_zone", "Asia/Kolkata")
    when = {"scheduled_at": at, "local_time": local_of(at, zone), "time_zone": zone, "duration_minutes": 30}
    when["zone_rules"] = "2026f"
    return Appointment.new(values.pop("id", None) or f"{of.id}-{new_id(10)}", stamp, **{**people, **when, **values})


def session(of: Patient, stamp: Stamp, **values: Any) -> Session:
    """A follow-up with the responsible doctor that just began."""
    defaults = {
        "number": "SESS-20260001",
        "patient_id": of.id,
        "doctor_id": of.owner_id,
        "template_id": DEFAULT_TEMPLATE_ID,
        "type": SessionType.FOLLOWUP,
        "started_at": stamp.at,
    }
    return Session.new(values.pop("id", None) or f"{of.id}-{new_id(10)}", stamp, **{**defaults, **values})


def recording(of: Session, stamp: Stamp, **values: Any) -> Recording:
    """The first recording of a session."""
    recording_id = of.recording_id(1)
    defaults = {
        "session_id": of.id,
        "object_name": f"clinics/aster/sessions/{of.id}/{recording_id}",
        "content_type": "audio/flac",
        "size_bytes": 9,
    }
    return Recording.new(recording_id, stamp, **{**defaults, **values})


def transcription(of: Session, stamp: Stamp, count: int = 1, **values: Any) -> Transcription:
    """The transcription of a session's n-th recording, just requested."""
    recording_id = of.recording_id(count)
    defaults = {
        "session_id": of.id,
        "patient_id": of.patient_id,
        "recording_id": recording_id,
        "stt_model": "long",
        "language": "en-IN",
        "requested_at": stamp.at,
    }
    return Transcription.new(transcription_id_of(of.id, count), stamp, **{**defaults, **values})


def segment(number: int = 1, text: str = "I sleep five hours.", **values: Any) -> Segment:
    """One utterance of the patient, of 900 ms."""
    defaults = {"speaker": Speaker.PATIENT, "start_ms": 1000 * number, "end_ms": 1000 * number + 900, "confidence": 0.9}
    return Segment(number=number, text=text, **{**defaults, **values})


def transcript_part(of: Transcription, stamp: Stamp, *segments: Segment) -> TranscriptPart:
    """The first part of a transcription's text."""
    return TranscriptPart.new(part_id(of.id, 1), stamp, segments=list(segments))


def transcript_source(of: Session, **values: Any) -> TranscriptSource:
    """The transcription of a session's first recording, of one segment, as a source of its report."""
    ids = {"transcription_id": of.transcription_id, "recording_id": of.recording_id(1)}
    return TranscriptSource(**{**ids, "first_segment": 1, "segments": 1, **values})


def report(of: Session, stamp: Stamp, **values: Any) -> Report:
    """The report of a session, just requested."""
    defaults = {
        "report_number": "REP-20260001",
        "session_id": of.id,
        "patient_id": of.patient_id,
        "doctor_id": of.doctor_id,
        "template_id": of.template_id,
        "transcription_id": of.transcription_id,
        "sources": [transcript_source(of)],
        "requested_at": stamp.at,
    }
    return Report.new(values.pop("id", None) or of.report_id, stamp, **{**defaults, **values})


def statement(
    number: int = 1, section: str = "assessment", text: str = "Sleeps five hours.", **values: Any
) -> Statement:
    """A statement that cites the segment of the same number."""
    return Statement(**{"id": f"s{number}", "section": section, "text": text, "segments": [number], **values})


def content(of: Report, stamp: Stamp, *statements: Statement, **values: Any) -> ReportContent:
    """The uncorrected text of a report, with the sections of the default template."""
    said = list(statements)
    return ReportContent.new(
        of.id, stamp, **{"sections": default_sections(), "statements": said, "generated": said, **values}
    )


def chart_offer(id: str = "s1-1", **values: Any) -> ChartOffer:
    """An offered allergy."""
    defaults = {"field": ChartField.ALLERGIES, "value": "penicillin", "replaces": None, "statement_id": "s1"}
    return ChartOffer(id=id, **{**defaults, "segments": [1], "notes": [], "in_chart": False, **values})


def chart_decisions(of: Report, stamp: Stamp, *offers: ChartOffer) -> ChartDecisions:
    """The decisions about a report in which these offers were accepted."""
    decisions = ChartDecisions.new(of.id, stamp)
    for offer in offers:
        decisions = decisions.with_decision(offer, Verdict.ACCEPTED, stamp)
    return decisions


def signature(stamp: Stamp, **values: Any) -> Signature:
    """A signature that no key made."""
    defaults = {
        "signer_id": stamp.by,
        "signer_name": "Meera Iyer",
        "licence_number": "KMC 45821",
        "identity_confirmed_by": "admin-1",
        "identity_confirmed_at": stamp.at,
        "meaning": Meaning.APPROVER,
        "signed_at": stamp.at,
        "key_version": "projects/p/cryptoKeyVersions/1",
        "content_digest": "0" * 64,
        "signature": "c2ln",
    }
    return Signature(**{**defaults, **values})


def signed_payload(
    of: Report, content: ReportContent, session: Session, patient: Patient, settings: ClinicSettings, **values: Any
) -> SignedPayload:
    """What a signature of a report covers; `values` are the declaration's."""
    issuer, zone = Letterhead.of(None, settings), settings.time_zone
    snapshot = ReportSnapshot.of(
        of, content, session, patient, clinic_id=settings.id, issuer=issuer, revised_by=[], zone=zone
    )
    defaults = {
        "signer_id": of.doctor_id,
        "signer_name": "Meera Iyer",
        "licence_number": "KMC 45821",
        "identity_confirmed_by": "admin-1",
        "identity_confirmed_at": of.updated_at,
        "meaning": Meaning.AUTHOR,
        "signed_at": of.updated_at,
        "key_version": "projects/p/cryptoKeyVersions/1",
    }
    return SignedPayload.model_validate({"format": FORMAT, "report": snapshot, **defaults, **values})


def signed_report(of: Report, stamp: Stamp, payload: SignedPayload, signature: bytes) -> SignedReport:
    """A proof with this signature (DER), genuine or not."""
    encoded = base64.b64encode(signature).decode()
    return SignedReport.new(of.id, stamp, canonical=payload.canonical().decode(), signature=encoded)
