"""Issuing: the commit that gives a bill its number seals what it says, and charges it to the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, raise_if_any
from shared.records.record import Ref, patient_of
from shared.records.types import new_id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing import crediting, drafting, paying
    from shared.records.billing.account import EntryKind
    from shared.records.billing.bill import Bill
    from shared.records.billing.crediting import NewCancellation, NewCredit
    from shared.records.billing.issued import BillSnapshot, IssuedBill
    from shared.records.billing.ledger import Booked, NewEntry, must_be_issued
    from shared.records.billing.requests import Amendment
    from shared.records.visits.session import Session
    from shared.workflows import letterheads
    from shared.workflows.billing import booking, line_sessions, vouchers
    from shared.workflows.billing.booking import NamedBill
    from shared.workflows.parties import named
    from shared.workflows.printability import is_printable, must_be_printable

BILL_ID_LENGTH = 10


def new_bill_id(patient_id: str) -> str:
    """The id of a bill that no session has made."""
    return f"{patient_id}-{new_id(BILL_ID_LENGTH)}"


def issue(clinic: Clinic, bill_id: str) -> NamedBill:
    """Issue a draft, dated today: it gets its number, and nothing changes it any more.

    Raises Conflict for a draft without a price, with taxes that are no longer right, or with a character that cannot be
    printed, and while its session is not completed.
    """

    def transaction(work: UnitOfWork) -> Bill:
        bill = work.get_for_update(Bill.ref(bill_id))
        bill.must_be_issuable()
        work.prefetch(work.settings_ref(), bill.document_type.series.counter, *_beside(bill))
        if bill.session_id is not None:
            session = work.get(Session.ref(bill.session_id))
            if not session.over:
                raise Conflict(ConflictCode.SESSION_STATE, f"the session of the bill is {session.status}")
            work.require_unchanged(session)  # one that is reopened meanwhile must not get an issued bill
        if not drafting.is_taxed_as_now(bill, work.settings()):
            raise Conflict(ConflictCode.BILL_TAX_CHANGED, "the clinic's taxes have changed: price the draft again")
        return booking.save(work, issued(work, bill.revised(work.stamp), work.settings()))

    return clinic.perform("bill.issue", named(transaction))


def issued(work: UnitOfWork, draft: Bill, settings: ClinicSettings, *, amends: str | None = None) -> Booked:
    """The bill, dated today, with the next number and its charge; its bytes are sealed in the same commit. `amends` is
    the number of the bill that it replaces. Raises Conflict if it could not be printed."""
    from shared.workflows.billing import paper

    must_be_printable(paper.bill_document(current(work, draft, amends=amends), draft, issued_at=None))
    number = booking.next_number(work, draft.document_type.series, settings, draft.id)
    dated = draft.amended(bill_date=work.today())  # also one that was written on an earlier day
    bill = dated.issued(number, settings)
    work.create(IssuedBill.seal(current(work, bill, amends=amends), work.stamp))
    return Booked(bill).book(NewEntry(EntryKind.CHARGE, bill.total_amount, bill.bill_date), work.stamp)


def issued_if_printable(work: UnitOfWork, draft: Bill, settings: ClinicSettings) -> Booked:
    """As `issued`; the draft, if the bill as it is now has a character without a glyph."""
    from shared.workflows.billing import paper

    work.prefetch(draft.document_type.series.counter, *_beside(draft))
    printable = is_printable(paper.bill_document(current(work, draft), draft, issued_at=None))
    return issued(work, draft, settings) if printable else Booked(draft)


def current(work: UnitOfWork, bill: Bill, *, amends: str | None = None) -> BillSnapshot:
    """The bill with letterhead, patient and visit as they are now."""
    work.prefetch(work.settings_ref(), *_beside(bill))
    session = work.get_or_none(Session.ref(bill.session_id)) if bill.session_id else None
    settings, patient = work.settings(), work.get(Patient.ref(patient_of(bill.id)))
    issuer = letterheads.of_doctor(work, bill.doctor_id)
    zone, payee = settings.time_zone, settings.upi_payee
    return BillSnapshot.of(bill, patient, session, issuer=issuer, zone=zone, amends=amends, upi_payee=payee)


def amend(clinic: Clinic, bill_id: str, request: Amendment, tell: Callable[[Bill], None]) -> NamedBill:
    """Replace an issued bill: the old one is cancelled, or credited once something was paid; the new one is issued with
    its own number, takes over what the patient has paid, and is returned. `tell` gets the old one, at each attempt.

    Raises Conflict for a bill that is not issued, was replaced already, or has an insurance claim.
    """

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), work.settings_ref())
        old, settings = work.get_for_update(Bill.ref(bill_id)), work.settings()
        _must_be_amendable(old)
        raise_if_any(line_sessions.errors_of_change(work, old, request.line_items))
        work.touch(work.get(Patient.ref(old.patient_id)))  # a deletion at the same time must see the new bill
        draft = drafting.amendment(old, request, new_bill_id(old.patient_id), settings, work.stamp)
        replaced = _given_up(work, old, request.reason, settings)
        replacing = issued(work, draft, settings, amends=old.number)
        replaced, replacing = _with_credit(work, replaced, replacing)
        old_one = Booked(replaced.bill.amended(amended_by=draft.id), replaced.entries)
        tell(old_one.bill)
        return booking.create(work, replacing, old_one)

    return clinic.perform("bill.amend", named(transaction))


def _must_be_amendable(old: Bill) -> None:
    must_be_issued(old)
    if old.amended_by is not None:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, f"the bill was replaced by {old.amended_by}")
    if old.account.insurer_share:
        raise Conflict(ConflictCode.CLAIM_STATE, "the bill has an insurance claim: reject it first")


def _given_up(work: UnitOfWork, old: Bill, reason: str, settings: ClinicSettings) -> Booked:
    """The old bill, of which nothing is owed any more."""
    share, today = old.account.patient_share, work.today()
    if not crediting.has_payments(old):
        return crediting.cancelled(old, NewCancellation(reason=reason), work.stamp, day=today)
    if share <= 0:
        return Booked(old.revised(work.stamp))
    return vouchers.credit(work, old, NewCredit(amount=share, reason=reason), settings)


def _with_credit(work: UnitOfWork, source: Booked, target: Booked) -> tuple[Booked, Booked]:
    """Both bills, after the patient's credit from the one was used for the other."""
    if not (source.bill.account.credit_balance and target.bill.account.patient_owes):
        return source, target
    out, into = paying.credit_used(source.bill, target.bill, None, work.stamp, day=work.today())
    return Booked(out.bill, [*source.entries, *out.entries]), Booked(into.bill, [*target.entries, *into.entries])


def _beside(bill: Bill) -> list[Ref[Any]]:
    """The session and the doctor's profile that the printed bill names."""
    session = [Session.ref(bill.session_id)] if bill.session_id else []
    return [*session, *letterheads.refs(bill.doctor_id)]
