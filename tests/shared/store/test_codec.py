"""Between records and documents: what is sealed, what is readable, and that both come back as they were."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tink
from hypothesis import given
from hypothesis import strategies as st
from tink import aead, cleartext_keyset_handle

from shared.records.billing import claiming, paying
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import NewClaim
from shared.records.billing.issued import IssuedBill
from shared.records.billing.online import Resolution
from shared.records.billing.payment_link import PaymentLink
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.provider_event import PaymentNews
from shared.records.billing.reference import PaymentReference
from shared.records.billing.reminder_policy import POLICY_ID as PAYMENT_REMINDERS
from shared.records.billing.reminder_policy import PaymentReminderPolicy, PaymentReminderUpdate
from shared.records.billing.sums.book_day import BookDay, day_of
from shared.records.billing.sums.postings import postings
from shared.records.billing.sums.receivables import Receivables
from shared.records.clinic.calendar_feed import CalendarFeed, OwnCalendar
from shared.records.clinic.certificates import CERTIFICATES_ID, ClinicCertificates, Origin
from shared.records.clinic.devices import Devices, NewDevice, Platform
from shared.records.clinic.logo import ClinicLogo
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.messages.address import BouncedAddress
from shared.records.messages.kinds import Channel
from shared.records.patients.consent import PatientConsents
from shared.records.patients.contact import ContactChoices, ContactUpdate, Wish, chosen, contact_id
from shared.records.patients.details import MaritalStatus
from shared.records.patients.new_consent import ConsentGiver, NewConsent, NewWithdrawal
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.record import Record, Stamp
from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.policy import (
    POLICY_ID,
    PolicyText,
    ReminderPolicy,
    ReminderPolicyUpdate,
    fields_of_update,
)
from shared.records.reports.addenda import ReportAddenda
from shared.records.reports.corrections import Corrections
from shared.records.reports.exporting import Export, ExportedFile, ExportFormat, ExportRequest
from shared.records.reports.notice import ReportNotice
from shared.records.reports.signed import AuthoredReport, Cosignature, SignedBytes, SignedReport
from shared.records.reports.signed_pdf import parts_of
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.booked_day import BookedDay, Booking
from shared.records.scheduling.schedule import BlockedTime, DoctorSchedule
from shared.records.scheduling.series import AppointmentSeries
from shared.records.scheduling.waiting import WaitingEntry
from shared.records.templates.content import TemplateContent
from shared.records.templates.shipped import default_sections
from shared.records.templates.style import StyleExamples
from shared.records.templates.template import ReportTemplate, TemplateVersion
from shared.records.types import Role
from shared.records.version import SettingsVersion, Version
from shared.records.visits.live.accounts import LiveAudio, NewLoss
from shared.records.visits.live.piece import LiveWord
from shared.records.visits.live.ranges import Range
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.recording import Recording
from shared.records.visits.running import RunningSession
from shared.records.visits.speech import RecordingSettings, Speaker
from shared.records.visits.transcript_correction import SegmentEdit, TranscriptCorrection, TranscriptHistory
from shared.records.visits.transcript_part import TranscriptPart, part_id
from shared.store import codec
from shared.vault.cipher import unseal
from tests.shared.records.billing.billed import GST, issued
from tests.shared.records.test_privacy import RECORDS
from tests.support.factories import (
    BY_DOCTOR,
    DOCTOR,
    NOON,
    PATIENT_ID,
    SESSION_ID,
    after,
    bill,
    content,
    patient,
    profile,
    report,
    segment,
    session,
    settings,
    statement,
    transcription,
)
from tools.openapi import bill_factories, link_factories, message_factories
from tools.openapi.factories import chart_decisions, chart_offer
from tools.openapi.live_factories import live_piece
from tools.openapi.operation_cases.billing import ONLINE_PAYMENT, PROVIDER

aead.register()
KEY: aead.Aead = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden_ciphertexts.json").read_text())
"""A key that protects nothing, and by kind what it sealed on 2026-11-27: the field `field` of the record `record1` of
`clinic1` under `key1`."""

SECRET = "grevillea"
"""A word that stands in every free text below."""


def full_patient() -> Patient:
    return patient(
        first_name=SECRET.title(),
        preferred_name=SECRET,
        latin_name={"first_name": SECRET, "last_name": SECRET},
        gender=SECRET,
        primary_phone="+919845012345",
        secondary_phone="+919845012346",
        email=f"{SECRET}@example.org",
        address={"lines": [SECRET], "city": SECRET, "region": SECRET, "postal_code": SECRET, "country": "IN"},
        occupation=SECRET,
        marital_status=MaritalStatus.PARTNERED,
        preferred_language="ta",
        emergency_contact={"name": SECRET, "phone": "+919845012347", "relationship": SECRET},
        insurance={"provider_name": SECRET, "policy_number": SECRET, "group_number": SECRET},
        tags=[SECRET, "மீரா"],
        blood_group="AB-",
        allergies=[SECRET],
        medical_history=SECRET,
        current_medications=[SECRET],
        diagnoses=[SECRET],
        clinical_tags=[SECRET],
        reported_allergies=[{"id": "allergy-1", "text": SECRET, "noted_by": DOCTOR, "noted_at": NOON}],
        notes=f"{SECRET}\n\u2028𝄞",
    )


def book_sums() -> Iterator[Record]:
    """The sums of a bill with tax."""
    found = postings(None, issued([(50_000, 2, {**GST, "label": SECRET})]))
    for id, sums in found.days.items():
        services = [row.model_copy(update={"service": SECRET}) for row in sums.services]
        yield BookDay.new(id, Stamp(DOCTOR, NOON), day=day_of(id), **{**vars(sums), "services": services})
    for id, rows in found.due.items():
        yield Receivables.new(id, Stamp(DOCTOR, NOON), due=rows)


def full_bill() -> Bill:
    made = bill(tax={"rate_percent": "12.5", "label": SECRET}, payment_terms=SECRET, payment_instructions=SECRET)
    payment = NewPayment(amount=1_000, method=PaymentMethod.UPI, reference=SECRET)
    claim = NewClaim(claim_number=SECRET, provider=SECRET, policy_number=SECRET, covered_amount=5)
    at = Stamp(DOCTOR, after(hours=1))
    claimed = claiming.claimed(made, claim, at, day=made.bill_date).bill
    paid = paying.paid(claimed, payment, at, day=made.bill_date, received_by=SECRET).bill
    more = {
        "primary_diagnosis_code": "F41.1",
        "notes": SECRET,
        "internal_notes": SECRET,
        "procedure_codes": ["99213"],
        "payment_link": PaymentLink(
            id="plink_1",
            reference="INV-202609-000001-1",
            url=f"https://rzp.io/i/{SECRET}",
            amount=5,
            currency="INR",
            expires_at=NOON,
        ),
    }
    return paid.revised(Stamp(DOCTOR, NOON), **more)


def consents() -> PatientConsents:
    named = {"given_by": "guardian", "given_by_name": SECRET, "witness": SECRET, "document_reference": SECRET}
    new = {
        "purposes": ["recording"],
        "wording": {"version": "visit-1", "text": SECRET},
        "language": "ta",
        "method": "document",
        **named,
    }
    withdrawal = NewWithdrawal(requested_by=ConsentGiver.GUARDIAN, requested_by_name=SECRET, reason=SECRET)
    given = PatientConsents.new(PATIENT_ID, BY_DOCTOR).with_consent(NewConsent.model_validate(new), "one", BY_DOCTOR)
    return given.with_withdrawal("one", withdrawal, Stamp(DOCTOR, after(hours=1)))


def signatures() -> Iterator[Record]:
    report_id, signed = f"{SESSION_ID}-r1", SignedBytes(canonical=SECRET, signature="c2ln")
    yield SignedReport.new(report_id, BY_DOCTOR, **dict(signed))
    yield AuthoredReport.new(AuthoredReport.id_of(report_id, 1), BY_DOCTOR, **dict(signed))
    yield Cosignature.new(report_id, BY_DOCTOR, **dict(signed))
    yield ReportAddenda.new(report_id, BY_DOCTOR, signed=[signed])


def appointment() -> Appointment:
    return Appointment.new(
        "patient-appointment",
        Stamp("doctor-1", NOON),
        patient_id="patient",
        doctor_id="doctor-1",
        scheduled_at=NOON,
        local_time="2026-09-14T17:30:00",
        duration_minutes=30,
        time_zone="Asia/Kolkata",
        type="followup",
        currency="INR",
        location=SECRET,
        reason_for_visit=SECRET,
        chief_complaint=SECRET,
        notes=SECRET,
        preparation_instructions=SECRET,
        cancellation_reason=SECRET,
        reschedule_reason=SECRET,
        override_reason=SECRET,
        estimated_cost=98450123,
        copay_amount=98450124,
    )


def series() -> AppointmentSeries:
    return AppointmentSeries.new(
        "patient-series",
        Stamp("doctor-1", NOON),
        patient_id="patient",
        doctor_id="doctor-1",
        type="followup",
        duration_minutes=50,
        local_time="2026-09-14T17:30:00",
        time_zone="Asia/Kolkata",
        rule="FREQ=WEEKLY;COUNT=14",
        excluded_dates=["2026-09-21"],
        cut_from="2026-10-05",
        continued_by="patient-later",
    )


def version() -> Version:
    before = full_patient()
    stamp = Stamp(DOCTOR, after(hours=1))
    kept = {"number", "owner_id", "shared_with", "writers"}
    cleared = dict.fromkeys(Patient.model_fields.keys() - Record.model_fields.keys() - kept)
    made = Version.of(before, before.model_copy(update={**cleared, "revision": 2}), stamp)
    assert made is not None
    return made


def settings_version() -> SettingsVersion:
    before, stamp = settings(name=SECRET), Stamp(DOCTOR, NOON)
    made = SettingsVersion.of(before, before.edited(stamp, name="Aster"), stamp)
    assert made is not None
    return made


def examples() -> Iterator[Record]:
    """Every type of record, with as many of its fields as it can have."""
    edits = [{"statement_id": "s1", "text": f"{SECRET} x", "reason": SECRET}]
    yield full_patient()
    yield version()
    yield consents()
    yield CalendarFeed.new("0123456789abcdef", Stamp(DOCTOR, NOON), doctor_id=DOCTOR)
    yield OwnCalendar.new(DOCTOR, Stamp(DOCTOR, NOON), feed_id="0123456789abcdef", issued_at=NOON)
    yield full_bill()
    secret_payment = NewPayment(amount=1_000, method=PaymentMethod.CHEQUE, reference=SECRET)
    booked = paying.paid(bill(), secret_payment, Stamp(DOCTOR, NOON), day=bill().bill_date, receipt="RCT-202609-000001")
    yield booked.entries[0]
    yield bill_factories.receipt(booked, patient(), settings(), Stamp(DOCTOR, NOON))
    yield from book_sums()
    yield PaymentReference.new("0123456789abcdef", Stamp(DOCTOR, NOON), payment_id=booked.entries[0].id)
    yield PROVIDER.copied(
        PROVIDER.id,
        stored_key_secret=SECRET,
        stored_webhook_secret=2 * SECRET,
        earlier_webhook_secret=2 * SECRET,
        webhook_secret_changed_at=NOON,
    )
    yield ONLINE_PAYMENT.heard(
        PaymentNews(
            **{name: getattr(ONLINE_PAYMENT, name) for name in ("amount", "currency", "captured", "paid_at")},
            payment_id=ONLINE_PAYMENT.id,
            refund={"id": "rfnd_1", "amount": 5, "currency": "INR"},
            dispute={"id": "disp_1", "amount": 5, "state": "open"},
        )
    ).resolved(Resolution(note=SECRET), Stamp(DOCTOR, NOON))
    yield from signatures()
    yield IssuedBill.new(f"{SESSION_ID}-bill", Stamp(DOCTOR, NOON), canonical=SECRET)
    yield appointment()
    yield series()
    yield WaitingEntry.new(
        "patient-waiting",
        Stamp("doctor-1", NOON),
        patient_id="patient",
        doctor_ids=["doctor-1"],
        type="followup",
        duration_minutes=30,
        priority="high",
        times=[{"weekdays": ["monday"], "opens": "09:00", "closes": "12:00", "first_day": "2026-09-14"}],
        until="2026-12-01",
        reason_for_visit=SECRET,
        passed=[NOON],
    )
    yield settings(
        name=SECRET,
        address=SECRET,
        phone="+919845012345",
        email=f"{SECRET}@example.org",
        fees=[{"session_type": "followup", "amount": 1, "description": SECRET}],
        tax={"rate_percent": Decimal("0.25"), "label": SECRET},
        gst_number="29ABCDE1234F1Z5",
    )
    yield profile(first_name=SECRET, licence_number=SECRET, clinic_address=SECRET, logo="iVBORw0KGgo=")
    yield User.new(
        DOCTOR,
        Stamp("system", NOON),
        email=f"{SECRET}@example.org",
        roles=list(Role),
        tokens_valid_after=after(days=-1),
    )
    yield Devices.new(DOCTOR, Stamp(DOCTOR, NOON)).with_device(
        NewDevice(token="token-of-a-telephone-1", platform=Platform.ANDROID), Stamp(DOCTOR, NOON)
    )
    yield ReportNotice.of(report(), ["device-1"], Stamp("system", NOON))
    yield message_factories.patient_message(patient(), Stamp("system", NOON), sender_name=SECRET)
    yield message_factories.staff_message(DOCTOR, Stamp("system", NOON), to=f"{SECRET}@example.org")
    shared = link_factories.link(report(), Stamp("system", NOON), code_hash=SECRET)
    yield shared
    yield link_factories.disclosure(
        report(), shared, Stamp(DOCTOR, NOON), recipient_name=SECRET, recipient_address=SECRET
    )
    billed = bill(1)
    yield bill_factories.share(
        billed, bill_factories.link(billed, Stamp(DOCTOR, NOON)), Stamp(DOCTOR, NOON), recipient_address=SECRET
    )
    yield BouncedAddress.new("0123456789abcdef", Stamp("system", NOON), channel=Channel.MAIL, code="smtp_550")
    yield session(
        chief_complaint=SECRET,
        session_notes=SECRET,
        billing_code="90837",
        billing_amount=7,
        recording_settings=RecordingSettings(
            channels=[Speaker.PRACTITIONER, Speaker.PATIENT], sample_rate_hertz=16_000
        ),
    ).completed(Stamp(DOCTOR, after(minutes=30)))
    yield Recording.new(
        f"{SESSION_ID}-a1",
        Stamp(DOCTOR, NOON),
        session_id=SESSION_ID,
        object_name="clinics/aster/x",
        content_type="audio/flac",
        resumable_url="https://storage.example/upload?id=1",
        size_bytes=9,
    )
    heard = LiveRecording(
        recording_id=f"{SESSION_ID}-a1",
        recorder_id="recorder-1",
        opened_at=NOON,
        received=[Range(first=1, last=2)],
    )
    accounts = LiveAudio.new(f"{SESSION_ID}-live", Stamp(DOCTOR, NOON), session_id=SESSION_ID, recordings=[heard])
    loss = NewLoss(recording_id=heard.recording_id, numbers=[3], end_after=3, reason=SECRET)
    yield accounts.with_loss(loss, Stamp(DOCTOR, NOON))
    heard_words = [LiveWord(text=SECRET, start_ms=0, end_ms=9)]
    yield live_piece(heard.recording_id, 1, Stamp(DOCTOR, NOON), text=SECRET, words=heard_words)
    yield BookedDay.new("doctor-1-20260914", Stamp(DOCTOR, NOON)).with_booking(
        Booking(appointment_id="a", starts_at=NOON, ends_at=after(hours=1)), Stamp(DOCTOR, NOON)
    )
    absent = [BlockedTime(starts_at="2026-10-02T00:00", ends_at="2026-10-03T00:00", reason=SECRET)]
    yield DoctorSchedule.new(DOCTOR, Stamp(DOCTOR, NOON), blocked=absent)
    words = PolicyText(notice=VisitNotice.REMINDER, channel=Channel.MAIL, language="en", subject=SECRET, body=SECRET)
    wanted = ReminderPolicyUpdate(own_texts=[words], dlt_entity_id="1101234567890123456")
    yield ReminderPolicy.new(POLICY_ID, Stamp(DOCTOR, NOON), **fields_of_update(wanted))
    to_remind = PaymentReminderUpdate(enabled=True)
    yield PaymentReminderPolicy.new(PAYMENT_REMINDERS, Stamp(DOCTOR, NOON), **to_remind.fields)
    choices = chosen(None, ContactUpdate(sms=Wish(allowed=False)), Stamp(DOCTOR, NOON))
    yield ContactChoices.new(contact_id(full_patient().id), Stamp(DOCTOR, NOON), **choices)
    yield RunningSession.new(DOCTOR, Stamp(DOCTOR, NOON), session_id=SESSION_ID)
    yield transcription(confidence_score=0.75, correction_notes=SECRET, audio_duration_seconds=61.5)
    yield TranscriptPart.new(
        part_id(f"{SESSION_ID}-t1", 1),
        Stamp("system", NOON),
        segments=[segment(1, SECRET, uncertain_words=[SECRET]), segment(2, f"{SECRET} कैसे")],
    )
    asked = TranscriptCorrection(edits=[SegmentEdit(number=1, text=SECRET)], correction_notes=SECRET)
    history = TranscriptHistory.new(f"{SESSION_ID}-t1", Stamp("system", NOON))
    yield history.with_version(asked, [segment()], Stamp(DOCTOR, NOON))
    yield report(correction_notes=SECRET, exported_formats=["pdf"], quality_score=0.5)
    yield content(statement(1, text=SECRET), statement(2)).corrected(
        Corrections.model_validate({"edits": edits}), Stamp(DOCTOR, NOON)
    )
    yield from parts_of(report().id, "0" * 64, SECRET.encode(), Stamp("system", NOON))
    requested = Export.of(report().id, SESSION_ID, ExportRequest(formats=list(ExportFormat)), Stamp(DOCTOR, NOON))
    file = ExportedFile(format=ExportFormat.PDF, size_bytes=9, sha256="0" * 64)
    yield requested.completed(Stamp("system", NOON), [file], signed=True, file_stem="REP-20260001")
    certified = ClinicCertificates.new(CERTIFICATES_ID, Stamp("system", NOON))
    until = NOON, after(days=365)
    yield certified.with_certificate(SECRET, "keys/signing/1", Origin.UPLOADED, until, Stamp("system", NOON))
    yield chart_decisions(report(), Stamp(DOCTOR, NOON), chart_offer(value=SECRET))
    yield ReportTemplate.new("template1", Stamp(DOCTOR, NOON), name=SECRET, doctor_id=DOCTOR)
    yield ClinicLogo.of(b"\xff\xd8\xff" + SECRET.encode(), Stamp(DOCTOR, NOON))
    yield settings_version()
    yield StyleExamples.new(DOCTOR, Stamp(DOCTOR, NOON), examples=[SECRET])
    said = TemplateContent(name=SECRET, sections=default_sections(), ai_prompt=SECRET)
    yield TemplateVersion.of("template1", 1, said, Stamp(DOCTOR, NOON))


EXAMPLES = {type(one).__name__: one for one in examples()}
SEALED = {name: one for name, one in EXAMPLES.items() if fields_of(type(one)).encrypted}


def encode(record: Record) -> dict[str, Any]:
    return codec.encode(record, KEY, "aster", "key-1")


def decode(record: Record, document: dict[str, Any], clinic_id: str = "aster", key_id: str = "key-1") -> Record:
    return codec.decode(type(record), document, KEY, clinic_id, key_id)


def readable(value: Any) -> str:
    """All of a document that is no ciphertext, as text."""
    return json.dumps(value, default=lambda inner: "" if isinstance(inner, bytes) else str(inner), ensure_ascii=False)


def test_there_is_an_example_of_every_type_of_record() -> None:
    assert set(EXAMPLES) == {model.__name__ for model in RECORDS}


@pytest.mark.parametrize("record", EXAMPLES.values(), ids=EXAMPLES)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert decode(record, encode(record)) == record


def test_plain_fields_are_read_without_a_key_and_what_is_sealed_has_its_default() -> None:
    record = EXAMPLES["Transcription"]

    plain = codec.decode_plain(type(record), encode(record))

    marks = fields_of(type(record))
    assert {name: getattr(plain, name) for name in marks.plain} == {name: getattr(record, name) for name in marks.plain}
    assert all(not getattr(plain, name) for name in marks.encrypted)


@pytest.mark.parametrize("record", EXAMPLES.values(), ids=EXAMPLES)
def test_a_record_is_read_from_no_other_fields_of_its_document(record: Record) -> None:
    names = codec.fields_of_document(type(record))

    assert encode(record).keys() <= names
    assert "tokens" not in names


@pytest.mark.parametrize("record", EXAMPLES.values(), ids=EXAMPLES)
def test_encrypted_fields_are_sealed_and_plain_ones_are_readable(record: Record) -> None:
    marks, document = fields_of(type(record)), encode(record)

    filled = {name for name in marks.encrypted if getattr(record, name) is not None}
    assert set(document["sealed"]) == filled
    assert all(isinstance(ciphertext, bytes) for ciphertext in document["sealed"].values())
    assert set(document) == marks.plain | {"sealed", "schema"}
    assert document["created_at"] == record.created_at


@pytest.mark.parametrize("record", EXAMPLES.values(), ids=EXAMPLES)
def test_nothing_that_is_encrypted_can_be_read_in_the_document(record: Record) -> None:
    document = encode(record)

    assert SECRET not in readable(document).casefold()
    assert not any(SECRET.encode() in ciphertext.lower() for ciphertext in document["sealed"].values())


@pytest.mark.parametrize("record", SEALED.values(), ids=SEALED)
def test_a_document_that_was_moved_does_not_open(record: Record) -> None:
    document = encode(record)

    for other in ({"clinic_id": "begonia"}, {"key_id": "key-2"}):
        with pytest.raises(tink.TinkError):
            decode(record, document, **other)
    with pytest.raises(tink.TinkError):
        decode(record, document | {"record_key": "another"})


def test_a_ciphertext_moved_to_another_field_or_record_does_not_open() -> None:
    one, other = encode(patient(notes="low mood", occupation="baker")), encode(patient(notes="well"))
    swapped = one["sealed"] | {"notes": one["sealed"]["occupation"], "occupation": one["sealed"]["notes"]}
    transplanted = one["sealed"] | {"notes": other["sealed"]["notes"]}

    for sealed in (swapped, transplanted):
        with pytest.raises(tink.TinkError):
            codec.decode(Patient, one | {"sealed": sealed}, KEY, "aster", "key-1")


def test_a_ciphertext_of_another_type_of_record_does_not_open() -> None:
    made = report(correction_notes="misheard")
    document = encode(transcription(correction_notes="well").model_copy(update={"record_key": made.record_key}))
    document["sealed"]["correction_notes"] = encode(made)["sealed"]["correction_notes"]

    with pytest.raises(tink.TinkError):
        codec.decode(type(transcription()), document, KEY, "aster", "key-1")


def test_empty_fields_are_left_out_and_an_empty_list_is_sealed_like_a_full_one() -> None:
    document = encode(patient(notes=None, tags=[]))

    assert "notes" not in document["sealed"]
    assert {"tags", "allergies", "current_medications"} <= set(document["sealed"])


TEXTS = st.text(max_size=40)


@given(
    notes=st.none() | TEXTS,
    tags=st.lists(TEXTS, max_size=4),
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_patient_comes_back_as_it_was(notes: str | None, tags: list[str], born: date, at: datetime) -> None:
    one = patient(notes=notes, tags=tags, date_of_birth=born).revised(Stamp("doctor-2", at))

    assert decode(one, encode(one)) == one


@given(st.integers(0, 10**9), st.decimals(0, 100, places=4))
def test_any_amount_and_rate_come_back_exactly(amount: int, rate: Decimal) -> None:
    made = bill(amount, tax={"rate_percent": rate})

    assert decode(made, encode(made)) == made


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.kind)
def test_what_was_sealed_earlier_still_opens(model: type[Record]) -> None:
    """A class or module may be renamed; a kind may not: it is in the associated data of stored ciphertexts."""
    keyset = cleartext_keyset_handle.read(tink.JsonKeysetReader(json.dumps(GOLDEN["keyset"])))
    place = codec.binding_of(model, {"record_key": "record1"}, "clinic1", "key1")

    opened = unseal(keyset.primitive(aead.Aead), place, "field", b64decode(GOLDEN["sealed"][model.kind]))

    assert opened == f"sealed {model.kind}"


def test_a_ciphertext_of_another_kind_does_not_open() -> None:
    sealed = codec.encode(full_patient(), KEY, "clinic1", "key1")

    with pytest.raises(tink.TinkError):
        codec.decode(UserProfile, sealed, KEY, "clinic1", "key1")
