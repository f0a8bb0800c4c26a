"""Payments: received, reversed, and the patient's credit used for another bill."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.entry import id_in_bill
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.payments import NewPayment, NewReversal, Payment, PaymentMethod, Reversal, day_errors
from shared.records.billing.types import PAYABLE
from shared.records.conflict_codes import ConflictCode
from shared.records.money import MOST
from shared.records.problems import Conflict, FieldError, Invalid, NotFound, raise_if_any
from shared.records.record import Stamp


def payer_of(method: PaymentMethod) -> Payer:
    """Whose debt a payment pays."""
    return Payer.INSURER if method == PaymentMethod.INSURANCE else Payer.PATIENT


def must_take(bill: Bill, new: NewPayment, today: date) -> None:
    """Raises Conflict unless the bill is payable, and Invalid for a day or an amount that cannot be."""
    if bill.status not in PAYABLE:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, f"a bill that is {bill.status} takes no payment")
    errors = day_errors("/received_on", new.received_on, today)
    by_insurer = payer_of(new.method) == Payer.INSURER
    owed = bill.account.insurer_owes if by_insurer else bill.account.patient_owes
    if new.amount > owed and (by_insurer or not new.keep_excess_as_credit):
        whose = "insurer" if by_insurer else "patient"
        errors.append(FieldError("/amount", f"more than the outstanding {owed} of the {whose}"))
    elif new.amount > bill.account.room(EntryKind.PAYMENT, payer_of(new.method)):
        errors.append(FieldError("/amount", f"with what was paid before it is more than {MOST}"))
    raise_if_any(errors)


def paid(
    bill: Bill, new: NewPayment, stamp: Stamp, *, day: date, receipt: str | None = None, received_by: str | None = None
) -> Booked:
    """The bill with one more payment, which `must_take` has allowed."""
    entry = NewEntry(
        EntryKind.PAYMENT,
        new.amount,
        day,
        payer_of(new.method),
        method=new.method,
        reference=new.reference,
        document=receipt,
    )
    booked = Booked(bill).book(entry, stamp)
    payment = Payment(
        id=id_in_bill(booked.entries[-1].sequence),
        amount=new.amount,
        method=new.method,
        reference=new.reference,
        received_on=day,
        received_at=stamp.at,
        recorded_by=stamp.by,
        received_by=received_by,
        receipt_number=receipt,
    )
    return _with_payments(booked, [*bill.payment_history, payment], stamp)


def payment_of(bill: Bill, payment_id: str) -> Payment:
    """A payment that counts. Raises NotFound for an unknown one, Conflict for one that is reversed."""
    found = next((payment for payment in bill.payment_history if payment.id == payment_id), None)
    if found is None:
        raise NotFound
    if found.reversal is not None:
        raise Conflict(ConflictCode.PAYMENT_REVERSED, "the payment is reversed already")
    return found


def reversed_payment(bill: Bill, payment_id: str, new: NewReversal, stamp: Stamp, *, day: date) -> Booked:
    """The bill without a payment; the payment stays in the history, marked.

    Raises NotFound for an unknown payment, Conflict for one that is reversed already.
    """
    found = payment_of(bill, payment_id)
    entry = NewEntry(
        EntryKind.REVERSAL,
        found.amount,
        day,
        payer_of(found.method),
        method=found.method,
        reference=found.reference,
        reason=new.reason,
        reverses=found.id,
    )
    booked = Booked(bill).book(entry, stamp)
    reversal = Reversal(reason=new.reason, cause=new.cause, reversed_at=stamp.at, reversed_by=stamp.by)
    marked = found.model_copy(update={"reversal": reversal})
    history = [marked if one.id == found.id else one for one in bill.payment_history]
    return _with_payments(booked, history, stamp)


def credit_used(
    source: Bill, target: Bill, amount: int | None, stamp: Stamp, *, day: date, person_ids: Collection[str] = ()
) -> tuple[Booked, Booked]:
    """Both bills after the patient's credit from one was used for another, as much as fits by default.

    `person_ids` are the ids of all records of the patient, if some are merged.
    Raises Invalid for bills of two patients or currencies, and for more than there is or is owed; Conflict for a bill
    that owes nothing.
    """
    if target.status not in PAYABLE:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, f"a bill that is {target.status} takes no credit")
    if source.patient_id not in (target.patient_id, *person_ids) or source.currency != target.currency:
        raise Invalid(errors=[FieldError("/from_bill_id", "is of another patient or in another currency")])
    most = min(source.account.credit_balance, target.account.patient_owes)
    used = most if amount is None else amount
    if not 0 < used <= most:
        raise Invalid(errors=[FieldError("/amount", f"at most {most} can be used")])
    out = NewEntry(EntryKind.CREDIT_OUT, used, day, other_bill_id=target.id)
    into = NewEntry(EntryKind.CREDIT_IN, used, day, other_bill_id=source.id)
    given, taken = Booked(source).book(out, stamp), Booked(target).book(into, stamp)
    return given.revised(stamp), taken.revised(stamp)


def _with_payments(booked: Booked, history: list[Payment], stamp: Stamp) -> Booked:
    counting = [payment for payment in history if payment.reversal is None]
    return booked.revised(
        stamp,
        payment_history=history,
        last_payment_at=counting[-1].received_at if counting else None,
        processed_by=counting[-1].recorded_by if counting else None,
    )
