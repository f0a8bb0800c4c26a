"""Billing: a completed session is billed by the clinic's fees; payments are recorded against the bill."""

from __future__ import annotations

from shared.records import numbering
from shared.records.billing.bill import Bill, NewPayment
from shared.records.billing.issued import BillSnapshot, IssuedBill
from shared.records.clinic.profile import UserProfile
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.parties import Parties
from shared.records.patients.patient import Patient
from shared.records.problems import NoneYet
from shared.records.record import Detailed, patient_of
from shared.records.types import new_id
from shared.records.visits.session import Session, SessionStatus
from shared.render.pdf import bill_pdf
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import documents
from shared.workflows.documents import PrintedDocument
from shared.workflows.parties import named

NamedBill = Detailed[Bill, Parties]


def bill_session(clinic: Clinic, session_id: str) -> None:
    """Issue the bill of a completed session, or leave a draft if the clinic has set no fee."""

    def transaction(work: UnitOfWork) -> None:
        ref = Session.ref(session_id)
        work.prefetch(ref, Bill.ref(f"{session_id}-bill"), work.settings_ref(), numbering.BILLS)
        session = work.get(ref)
        if session.status != SessionStatus.COMPLETED or work.get_or_none(Bill.ref(session.bill_id)) is not None:
            return
        settings = work.settings()
        bill = Bill.for_session(session, settings, work.stamp)
        if not bill.needs_pricing:
            year_start, gst = settings.financial_year_starts_in, settings.gst_number is not None
            series = numbering.bills(work.today(), year_start, gst=gst)
            bill = bill.issued(work.next_number(series, bill.id), settings)
            work.create(IssuedBill.seal(_current(work, bill), work.stamp))
        work.create(bill)
        work.save(session.amended(billing_amount=bill.total_amount, billed=True))
        work.progress(session.id, bill=bill.status)

    clinic.perform("bill.create", transaction)


def of_session(clinic: Clinic, session_id: str) -> NamedBill:
    """The bill of a session. Raises NoneYet for a session without one."""

    def transaction(work: UnitOfWork) -> Bill:
        work.expect(Bill.ref(f"{session_id}-bill"))
        bill = work.get_or_none(Bill.ref(work.get(Session.ref(session_id)).bill_id))
        if bill is None:
            raise NoneYet
        return bill

    return clinic.perform("bill.read", named(transaction))


def get(clinic: Clinic, bill_id: str) -> NamedBill:
    """A bill."""
    return clinic.perform("bill.read", named(lambda work: work.get(Bill.ref(bill_id))))


def pay(clinic: Clinic, bill_id: str, new: NewPayment) -> NamedBill:
    """Record a payment that was received."""

    def transaction(work: UnitOfWork) -> Bill:
        bill = work.get_for_update(Bill.ref(bill_id))
        return work.save(bill.paid(new, new_id(), work.stamp))

    return clinic.perform("bill.pay", named(transaction))


def pdf(clinic: Clinic, bill_id: str) -> PrintedDocument:
    """The bill as PDF: an issued bill from the bytes of its issue, with the payments since then; a draft from the
    current records."""

    def transaction(work: UnitOfWork) -> PrintedDocument:
        work.prefetch(Bill.ref(bill_id), IssuedBill.ref(bill_id))
        bill = work.get(Bill.ref(bill_id))
        snapshot = work.get(IssuedBill.ref(bill.id)).snapshot() if bill.number else _current(work, bill)
        content = bill_pdf(documents.bill_document(snapshot, bill))
        return PrintedDocument(content, documents.bill_filename(bill), bill.revision)

    return clinic.perform("bill.export", transaction)


def _current(work: UnitOfWork, bill: Bill) -> BillSnapshot:
    """The bill with the letterhead and the patient's identity as they are now."""
    profile_ref = [UserProfile.ref(bill.doctor_id)] if bill.doctor_id else []
    work.prefetch(work.settings_ref(), *profile_ref)
    profile = work.get_or_none(profile_ref[0]) if profile_ref else None
    settings, patient = work.settings(), work.get(Patient.ref(patient_of(bill.id)))
    issuer, subject = Letterhead.of(profile, settings), PatientIdentity.of(patient)
    return BillSnapshot.of(bill, issuer=issuer, subject=subject, zone=settings.time_zone)
