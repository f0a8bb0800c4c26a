"""What lowers a bill after its issue: credit notes, refunds, write-offs and the cancellation."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.entry import id_in_bill
from shared.records.billing.ledger import Booked, NewEntry, must_be_issued
from shared.records.billing.payments import NewRefund, PaymentMethod, Refund, day_errors
from shared.records.billing.reference import compared
from shared.records.billing.types import BillStatus
from shared.records.conflict_codes import ConflictCode
from shared.records.money import MOST, Minor
from shared.records.problems import Conflict, FieldError, raise_if_any
from shared.records.record import Stamp, Value
from shared.records.taxes.treatment import TaxPart
from shared.records.text import ShortText


class NewCredit(Value):
    """A reduction of an issued bill, by a credit note."""

    amount: Minor = Field(gt=0)
    reason: ShortText = Field(min_length=1)


class NewWriteOff(Value):
    """What the clinic no longer asks for."""

    amount: Minor | None = Field(default=None, gt=0)
    """All that the patient owes by default."""
    reason: ShortText = Field(min_length=1)


class NewCancellation(Value):
    """Why a bill is cancelled."""

    reason: ShortText = Field(min_length=1)


def must_be_creditable(bill: Bill, amount: int) -> None:
    """Raises Conflict for a bill that is not issued, and Invalid for more than the patient's share."""
    must_be_issued(bill)
    share = max(bill.account.patient_share, 0)
    raise_if_any([FieldError("/amount", f"more than the patient's share of {share}")] if amount > share else [])


def credited(bill: Bill, new: NewCredit, stamp: Stamp, *, day: date, number: str) -> Booked:
    """The bill with a credit note, which `must_be_creditable` has allowed."""
    booked = Booked(bill).book(_credit(new.amount, new.reason, day, number), stamp)
    return booked.revised(stamp)


def taxes_of_credit(bill: Bill, amount: int) -> tuple[int, list[TaxPart]]:
    """What the next credit of a bill is without tax, and its part of each tax. The parts of all credits add up to the
    bill's taxes, and equal taxes have equal parts."""

    def part(tax: int, credited: int) -> int:
        return tax * credited // bill.total_amount

    before, after = bill.account.credited, bill.account.credited + amount
    taxes = [
        tax.model_copy(update={"amount": part(tax.amount, after) - part(tax.amount, before)}) for tax in bill.taxes
    ]
    return amount - sum(tax.amount for tax in taxes), taxes


def must_be_refundable(bill: Bill, new: NewRefund, today: date) -> None:
    """Raises Conflict for a bill that is not issued, or has this refund already, and Invalid for more than the
    patient's money, or a wrong day. A cancelled bill can have money: a payment that came too late."""
    if bill.status != BillStatus.CANCELLED or not bill.account.patient_money:
        must_be_issued(bill)
    if new.method == PaymentMethod.ONLINE and new.reference and refund_is_booked(bill, new.reference):
        booked = FieldError("/reference", "is booked for this bill")
        raise Conflict(ConflictCode.PAYMENT_REFERENCE_USED, "this refund is booked already", [booked])
    errors = day_errors("/paid_on", new.paid_on, today)
    if not errors and new.paid_on is not None and new.paid_on < _first_money_on(bill):
        errors = [FieldError("/paid_on", "is before the patient had paid anything")]
    money = max(bill.account.patient_money, 0)
    if new.amount > money:
        errors.append(FieldError("/amount", f"more than the {money} that the patient has paid"))
    elif new.amount > bill.account.room(EntryKind.REFUND, Payer.PATIENT):
        errors.append(FieldError("/amount", f"with what was refunded before it is more than {MOST}"))
    raise_if_any(errors)


def _first_money_on(bill: Bill) -> date:
    """The day before which nothing can have been paid back: of the first payment, also if that was before the bill."""
    by_patient = [one.received_on for one in bill.payment_history if one.method != PaymentMethod.INSURANCE]
    return min(by_patient, default=bill.bill_date) if not bill.account.credit_in else bill.bill_date


def refund_is_booked(bill: Bill, reference: str) -> bool:
    """True if a refund through the payment provider is recorded. Its id is unique there."""
    return any(
        one.method == PaymentMethod.ONLINE and one.reference and compared(one.reference) == compared(reference)
        for one in bill.refund_history
    )


def credit_needed(bill: Bill, new: NewRefund, charged_back: int = 0) -> int:
    """The amount of the credit note that a refund needs: what the patient's credit does not cover.

    `charged_back` is the amount of the refunded payment if it was charged back since: the refund came before.
    """
    account = bill.account
    credit = max(account.patient_money + charged_back - account.patient_share, 0)
    return max(new.amount - credit, 0)


def refunded(
    bill: Bill, new: NewRefund, stamp: Stamp, *, day: date, number: str | None, charged_back: int = 0
) -> Booked:
    """The bill after a refund, which `must_be_refundable` has allowed; `number` is the credit note's, if one is needed,
    which is of this `day` even if the money was paid back before. `charged_back` as for `credit_needed`."""
    booked = Booked(bill)
    needed = credit_needed(bill, new, charged_back)
    if needed:
        booked = booked.book(_credit(needed, new.reason, day, number), stamp)
    entry = NewEntry(
        EntryKind.REFUND,
        new.amount,
        new.paid_on or day,
        method=new.method,
        reference=new.reference,
        reason=new.reason,
        document=number,
    )
    booked = booked.book(entry, stamp)
    refund = Refund(
        id=id_in_bill(booked.entries[-1].sequence),
        amount=new.amount,
        method=new.method,
        reference=new.reference,
        reason=new.reason,
        paid_on=new.paid_on or day,
        recorded_by=stamp.by,
    )
    return booked.revised(stamp, refund_history=[*bill.refund_history, refund])


def written_off(bill: Bill, new: NewWriteOff, stamp: Stamp, *, day: date) -> Booked:
    """The bill after the clinic gave up what the patient owes, or a part. Raises Conflict unless something is owed, and
    Invalid for more."""
    must_be_issued(bill)
    owed = bill.account.patient_owes
    if not owed:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, "the patient owes nothing")
    raise_if_any([FieldError("/amount", f"more than the outstanding {owed}")] if (new.amount or 0) > owed else [])
    entry = NewEntry(EntryKind.WRITE_OFF, new.amount or owed, day, reason=new.reason)
    return Booked(bill).book(entry, stamp).revised(stamp)


def cancelled(bill: Bill, new: NewCancellation, stamp: Stamp, *, day: date) -> Booked:
    """The issued bill that nobody pays; it keeps its number.

    Raises Conflict once something was paid, or is claimed from an insurer: a credit note corrects it.
    """
    must_be_issued(bill)
    account = bill.account
    if has_payments(bill) or account.insurer_share:
        raise Conflict(ConflictCode.BILL_HAS_PAYMENTS, "the bill has payments: credit it")
    booked = Booked(bill).book(NewEntry(EntryKind.CANCELLATION, account.patient_share, day, reason=new.reason), stamp)
    return booked.revised(stamp)


def has_payments(bill: Bill) -> bool:
    """True once money came in for the bill, also if it went back: it is credited, and not cancelled."""
    return bool(bill.payment_history or bill.account.credit_in)


def _credit(amount: int, reason: str, day: date, number: str | None) -> NewEntry:
    return NewEntry(EntryKind.CREDIT, amount, day, reason=reason, document=number)
