"""Bills of completed sessions, and bills as they are read, listed and printed."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.clinic.settings import BillIssue
from shared.records.numbering import is_number
from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.problems import NoneYet, NotFound, raise_if_any
from shared.records.record import patient_of
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing import drafting
    from shared.records.billing.issued import IssuedBill, IssuedVoucher
    from shared.records.billing.ledger import Booked
    from shared.records.billing.requests import BillList
    from shared.records.visits.ids import bill_id_of, transcription_id_of
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription
    from shared.store import pagination
    from shared.workflows import clinic_lists
    from shared.workflows.billing import booking, issuing
    from shared.workflows.billing.booking import NamedBill
    from shared.workflows.documents import PrintedDocument
    from shared.workflows.parties import named, named_page
    from shared.workflows.printability import must_be_printable
    from shared.workflows.visits import errors
    from shared.workflows.visits.refs import expect


def bill_session(clinic: Clinic, session_id: str) -> None:
    """Issue the bill of a completed session, or leave a draft: if the clinic has set no fee, or lets the desk issue it.

    A session that was reopened and completed again has a draft already, which is priced again. One whose recordings all
    failed before it was completed is in error.
    """

    def transaction(work: UnitOfWork) -> None:
        ref = Session.ref(session_id)
        work.prefetch(ref, Transcription.ref(transcription_id_of(session_id, 1)), work.settings_ref())
        session = work.get(ref)
        if not session.over or session.billed:
            errors.follow(work, session)
            return
        settings, patient = work.settings(), work.get(Patient.ref(patient_of(session_id)))
        is_first = session.has_no_bill and not work.is_retry
        draft = None if is_first else work.get_or_none(Bill.ref(session.bill_id))
        bill = (
            drafting.repriced(draft, session, patient, settings, work.stamp)
            if draft
            else drafting.of_session(session, patient, settings, work.stamp)
        )
        booked = Booked(bill)
        priced = not bill.needs_pricing and drafting.is_taxed_as_now(bill, settings)
        if settings.bill_issue == BillIssue.AT_ONCE and priced:
            booked = issuing.issued_if_printable(work, bill, settings)
        write = booking.save if draft else booking.create
        bill = write(work, booked)
        after = errors.followed(work, session).amended(billing_amount=bill.total_amount, billed=True, has_bill=True)
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
    """A bill, also one of a deleted patient."""

    def transaction(work: UnitOfWork) -> Bill:
        work.show_kept()
        return work.get(Bill.ref(bill_id))

    return clinic.perform("bill.read", named(transaction))


def listed(clinic: Clinic, query: BillList) -> Page[NamedBill]:
    """A page of bills, newest first, of patients whom the caller may see. Raises Invalid for filters that exclude one
    another."""
    raise_if_any([*query.errors()])

    def transaction(work: UnitOfWork) -> Page[NamedBill]:
        work.show_kept()
        clinic_lists.expect_patient(work, query.patient_id)
        filters: list[Filter] = [pagination.LIVE, *clinic_lists.of_doctor(work, query.doctor_id)]
        filters += clinic_lists.of_patient(work, query.patient_id)
        if query.wanted_status:
            filters.append(("status", "==", query.wanted_status.value))
        if query.collection_status:
            filters.append(("collection_status", "==", query.collection_status.value))
        if query.day:
            filters.append(("bill_date", "==", query.day.isoformat()))
        return named_page(work, pagination.of_clinic(work, Bill, query, filters))

    return clinic.perform("bill.list", transaction)


def ledger(clinic: Clinic, bill_id: str, query: PageQuery) -> Page[LedgerEntry]:
    """The entries of a bill's ledger, newest first; also of a deleted patient."""

    def transaction(work: UnitOfWork) -> Page[LedgerEntry]:
        work.show_kept()
        bill = work.get(Bill.ref(bill_id))
        of_bill: list[Filter] = [pagination.LIVE, ("bill_id", "==", bill.id)]
        return pagination.newest(work, LedgerEntry, query, of_bill)

    return clinic.perform("bill.ledger", transaction)


def pdf(clinic: Clinic, bill_id: str) -> PrintedDocument:
    """The bill as PDF: an issued bill from the bytes of its issue, with the payments since then; a draft from the
    current records. Also that of a deleted patient."""

    def transaction(work: UnitOfWork) -> PrintedDocument:
        work.show_kept()
        work.prefetch(Bill.ref(bill_id), IssuedBill.ref(bill_id))
        return printed(work, work.get(Bill.ref(bill_id)))

    return clinic.perform("bill.export", transaction)


def printed(work: UnitOfWork, bill: Bill) -> PrintedDocument:
    """A bill as PDF, within a use case. Raises Conflict for a draft with a character that cannot be printed."""
    from shared.render.pdf import bill_pdf
    from shared.workflows.billing import paper

    issued = work.get(IssuedBill.ref(bill.id)) if bill.number else None
    snapshot = issued.snapshot() if issued else issuing.current(work, bill)
    document = paper.bill_document(snapshot, bill, issued_at=issued.created_at if issued else None)
    if issued is None:
        must_be_printable(document)
    return PrintedDocument(bill_pdf(document), paper.filename(bill), bill.revision)


def voucher(clinic: Clinic, bill_id: str, document_id: str) -> PrintedDocument:
    """A receipt or credit note of a bill as PDF, by its number or the id of its entry within the bill; also of a
    deleted patient."""
    from shared.render.pdf import voucher_pdf
    from shared.workflows.billing import paper

    def transaction(work: UnitOfWork) -> PrintedDocument:
        work.show_kept()
        bill = work.get(Bill.ref(bill_id))
        issued = work.get(IssuedVoucher.ref(document_id if is_number(document_id) else f"{bill.id}-{document_id}"))
        if issued.bill_id != bill.id:
            raise NotFound
        document = paper.voucher_document(issued.snapshot(), issued.created_at)
        return PrintedDocument(voucher_pdf(document), f"{issued.number}.pdf", issued.revision)

    return clinic.perform("bill.export_voucher", transaction)
