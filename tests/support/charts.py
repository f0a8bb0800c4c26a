"""All records of one patient, created in one commit. Every clinical text contains a distinctive word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.records.billing import claiming, drafting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import NewClaim
from shared.records.billing.ledger import Booked
from shared.records.billing.lines import NewLine
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.requests import BillChange
from shared.records.billing.types import BillStatus
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.clinic.settings import ClinicSettings
from shared.records.diagnoses.codes import IcdSystem
from shared.records.messages.message import MessageStatus
from shared.records.partial_date import PartialDate
from shared.records.patients import merging
from shared.records.patients.contact import contact_id
from shared.records.patients.death import Death
from shared.records.patients.details import BloodGroup, ReportedAllergy
from shared.records.patients.patient import Patient
from shared.records.record import Record, Stamp
from shared.records.reports.corrections import Correction
from shared.records.reports.cosignature import Return
from shared.records.reports.exporting import ExportedFile, ExportFormat
from shared.records.reports.notes import Note, NoteSource
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.signed import AuthoredReport, SignedReport
from shared.records.reports.signed_payload import SignedPayload, digest_of
from shared.records.reports.signed_pdf import parts_of
from shared.records.reports.superseding import Superseded
from shared.records.scheduling.types import AppointmentStatus, Offer
from shared.records.templates.sections import Section
from shared.records.templates.shipped import default_sections
from shared.records.types import new_id
from shared.records.version import Version
from shared.records.visits.live.accounts import Loss
from shared.records.visits.live.piece import LiveWord, TextStatus
from shared.records.visits.live.ranges import ranges_of
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.recording import RecordingStatus
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcript_correction import TextVersion, TranscriptHistory
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from shared.workflows.visits.object_names import recording_name
from tests.support.addenda import addendum_of
from tests.support.resolutions import with_resolutions
from tools.openapi import bill_factories, factories, link_factories, message_factories, scheduling_factories
from tools.openapi.live_factories import RECORDER_ID, live_audio, live_piece
from tools.openapi.operation_cases import sample_clinic
from tools.openapi.operation_cases.billing import OTHER_BILL
from tools.openapi.operation_cases.case import State
from tools.openapi.operation_cases.consents import CONSENT_ID
from tools.openapi.operation_cases.exports import export_of
from tools.openapi.operation_cases.patients import ALLERGY_ID
from tools.openapi.operation_cases.reminders import CHOICES
from tools.openapi.operation_cases.reports import OMISSION, STATEMENT_ID

CLINICAL = "Klinikwort"
"""In every clinical text."""
BLOOD_GROUP = BloodGroup.AB_NEGATIVE
"""The one clinical field that is not text; no other patient has this value."""
PRIVATE = "Privatwort"
"""In the patient's name, and in a reported allergy."""
_NO_DIGEST = "0" * 64
TRAINEE = "trainee-who-signed-the-report"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

REPORT_STATUS = {
    State.REPORT_FAILED: ReportStatus.FAILED,
    State.REPORT_SIGNED: ReportStatus.SIGNED,
    State.REPORT_SHARED: ReportStatus.SIGNED,
    State.COSIGNATURE_PENDING: ReportStatus.COSIGNATURE_PENDING,
}
"""The report's status, if it is not a draft."""
UNISSUED = frozenset({State.ENDED, State.TWO_LINES})
"""The states in which the bill is a draft."""


@dataclass(frozen=True)
class Chart:
    """The created records; every revision is 1."""

    records: tuple[Record, ...]

    def id_of(self, model: type[Record]) -> str:
        """The id of the chart's record of this type."""
        return next(record.id for record in self.records if type(record) is model)

    @property
    def patient_ids(self) -> list[str]:
        """The patient's id, and that of the merged record if there is one."""
        return [record.id for record in self.records if type(record) is Patient]


def plant(
    clinic_id: str, owner_id: str, shared_with: list[str], state: State = State.VISIT, writers: Sequence[str] = ()
) -> Chart:
    """Create a patient with one visit directly in the database, without the product's rules."""

    def transaction(work: UnitOfWork) -> Chart:
        records = tuple(_records(work, owner_id, shared_with, state, writers))
        for record in records:
            work.create(record)
        chart = Chart(records)
        # Final, whatever the chart's state, so that a stream of it ends.
        work.progress(chart.id_of(Session), session=SessionStatus.CANCELLED, transcription=TranscriptionStatus.FAILED)
        return chart

    chart = system_clinic(clinic_id, "planted").perform("chart.plant", transaction)
    if state == State.MERGED:
        system_clinic(clinic_id, "planted").perform("chart.merge", lambda work: _merge(work, chart))
    return chart


