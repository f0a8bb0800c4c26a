"""The examples of the API's description, in one place: one visit, as a client would see it. The people are invented.

What an operation answers is written as its handler would return it, so a new field of a model appears by itself.
Only the generator of the description loads this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.records import problems
from shared.records.billing.bill import Bill, NewPayment
from shared.records.clinic.people import Doctor, HasLogo, Invitation, ProfileUpdate, User, UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.page import Page
from shared.records.patients.patient import Age, NewPatient, Patient, PatientPatch
from shared.records.problems import FieldError, Problem
from shared.records.record import Detailed, Stamp
from shared.records.reports.content import Correction, Statement
from shared.records.reports.report import Report
from shared.records.reports.signed import Signature
from shared.records.reports.template import Section
from shared.records.scheduling.appointment import Appointment, NewAppointment
from shared.records.types import Role
from shared.records.visits.recording import Recording
from shared.records.visits.session import NewSession, Session, Speaker
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus
from shared.workflows.reports import reading
from shared.workflows.visits import recordings, transcripts


@dataclass(frozen=True)
class Example:
    """One request and what it answers."""

    path: Mapping[str, str] = field(default_factory=dict)
    """The parameters in the path, by name."""
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    """JSON, as a client sends it."""
    answer: Any = None
    """What the handler returns; nothing where that is a file."""


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {
    "Idempotency-Key": "0f8e8a52-6c1f-4d57-9b0e-2f4d1c9a7e31",
    "If-Match": '"3"',
    "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
}

# Refusals

_REFUSALS: Mapping[type[Problem], Problem] = {
    problems.BadRequest: problems.BadRequest("the body is not JSON"),
    problems.Conflict: problems.Conflict("a session that is completed cannot be paused"),
    problems.Duplicate: problems.Duplicate(
        ["pt7k3mq9xw2c5vbn8h4d"], [FieldError("/primary_phone", "another patient has this number")]
    ),
    problems.TooLarge: problems.TooLarge("at most 1000000 bytes"),
    problems.UnsupportedMediaType: problems.UnsupportedMediaType("send application/json"),
    problems.Invalid: problems.Invalid(
        errors=[
            FieldError("/date_of_birth", "must not be in the future"),
            FieldError("/emergency_contact/phone", "write it with + and the country code, such as +91 98123 45678"),
        ]
    ),
}


def refused(kind: type[Problem]) -> Problem:
    """A refusal of this kind, with what it would say."""
    return _REFUSALS.get(kind) or kind()


# The people, and when

DOCTOR = "uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3"
COLLEAGUE = "kT6Rw1JfQe9Xn4ZpVb7Mc2LsGh5D"
DESK = "nY3Bd8SaUj5Ht2KxCv6Pq9WmRf1Z"
BEGAN = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=24)
TODAY = date(2026, 9, 14)

_CLINIC = ClinicSettings.new(
    "banyan",
    Stamp("system", BEGAN - timedelta(days=400)),
    name="Banyan Mental Health",
    time_zone="Asia/Kolkata",
    currency="INR",
    fees=[{"session_type": "followup", "amount": 120_000, "description": "Follow-up", "cpt_code": "99213"}],
    payment_days=15,
    payment_terms="Due within 15 days.",
)

# Patients

PATIENT_ID = "pt7k3mq9xw2c5vbn8h4d"
_REGISTRATION = {
    "first_name": "Ananya",
    "last_name": "Kulkarni",
    "date_of_birth": "1988-11-23",
    "gender": "female",
    "primary_phone": "+919845012345",
    "email": "ananya.kulkarni@mail.example",
    "address": {"lines": ["14 Lake View Road"], "city": "Bengaluru", "postal_code": "560042", "country": "IN"},
    "occupation": "Architect",
    "marital_status": "married",
    "preferred_language": "kn-IN",
    "emergency_contact": {"name": "Rohan Kulkarni", "phone": "+919845067890", "relationship": "husband"},
    "insurance": {"provider_name": "Sahyadri Health", "policy_number": "SH-2207-118834"},
    "tags": ["anxiety"],
    "blood_group": "B+",
    "allergies": ["penicillin"],
    "current_medications": ["sertraline 50 mg"],
    "medical_history": "Generalised anxiety disorder since 2019.",
}
PATIENT = Patient.register(
    NewPatient.model_validate(_REGISTRATION),
    Stamp(DESK, BEGAN - timedelta(days=12)),
    id=PATIENT_ID,
    number="PAT-20260042",
    owner_id=DOCTOR,
)
_OF_PATIENT = {"id": PATIENT_ID}
_AGED = Detailed(PATIENT, PATIENT.age_on(TODAY))

_CHANGE = {"primary_phone": "+919845098765", "occupation": None, "address": {"postal_code": "560043"}}


def _page(*items: Any, more: bool = False) -> Page[Any]:
    """A page of a list, with or without others behind it."""
    return Page(list(items), "AUxkN3Zm0kq2c1VQb8h" if more else None)


def _patient(**changes: Any) -> Detailed[Patient, Age]:
    """The patient after a change, with the age."""
    return Detailed(PATIENT.revised(Stamp(DOCTOR, BEGAN), **changes), PATIENT.age_on(TODAY))


_PATIENTS = {
    "patients_newest": Example(
        query={"page_size": 20, "doctor_id": DOCTOR, "created_from": "2026-09-01T00:00:00Z"},
        answer=_page(_AGED, more=True),
    ),
    "patients_register": Example(body=_REGISTRATION, answer=_AGED),
    "patients_get": Example(path=_OF_PATIENT, answer=_AGED),
    "patients_write": Example(path=_OF_PATIENT, body=_REGISTRATION, answer=_patient()),
    "patients_change": Example(
        path=_OF_PATIENT,
        body=_CHANGE,
        answer=Detailed(
            PATIENT.rewritten(PatientPatch.model_validate(_CHANGE).onto(PATIENT), Stamp(DESK, BEGAN), clinical=True),
            PATIENT.age_on(TODAY),
        ),
    ),
    "patients_delete": Example(path=_OF_PATIENT),
    "patients_restore": Example(path=_OF_PATIENT, answer=_patient()),
    "patients_share": Example(path={**_OF_PATIENT, "doctor_id": COLLEAGUE}, answer=_patient(shared_with=[COLLEAGUE])),
    "patients_withdraw": Example(path={**_OF_PATIENT, "doctor_id": COLLEAGUE}, answer=_patient()),
    "patients_transfer": Example(path=_OF_PATIENT, body={"owner_id": COLLEAGUE}, answer=_patient(owner_id=COLLEAGUE)),
    "patients_search": Example(body={"text": "kulkarni anan", "kinds": ["name"], "page_size": 10}, answer=_page(_AGED)),
}

# The appointment

_BOOKING = {
    "patient_id": PATIENT_ID,
    "doctor_id": DOCTOR,
    "scheduled_at": "2026-09-14T10:00:00+05:30",
    "duration_minutes": 30,
    "type": "followup",
    "preparation_instructions": "Please bring your sleep diary.",
    "location": "Room 2",
    "estimated_cost": 120_000,
}
APPOINTMENT = Appointment.book(
    NewAppointment.model_validate(_BOOKING),
    _CLINIC,
    Stamp(DESK, BEGAN - timedelta(days=5)),
    id=f"{PATIENT_ID}-v6h3kp9x",
    patient_id=PATIENT_ID,
)

_APPOINTMENTS = {
    "appointments_book": Example(body=_BOOKING, answer=APPOINTMENT),
    "appointments_get": Example(path={"id": APPOINTMENT.id}, answer=APPOINTMENT),
    "patients_appointments": Example(path=_OF_PATIENT, query={"page_size": 20}, answer=_page(APPOINTMENT)),
}

# The visit

SESSION_ID = f"{PATIENT_ID}-s5m2wd8r"
_START = {
    "patient_id": PATIENT_ID,
    "type": "followup",
    "chief_complaint": "Wakes at four and cannot fall asleep again.",
    "recording_settings": {"channels": ["practitioner", "patient"], "sample_rate_hertz": 48_000},
}
_NEW_SESSION = NewSession.model_validate(_START)
SESSION = Session.new(
    SESSION_ID,
    Stamp(DOCTOR, BEGAN),
    number="SESS-20260107",
    doctor_id=DOCTOR,
    started_at=BEGAN,
    **{**dict(_NEW_SESSION), "template_id": "default"},
)
_COMPLETED = SESSION.completed(Stamp(DOCTOR, ENDED))
_OF_SESSION = {"id": SESSION_ID}

_RECORDING = Recording.new(
    SESSION.recording_id(1),
    Stamp(DOCTOR, ENDED),
    session_id=SESSION_ID,
    object_name=f"clinics/banyan/sessions/{SESSION_ID}/{SESSION.recording_id(1)}",
    content_type="audio/webm",
    size_bytes=11_534_336,
)
_UPLOAD = recordings.Upload(
    upload_url="https://storage.googleapis.com/upload/storage/v1/b/audio/o?uploadType=resumable&upload_id=ABPnzm7"
)

_SESSIONS = {
    "sessions_start": Example(body=_START, answer=SESSION),
    "sessions_get": Example(path=_OF_SESSION, answer=SESSION),
    "patients_sessions": Example(path=_OF_PATIENT, query={"page_size": 20}, answer=_page(_COMPLETED, more=True)),
    "sessions_change": Example(
        path=_OF_SESSION, body={"status": "paused"}, answer=SESSION.paused(Stamp(DOCTOR, BEGAN + timedelta(minutes=9)))
    ),
    "sessions_complete": Example(path=_OF_SESSION, answer=_COMPLETED),
    "sessions_cancel": Example(path=_OF_SESSION, answer=SESSION.cancelled(Stamp(DOCTOR, ENDED))),
    "sessions_open_upload": Example(
        path=_OF_SESSION,
        body={"content_type": "audio/webm", "size_bytes": 11_534_336},
        answer=Detailed(_RECORDING, _UPLOAD),
    ),
}

# What was said

TRANSCRIPTION_ID = f"{SESSION_ID}-t1"
_ASKED = Transcription.new(
    TRANSCRIPTION_ID,
    Stamp(DOCTOR, ENDED),
    session_id=SESSION_ID,
    patient_id=PATIENT_ID,
    recording_id=SESSION.recording_id(1),
    stt_model="long",
    language="en-IN",
    requested_at=ENDED,
)
_SAID = [
    Segment(
        number=1,
        speaker=Speaker.PRACTITIONER,
        start_ms=0,
        end_ms=2_400,
        text="How have you been sleeping?",
        confidence=0.97,
    ),
    Segment(
        number=2,
        speaker=Speaker.PATIENT,
        start_ms=2_900,
        end_ms=8_600,
        text="I wake at four, three or four nights a week.",
        confidence=0.93,
        uncertain_words=["three"],
    ),
]
_HEARD = _ASKED.revised(
    Stamp("system", ENDED + timedelta(minutes=3)),
    status=TranscriptionStatus.COMPLETED,
    completed_at=ENDED + timedelta(minutes=3),
    confidence_score=0.95,
    word_count=16,
    character_count=73,
    audio_duration_seconds=1_434.2,
)
_TEXT = transcripts.Segments(transcript_text="\n".join(said.text for said in _SAID), segments=_SAID)
_OF_TRANSCRIPTION = {"id": TRANSCRIPTION_ID}

_TRANSCRIPTIONS = {
    "sessions_transcription": Example(path=_OF_SESSION, answer=Detailed(_HEARD, _TEXT)),
    "transcriptions_get": Example(path=_OF_TRANSCRIPTION, answer=Detailed(_HEARD, _TEXT)),
    "transcriptions_regenerate": Example(
        path=_OF_TRANSCRIPTION,
        answer=_ASKED.revised(Stamp(DOCTOR, ENDED + timedelta(minutes=5)), attempt=2, retry_count=1),
    ),
}

# The report

REPORT_ID = SESSION.report_id
_REQUESTED = Report.new(
    REPORT_ID,
    Stamp("system", ENDED + timedelta(minutes=3)),
    session_id=SESSION_ID,
    patient_id=PATIENT_ID,
    doctor_id=DOCTOR,
    template_id="default",
    transcription_id=TRANSCRIPTION_ID,
    report_type="followup",
    requested_at=ENDED + timedelta(minutes=3),
)
_DRAFTED = _REQUESTED.revised(
    Stamp("system", ENDED + timedelta(minutes=4)),
    status="completed",
    ai_model="gemini-3.5-flash-lite",
    confidence_score=0.93,
    quality_score=1.0,
    completeness_score=1.0,
)
_SECTIONS = [Section(id="subjective", title="Subjective", required=True)]
_STATEMENT = Statement(id="st1", section="subjective", text="Wakes at 04:00 on 3 to 4 nights a week.", segments=[2])
_BODY = reading.Body(
    sections=_SECTIONS,
    statements=[_STATEMENT],
    corrections=[],
    generated_content=f"Subjective\n{_STATEMENT.text}",
    signature=None,
)
_CORRECTED_AT = ENDED + timedelta(minutes=20)
_REASON = "She said later that it has become more."
_CHANGED = "Wakes at 04:00 on most nights."
_CORRECTED = Detailed(
    _DRAFTED.corrected(None, Stamp(DOCTOR, _CORRECTED_AT)),
    reading.Body(
        sections=_SECTIONS,
        statements=[_STATEMENT.model_copy(update={"text": _CHANGED, "author_id": DOCTOR, "reason": _REASON})],
        corrections=[
            Correction(
                statement_id="st1",
                before=_STATEMENT.text,
                after=_CHANGED,
                reason=_REASON,
                author_id=DOCTOR,
                at=_CORRECTED_AT,
            )
        ],
        generated_content=f"Subjective\n{_CHANGED}",
        signature=None,
    ),
)
_SIGNED_AT = ENDED + timedelta(minutes=22)
_MEANING = "I am the author of this report and approve its content."
_SIGNATURE = Signature(
    signer_id=DOCTOR,
    signer_name="Meera Iyer",
    licence_number="KMC 45821",
    meaning=_MEANING,
    signed_at=_SIGNED_AT,
    key_version="projects/p/locations/asia-south1/keyRings/synapse/cryptoKeys/report-signing/cryptoKeyVersions/1",
    content_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    signature="MEUCIQDkq0Jx4zqLr1uJ7d3mFq7Lw3cT0m8zY5vBvJ0c2yJ5gAIgQ1xT8yq7b6vL4n3k2j1h0g9f8e7d6c5b4a3Z2Y1X0W8=",
)
_SIGNED = Detailed(
    _DRAFTED.revised(
        Stamp(DOCTOR, _SIGNED_AT),
        status="signed",
        reviewed_by=DOCTOR,
        reviewed_at=_SIGNED_AT,
        signed_by=DOCTOR,
        signed_at=_SIGNED_AT,
    ),
    _BODY.model_copy(update={"signature": _SIGNATURE}),
)
_OF_REPORT = {"id": REPORT_ID}

_REPORTS = {
    "sessions_generate_report": Example(path=_OF_SESSION, answer=_REQUESTED),
    "patients_reports": Example(path=_OF_PATIENT, query={"page_size": 20}, answer=_page(_DRAFTED)),
    "reports_get": Example(path=_OF_REPORT, answer=Detailed(_DRAFTED, _BODY)),
    "reports_correct": Example(
        path=_OF_REPORT,
        body={"edits": [{"statement_id": "st1", "text": _CHANGED, "reason": _REASON}]},
        answer=_CORRECTED,
    ),
    "reports_review": Example(
        path=_OF_REPORT,
        answer=Detailed(
            _DRAFTED.revised(Stamp(DOCTOR, _CORRECTED_AT), reviewed_by=DOCTOR, reviewed_at=_CORRECTED_AT), _BODY
        ),
    ),
    "reports_sign": Example(path=_OF_REPORT, body={"meaning": _MEANING}, answer=_SIGNED),
    "reports_pdf": Example(path=_OF_REPORT),
}

# The bill

_BILL = Bill.for_session(_COMPLETED, _CLINIC, Stamp("system", ENDED)).issued("INV-202609-000123", _CLINIC)
_PAYMENT = {"amount": 120_000, "method": "upi", "reference": "426918235571"}
_OF_BILL = {"id": _BILL.id}

_BILLS = {
    "patients_bills": Example(path=_OF_PATIENT, query={"page_size": 20}, answer=_page(_BILL)),
    "bills_get": Example(path=_OF_BILL, answer=_BILL),
    "bills_pay": Example(
        path=_OF_BILL,
        body=_PAYMENT,
        answer=_BILL.paid(NewPayment.model_validate(_PAYMENT), "pay8x4", Stamp(DESK, ENDED + timedelta(minutes=30))),
    ),
    "bills_pdf": Example(path=_OF_BILL),
}

# The staff

_PRESENTED = {
    "first_name": "Meera",
    "last_name": "Iyer",
    "email": "meera.iyer@banyan.example",
    "phone": "+918041234567",
    "license_number": "KMC 45821",
    "specialization": "MD (Psychiatry)",
    "organization": "Banyan Mental Health",
    "timezone": "Asia/Kolkata",
    "language": "en-IN",
    "notifications": {"report_ready": True, "transcription_failed": True, "appointment_reminders": False},
}
_PROFILE = UserProfile.new(DOCTOR, Stamp(DOCTOR, BEGAN), **dict(ProfileUpdate.model_validate(_PRESENTED)))

_SHOWN = Detailed(_PROFILE, HasLogo(has_logo=True))
_INVITED = User.new(
    COLLEAGUE,
    Stamp(DOCTOR, BEGAN - timedelta(days=30)),
    email="arjun.menon@banyan.example",
    roles=[Role.DOCTOR],
    tokens_valid_after=BEGAN - timedelta(days=30),
)
_LINK = "https://synapse.firebaseapp.com/__/auth/action?mode=resetPassword&oobCode=x1Y2z3"  # it leads nowhere
_OF_USER = {"id": COLLEAGUE}

_STAFF = {
    "profile_get": Example(answer=_SHOWN),
    "profile_put": Example(body=_PRESENTED, answer=_SHOWN),
    "profile_get_logo": Example(),
    "profile_put_logo": Example(answer=_SHOWN),
    "profile_delete_logo": Example(),
    "users_list_users": Example(query={"page_size": 20}, answer=_page(_INVITED)),
    "users_list_doctors": Example(query={"page_size": 20}, answer=_page(Doctor.of(DOCTOR, _PROFILE))),
    "users_invite": Example(
        body={"email": "arjun.menon@banyan.example", "roles": ["doctor"]},
        answer=Detailed(_INVITED, Invitation(invitation_link=_LINK)),
    ),
    "users_get": Example(path=_OF_USER, answer=_INVITED),
    "users_set_roles": Example(
        path=_OF_USER,
        body={"roles": ["admin", "doctor"]},
        answer=_INVITED.revised(Stamp(DOCTOR, BEGAN), roles=[Role.ADMIN, Role.DOCTOR]),
    ),
    "users_disable": Example(path=_OF_USER, answer=_INVITED.disabled_at(Stamp(DOCTOR, BEGAN))),
    "users_enable": Example(
        path=_OF_USER,
        answer=_INVITED.disabled_at(Stamp(DOCTOR, BEGAN)).enabled_at(Stamp(DOCTOR, BEGAN + timedelta(days=20))),
    ),
}

EXAMPLES: Mapping[str, Example] = {
    **_PATIENTS,
    **_APPOINTMENTS,
    **_SESSIONS,
    **_TRANSCRIPTIONS,
    **_REPORTS,
    **_BILLS,
    **_STAFF,
}
"""By the operation's id in the description."""
