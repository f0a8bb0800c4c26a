"""Money of a bill: payments, their reversals, refunds, and the patient's credit."""

from __future__ import annotations

from shared.records.billing import crediting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCancellation, NewCredit, NewWriteOff
from shared.records.billing.ledger import Booked
from shared.records.billing.payments import NewPayment, NewRefund, NewReversal
from shared.records.billing.requests import Amendment, CreditUse
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentSeries
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Invalid, NotFound
from shared.records.record import patient_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import letterheads
from shared.workflows.billing import booking, issuing, payment_links, references, sums, vouchers
from shared.workflows.billing.booking import NamedBill
from shared.workflows.parties import named


def pay(clinic: Clinic, bill_id: str, new: NewPayment) -> NamedBill:
    """Record a payment that was received; its receipt is numbered.

    Raises Conflict for a bill that owes nothing and for a reference that is booked, Invalid for more than is owed.
    """

    def booked(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Booked:
        paying.must_take(bill, new, work.today())
        doctor = letterheads.refs(bill.doctor_id)
        on_day = sums.refs(bill, new.received_on or work.today())
        work.prefetch(*doctor, *references.refs(work, new.method, new.reference), *on_day)
        after = vouchers.receipt(work, bill, new, settings)
        references.take(work, new.method, new.reference, after.entries[-1].id)
        return after

    return payment_links.change(clinic, "bill.pay", bill_id, booked, DocumentSeries.RECEIPT)


def reverse(clinic: Clinic, bill_id: str, payment_id: str, new: NewReversal) -> NamedBill:
    """Reverse a payment that was entered in error, bounced or was charged back: the clinic does not have the money."""

    def booked(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Booked:  # noqa: ARG001 - the day needs them read
        payment = paying.payment_of(bill, payment_id)
        references.release(work, payment.method, payment.reference)
        work.touch(work.get(Patient.ref(bill.patient_id)))  # a deletion at the same time must see what is owed again
        return paying.reversed_payment(bill, payment_id, new, work.stamp, day=work.today())

    return payment_links.change(clinic, "bill.reverse_payment", bill_id, booked)


def refund(clinic: Clinic, bill_id: str, new: NewRefund) -> NamedBill:
    """Record money that was paid back. Raises Invalid for more than the patient has paid."""

    def booked(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Booked:
        crediting.must_be_refundable(bill, new, work.today())
        return vouchers.refund(work, bill, new, settings)

    return payment_links.change(clinic, "bill.refund", bill_id, booked, DocumentSeries.CREDIT_NOTE)


def credit(clinic: Clinic, bill_id: str, new: NewCredit) -> NamedBill:
    """Lower an issued bill by a credit note with its own number."""

    def booked(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Booked:
        crediting.must_be_creditable(bill, new.amount)
        return vouchers.credit(work, bill, new, settings)

    return payment_links.change(clinic, "bill.credit", bill_id, booked, DocumentSeries.CREDIT_NOTE)


def write_off(clinic: Clinic, bill_id: str, new: NewWriteOff) -> NamedBill:
    """Give up what the patient owes, or a part."""
    return payment_links.change(
        clinic,
        "bill.write_off",
        bill_id,
        lambda work, bill, _: crediting.written_off(bill, new, work.stamp, day=work.today()),
    )


def cancel(clinic: Clinic, bill_id: str, new: NewCancellation) -> NamedBill:
    """Cancel an issued bill before anything was paid. It keeps its number."""
    return payment_links.change(
        clinic,
        "bill.cancel",
        bill_id,
        lambda work, bill, _: crediting.cancelled(bill, new, work.stamp, day=work.today()),
    )


def amend(clinic: Clinic, bill_id: str, request: Amendment) -> NamedBill:
    """Replace an issued bill, as `issuing.amend`; nobody pays the old one by its link any more."""
    replaced: list[Bill] = []
    answer = issuing.amend(clinic, bill_id, request, replaced.append)
    payment_links.follow(clinic, replaced[-1])
    return answer


def use_credit(clinic: Clinic, bill_id: str, use: CreditUse) -> NamedBill:
    """Use the patient's credit from another bill for this one."""

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), Bill.ref(use.from_bill_id), work.settings_ref())
        target = work.get_for_update(Bill.ref(bill_id))
        source = _source(work, use.from_bill_id, target)
        person_ids = work.person_ids(target.patient_id)
        out, into = paying.credit_used(source, target, use.amount, work.stamp, day=work.today(), person_ids=person_ids)
        return booking.save(work, out, into)

    answer = clinic.perform("bill.use_credit", named(transaction))
    payment_links.follow(clinic, answer.record)
    return answer


def _source(work: UnitOfWork, bill_id: str, target: Bill) -> Bill:
    """The bill that gives the credit. Raises Invalid unless it is another bill of the same patient."""
    unknown = Invalid(errors=[FieldError("/from_bill_id", "is no other bill of the patient")])
    if bill_id == target.id or patient_of(bill_id) not in work.person_ids(target.patient_id):
        raise unknown
    try:
        return work.get(Bill.ref(bill_id))
    except NotFound:
        raise unknown from None