def _merge(work: UnitOfWork, chart: Chart) -> None:
    """Merge the other record of the chart into its patient; every revision stays 1."""
    work.prefetch(*map(Patient.ref, chart.patient_ids))
    patient, other = (work.get(Patient.ref(id)) for id in chart.patient_ids)
    for record in reversed(merging.merged(patient, other, work.stamp)):
        work.save(record.model_copy(update={"revision": 1}))


def signed(report: Report, stamp: Stamp, payload: SignedPayload) -> SignedReport:
    """A genuine proof: KMS signs the payload with the current version of the signing key."""
    payload = payload.model_copy(update={"key_version": kms.signing_key_version()})
    return factories.signed_report(report, stamp, payload, kms.sign(digest_of(payload.canonical())).signature)


def _live(session: Session, stamp: Stamp) -> Iterator[Record]:
    """A live recording of which pieces 1 and 3 arrived."""
    recording = session.recording_id(1)
    received = {"received": ranges_of([1, 3]), "size_bytes": 640_088, "duration_ms": 20_000}
    opened = {"recording_id": recording, "recorder_id": RECORDER_ID, "opened_at": stamp.at}
    loss = Loss(recording_id=recording, end_after=3, reason=CLINICAL, by=session.doctor_id, at=stamp.at)
    account = LiveRecording(**opened, **received, last_received_at=stamp.at)
    yield live_audio(session.id, stamp, recordings=[account], losses=[loss], events=2)
    for number in (1, 3):
        heard = {"text_status": TextStatus.RECOGNISED, "text": CLINICAL}
        words = [LiveWord(text=CLINICAL, start_ms=0, end_ms=900)]
        yield live_piece(recording, number, stamp, **heard, words=words)


def _versions(patient: Patient, session: Session, stamp: Stamp) -> Iterator[Record]:
    """Earlier versions of the patient and the session, with another name and other clinical texts."""
    for before, after in (
        (patient, patient.revised(stamp, last_name="Later", notes=None)),
        (session, session.revised(stamp, chief_complaint=None, referred_by=PRIVATE)),
    ):
        version = Version.of(before, after, stamp)
        assert version is not None
        # Not revision 2: the next change of the record stores that version.
        yield version.model_copy(update={"id": f"{version.record_id}-v1", "revision": 1})


