"""What of a payment at the provider is booked on its bill, and what a person must decide. Pure."""

from __future__ import annotations

from datetime import date

from shared.records.billing import collecting, crediting, paying
from shared.records.billing.account import MOST_ENTRIES, EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.collection import CollectionStatus
from shared.records.billing.ledger import Booked
from shared.records.billing.online import OnlinePayment, OnlineRefund, Question
from shared.records.billing.payments import NewPayment, NewRefund, NewReversal, Payment, PaymentMethod, ReversalCause
from shared.records.billing.provider_event import DisputeState
from shared.records.billing.types import BillStatus
from shared.records.record import Stamp
from shared.records.types import local_date

REFUND_REASON = "Refunded by the payment provider."
CHARGEBACK_REASON = "Charged back by the payer's bank."
_LARGEST_BOOKING = 2
"""Entries of one booking: a refund may need a credit note."""


def payment_question(bill: Bill, online: OnlinePayment) -> Question | None:
    """Why the payment cannot be booked on the bill; None if it can."""
    if not bill.is_issued:
        return Question.BILL_NOT_ISSUED
    if online.currency != bill.currency:
        return Question.CURRENCY_DIFFERS
    if online.amount > bill.account.room(EntryKind.PAYMENT, Payer.PATIENT):
        return Question.LEDGER_FULL
    return _full(bill)


def new_payment(bill: Bill, online: OnlinePayment, today: date, zone: str) -> tuple[NewPayment, list[Question]]:
    """The payment as it is booked, whatever is owed, and what a person must know about it."""
    more = online.amount > bill.account.patient_owes or bill.status == BillStatus.CANCELLED
    new = NewPayment(
        amount=online.amount,
        method=PaymentMethod.ONLINE,
        reference=online.id,
        received_on=min(local_date(online.paid_at, zone), today),
        keep_excess_as_credit=True,
    )
    return new, [Question.NOTHING_OWED] if more else []


def new_refund(bill: Bill, online: OnlinePayment, refund: OnlineRefund) -> NewRefund | Question:
    """The refund as it is booked, or why it cannot be.

    A payment that was charged back or reversed may have been refunded before, so its amount counts: the books are the
    same in whatever order the two are heard of.
    """
    reversed_amount = amount_charged_back(bill, online)
    new = NewRefund(amount=refund.amount, method=PaymentMethod.ONLINE, reference=refund.id, reason=REFUND_REASON)
    too_much = refund.amount > bill.account.patient_money + reversed_amount
    uncredited = crediting.credit_needed(bill, new, reversed_amount) > bill.account.patient_share
    if too_much or uncredited or refund.currency != bill.currency:
        return Question.REFUND_NOT_BOOKED
    return _full(bill) or new


def amount_charged_back(bill: Bill, online: OnlinePayment) -> int:
    """The amount of the payment if it was charged back or reversed, and nothing otherwise."""
    payment = booked_payment(bill, online)
    return payment.amount if payment is not None and payment.reversal is not None else 0


def charged_back(bill: Bill, online: OnlinePayment, stamp: Stamp, today: date) -> Booked | Question:
    """The bill after the payment was charged back, or why that cannot be booked."""
    payment = booked_payment(bill, online)
    if payment is None:
        return Question.CHARGEBACK_NOT_BOOKED
    if payment.reversal is not None:
        return Booked(bill)
    lost = sum(one.amount for one in online.disputes if one.state == DisputeState.LOST)
    if lost != payment.amount:
        return Question.CHARGEBACK_NOT_BOOKED
    new = NewReversal(reason=CHARGEBACK_REASON, cause=ReversalCause.CHARGED_BACK)
    return _full(bill) or paying.reversed_payment(bill, payment.id, new, stamp, day=today)


def with_dispute(bill: Bill, online: OnlinePayment) -> Bill:
    """The bill, on which nothing is collected while one of its payments is disputed. A dispute that a person recorded
    goes on when the last one at the provider ends."""
    others = [id for id in bill.disputed_payments if id != online.id]
    if online.disputed:
        return collecting.disputed_at_provider(bill, sorted([*others, online.id]))
    after = bill.amended(disputed_payments=others)
    ended = bool(online.disputes) and not others and bill.collection_status == CollectionStatus.DISPUTED
    return collecting.after_dispute_at_provider(after) if ended else after


def booked_payment(bill: Bill, online: OnlinePayment) -> Payment | None:
    """The payment in the history of the bill."""
    ids = {f"{bill.id}-{one.id}": one for one in bill.payment_history}
    return ids.get(online.entry_id) if online.entry_id else None


def _full(bill: Bill) -> Question | None:
    return Question.LEDGER_FULL if bill.account.entries > MOST_ENTRIES - _LARGEST_BOOKING else None
