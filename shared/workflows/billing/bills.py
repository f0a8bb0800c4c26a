"""Billing: a completed session is billed by the clinic's fees; payments are recorded against the bill."""

from __future__ import annotations

from typing import Any

from shared.records import numbering
from shared.records.billing.bill import Bill
from shared.records.billing.issued import BillSnapshot, IssuedBill
from shared.records.billing.payments import NewPayment, NewReversal
from shared.records.clinic.profile import UserProfile
from shared.records.clinic.settings import BillIssue, ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.letterhead import Letterhead
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, NoneYet
from shared.records.record import Detailed, Ref, patient_of
from shared.records.reports.report import Report
from shared.records.types import new_id
from shared.records.visits.ids import bill_id_of, report_id_of, transcription_id_of
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription
from shared.render.pdf import bill_pdf
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import paper
from shared.workflows.documents import PrintedDocument
from shared.workflows.parties import named
from shared.workflows.visits import errors
from shared.workflows.visits.refs import expect

NamedBill = Detailed[Bill, Named]


def bill_session(clinic: Clinic, session_id: str) -> None:
    """Issue the bill of a completed session, or leave a draft: if the clinic has set no fee, or lets the desk issue it.

    A session that was reopened and completed again has a draft already, which is priced again. One whose recordings all
    failed before it was completed is in error.
    """

    def transaction(work: UnitOfWork) -> None:
        ref = Session.ref(session_id)
        work.expect(Transcription.ref(transcription_id_of(session_id, 1)), Report.ref(report_id_of(session_id)))
        work.prefetch(ref, Bill.ref(bill_id_of(session_id)), work.settings_ref(), numbering.BILLS)
        session = work.get(ref)
        draft = work.get_or_none(Bill.ref(session.bill_id))
        if not session.over or (draft is not None and session.billed):
            errors.follow(work, session)
            return
        settings = work.settings()
        bill = (
            draft.repriced(session, settings, work.stamp) if draft else Bill.for_session(session, settings, work.stamp)
        )
        if settings.bill_issue == BillIssue.AT_ONCE and not bill.needs_pricing:
            bill = _issued(work, bill, settings)
        if draft is None:
            work.create(bill)
        else:
            work.save(bill)
        after = errors.followed(work, session).amended(billing_amount=bill.total_amount, billed=True)
        work.save(after)
        work.progress(session.id, session=after.status, bill=bill.status)

    clinic.perform("bill.create", transaction)


def of_session(clinic: Clinic, session_id: str) -> NamedBill:
    """The bill of a session. Raises NoneYet for a session without one."""

    def transaction(work: UnitOfWork) -> Bill:
        expect(work, session_id, Bill.ref(bill_id_of(session_id)))
        bill = work.get_or_none(Bill.ref(work.get(Session.ref(session_id)).bill_id))
        if bill is None:
            raise NoneYet
        return bill

    return clinic.perform("bill.read", named(transaction))


def get(clinic: Clinic, bill_id: str) -> NamedBill:
    """A bill."""
    return clinic.perform("bill.read", named(lambda work: work.get(Bill.ref(bill_id))))


def issue(clinic: Clinic, bill_id: str) -> NamedBill:
    """Issue a draft, dated today: it gets its number, and nothing changes it any more.

    Raises Conflict for a draft without a price, and while its session is not completed.
    """

    def transaction(work: UnitOfWork) -> Bill:
        bill = work.get_for_update(Bill.ref(bill_id))
        bill.must_be_issuable()
        work.prefetch(work.settings_ref(), numbering.BILLS, *_beside(bill))
        if bill.session_id is not None:
            session = work.get(Session.ref(bill.session_id))
            if not session.over:
                raise Conflict(ConflictCode.SESSION_STATE, f"the session of the bill is {session.status}")
            work.require_unchanged(session)  # one that is reopened meanwhile must not get an issued bill
        bill = _issued(work, bill.revised(work.stamp, bill_date=work.today()), work.settings())
        if bill.session_id is not None:
            work.progress(bill.session_id, bill=bill.status)
        return work.save(bill)

    return clinic.perform("bill.issue", named(transaction))


def pay(clinic: Clinic, bill_id: str, new: NewPayment) -> NamedBill:
    """Record a payment that was received."""

    def transaction(work: UnitOfWork) -> Bill:
        profile_ref = UserProfile.ref(work.user_id)
        work.prefetch(Bill.ref(bill_id), profile_ref)
        bill, profile = work.get_for_update(Bill.ref(bill_id)), work.get_or_none(profile_ref)
        return work.save(bill.paid(new, new_id(), work.stamp, received_by=profile.full_name if profile else None))

    return clinic.perform("bill.pay", named(transaction))


def reverse_payment(clinic: Clinic, bill_id: str, payment_id: str, new: NewReversal) -> NamedBill:
    """Reverse a payment that was entered in error. The money was never received, so nothing is refunded."""

    def transaction(work: UnitOfWork) -> Bill:
        bill = work.get_for_update(Bill.ref(bill_id))
        return work.save(bill.payment_reversed(payment_id, new, work.stamp))

    return clinic.perform("bill.reverse_payment", named(transaction))


def pdf(clinic: Clinic, bill_id: str) -> PrintedDocument:
    """The bill as PDF: an issued bill from the bytes of its issue, with the payments since then; a draft from the
    current records."""

    def transaction(work: UnitOfWork) -> PrintedDocument:
        work.prefetch(Bill.ref(bill_id), IssuedBill.ref(bill_id))
        bill = work.get(Bill.ref(bill_id))
        issued = work.get(IssuedBill.ref(bill.id)) if bill.number else None
        snapshot = issued.snapshot() if issued else _current(work, bill)
        document = paper.bill_document(snapshot, bill, issued_at=issued.created_at if issued else None)
        content = bill_pdf(document)
        return PrintedDocument(content, paper.filename(bill), bill.revision)

    return clinic.perform("bill.export", transaction)


def _beside(bill: Bill) -> list[Ref[Any]]:
    """The session and the doctor's profile that the printed bill names."""
    session = [Session.ref(bill.session_id)] if bill.session_id else []
    return [*session, *([UserProfile.ref(bill.doctor_id)] if bill.doctor_id else [])]


def _issued(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Bill:
    """The bill with the next number; its bytes are sealed in the same commit."""
    year_start, gst = settings.financial_year_starts_in, settings.gst_number is not None
    series = numbering.bills(work.today(), year_start, gst=gst)
    issued = bill.issued(work.next_number(series, bill.id), settings)
    work.create(IssuedBill.seal(_current(work, issued), work.stamp))
    return issued


def _current(work: UnitOfWork, bill: Bill) -> BillSnapshot:
    """The bill with letterhead, patient and visit as they are now."""
    work.prefetch(work.settings_ref(), *_beside(bill))
    profile = work.get_or_none(UserProfile.ref(bill.doctor_id)) if bill.doctor_id else None
    session = work.get_or_none(Session.ref(bill.session_id)) if bill.session_id else None
    settings, patient = work.settings(), work.get(Patient.ref(patient_of(bill.id)))
    issuer = Letterhead.of(profile, settings)
    return BillSnapshot.of(bill, patient, session, issuer=issuer, zone=settings.time_zone)