def _records(
    work: UnitOfWork, owner_id: str, shared_with: list[str], state: State, writers: Sequence[str]
) -> Iterator[Record]:
    stamp, settings = work.stamp, _with_a_fee(work.settings())
    died = stamp.at.date()
    patient = factories.patient(
        owner_id,
        stamp,
        number="PAT-20250001",  # a year for which the clinic itself assigns no numbers
        live=state != State.PATIENT_DELETED,
        deceased=Death(date=PartialDate.of(died), recorded_on=died) if state == State.DECEASED else None,
        shared_with=shared_with,
        writers=list(writers),
        first_name=f"{PRIVATE}a",
        last_name=f"{PRIVATE}o",
        email="chart@home.example",
        blood_group=BLOOD_GROUP,
        allergies=[CLINICAL],
        medical_history=CLINICAL,
        current_medications=[CLINICAL],
        diagnoses=[CLINICAL],
        notes=CLINICAL,
        clinical_tags=[CLINICAL],
        reported_allergies=[ReportedAllergy(id=ALLERGY_ID, text=PRIVATE, noted_by=owner_id, noted_at=stamp.at)],
    )
    yield patient
    if state == State.MERGED:
        named = {"first_name": f"{PRIVATE}e", "number": "PAT-20250002", "allergies": [CLINICAL], "notes": CLINICAL}
        yield factories.patient(owner_id, stamp, **named)
    yield factories.consents(patient, stamp, factories.consent(stamp, id=CONSENT_ID, witness=PRIVATE))
    settled = state == State.SETTLED
    kept: dict[str, Any] = {"status": AppointmentStatus.COMPLETED} if settled else {}
    if state == State.APPOINTMENT_BEGUN:
        kept = {"scheduled_at": stamp.at - timedelta(hours=1)}
    series = scheduling_factories.series(patient, stamp)
    yield series
    entry = scheduling_factories.waiting(patient, stamp)
    offer = None
    if state == State.TIME_OFFERED:
        offer = Offer(waiting_id=entry.id, expires_at=stamp.at + timedelta(hours=2))
    if not kept:
        kept = {"offer": offer, "series_id": series.id, "series_date": series.first_date}
    planned = factories.appointment(patient, stamp, chief_complaint=CLINICAL, notes=CLINICAL, **kept)
    yield planned
    if offer is not None:
        entry = entry.offered(planned.id, offer.expires_at, stamp).model_copy(update={"revision": 1})
    yield entry
    failed = {"status": MessageStatus.FAILED, "error_code": "twilio_21408", "attempts": 1}
    yield message_factories.patient_message(patient, stamp, sender_name=PRIVATE, **failed)
    yield CHOICES.copied(contact_id(patient.id))
    session = factories.session(
        patient, stamp, number="SES-20250001", uploads=1, chief_complaint=CLINICAL, session_notes=CLINICAL
    )
    if state in UNISSUED:
        session = session.completed(stamp).model_copy(update={"revision": 1, "billed": True})
    if settled:
        session = session.model_copy(update={"status": SessionStatus.COMPLETED, "billed": True})
    yield session
    yield from _versions(patient, session, stamp)
    received = {"status": RecordingStatus.RECEIVED} if state == State.RECORDED else {}
    name = recording_name(work.clinic_id, session.id, session.recording_id(1))
    live = {"in_pieces": True} if state == State.LIVE else {}
    lost: dict[str, Any] = {
        "lost_audio": [LostAudio(recording_id=session.recording_id(1), start_ms=0, seconds=10, reason=CLINICAL)]
    }
    yield factories.recording(session, stamp, object_name=name, **received, **live, **lost)
    if state == State.LIVE:
        yield from _live(session, stamp)
    completed = state == State.REPORT_FAILED
    status = TranscriptionStatus.COMPLETED if completed else TranscriptionStatus.FAILED
    transcription = factories.transcription(session, stamp, status=status, parts=1, correction_notes=CLINICAL, **lost)
    yield transcription
    yield factories.transcript_part(transcription, stamp, factories.segment(text=CLINICAL))
    edited = TextVersion(version=2, author_id=owner_id, at=stamp.at, edits=[], notes=CLINICAL)
    yield TranscriptHistory.new(transcription.id, stamp, versions=[edited])
    report_status = REPORT_STATUS.get(state, ReportStatus.COMPLETED)
    colleague = shared_with[-1:]  # the patient is shared with this doctor too
    later = Superseded(report_id=f"{session.id}-r2", report_number="REP-20250002", at=stamp.at, reason=CLINICAL)
    is_signed = report_status == ReportStatus.SIGNED
    by_trainee = {"signed_by": TRAINEE, "signed_at": stamp.at, "cosigner_id": owner_id}
    report = factories.report(
        session,
        stamp,
        status=report_status,
        correction_notes=CLINICAL,
        shared_with=colleague,
        returns=[Return(version=1, reason=CLINICAL, returned_by=owner_id, at=stamp.at)],
        addenda_count=int(is_signed),
        new_version_reason=CLINICAL,
        superseded=None if is_signed else later,
        **(by_trainee if state == State.COSIGNATURE_PENDING else {}),
        **lost,
    )
    yield report
    change = {"statement_id": STATEMENT_ID, "before": CLINICAL, "after": CLINICAL, "reason": CLINICAL}
    content = factories.content(
        report,
        stamp,
        factories.statement(section="chief_complaint", text=f"Allergic to {CLINICAL}.", id=STATEMENT_ID, notes=[1]),
        sections=[*default_sections(), Section(id="more", title=CLINICAL)],
        corrections=[Correction(**change, author_id=owner_id, at=stamp.at)],
        notes=[Note(number=1, source=NoteSource.SESSION_NOTES, text=CLINICAL)],
        omissions=[OMISSION, Omission.of(OmissionKind.DRUG, 1, CLINICAL)],
    )
    content = with_resolutions(content, stamp, reason=CLINICAL)
    yield content
    yield factories.chart_decisions(report, stamp, factories.chart_offer(f"{STATEMENT_ID}-2", value=CLINICAL))
    files = [ExportedFile(format=ExportFormat.PDF, size_bytes=1, sha256=_NO_DIGEST)]
    made_of = {"report_version": 1, "report_revision": 1, "signed": True, "file_stem": "REP-20260001"}
    yield export_of(report, stamp).completed(stamp, files, **made_of).model_copy(update={"revision": 1})
    # Of no report that was signed, so nothing finds it.
    (pdf,) = parts_of(report.id, _NO_DIGEST, b"-", stamp)
    yield pdf.model_copy(update={"content": CLINICAL})
    payload = factories.signed_payload(report, content, session, patient, settings)
    if is_signed:
        proof = signed(report, stamp, payload)
        yield proof
        yield addendum_of(proof, stamp, CLINICAL)
    if state == State.REPORT_SHARED:
        link = link_factories.link(report, stamp, id=new_id())
        yield from (link, link_factories.disclosure(report, link, stamp))
    if state == State.COSIGNATURE_PENDING:
        proof = signed(report, stamp, payload.model_copy(update={"cosigner_id": owner_id, "signer_id": TRAINEE}))
        bytes_ = {"canonical": proof.canonical, "signature": proof.signature}
        yield AuthoredReport.new(AuthoredReport.id_of(report.id, report.version), stamp, **bytes_)
    if state in UNISSUED:
        draft = drafting.of_session(session, patient, settings, stamp)
        yield _with_two_lines(draft, settings, stamp) if state == State.TWO_LINES else draft
        return
    bill = bill_factories.bill(session, settings, stamp, "INV-202501-000001")
    yield bill_factories.issued_bill(bill, patient, settings, stamp)
    booked = _booked(bill, state, stamp)
    yield from booked.entries
    if state == State.PAID_IN_PART:
        yield bill_factories.receipt(booked, patient, settings, stamp)
    paid = {"status": BillStatus.PAID} if settled else {}
    diagnosis = {"primary_diagnosis_code": CLINICAL, "primary_diagnosis_title": CLINICAL}
    system = {"primary_diagnosis_system": IcdSystem.CLINICAL_MODIFICATION}
    yield booked.bill.model_copy(update={**diagnosis, **system, "revision": 1, **paid})
    if state == State.BILL_SENT:
        link = bill_factories.link(bill, stamp, id=new_id())
        yield from (link, bill_factories.share(bill, link, stamp))
    if state == State.CREDIT:
        other = bill.copied(f"{patient.id}-{OTHER_BILL}", number="INV-202501-000002")
        payment = NewPayment(amount=2 * bill.total_amount, method=PaymentMethod.CASH, keep_excess_as_credit=True)
        yield paying.paid(other, payment, stamp, day=bill.bill_date).bill.model_copy(update={"revision": 1})


def _with_a_fee(settings: ClinicSettings) -> ClinicSettings:
    """The settings with a fee for the visit of a chart, also if a test has changed the clinic's fees."""
    return settings.model_copy(update={"fees": [*settings.fees, *sample_clinic.CLINIC.fees]})


def _with_two_lines(draft: Bill, settings: ClinicSettings, stamp: Stamp) -> Bill:
    lines = [NewLine(description=PRIVATE, unit_price=100), NewLine(description=PRIVATE, unit_price=200)]
    change = BillChange.model_validate({"line_items": lines})
    return drafting.changed(draft, change, settings, stamp).model_copy(update={"revision": 1})


def _booked(bill: Bill, state: State, stamp: Stamp) -> Booked:
    """The bill with what the state has booked on it."""
    if state == State.PAID_IN_PART:
        payment = NewPayment(amount=100, method=PaymentMethod.CASH)
        return paying.paid(bill, payment, stamp, day=bill.bill_date, receipt="RCT-202501-000001")
    if state == State.CLAIMED:
        return claiming.claimed(bill, NewClaim(provider=PRIVATE, covered_amount=100), stamp, day=bill.bill_date)
    return Booked(bill)
