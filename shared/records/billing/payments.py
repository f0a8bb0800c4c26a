"""Payments of a bill, their reversals, and refunds."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field

from shared.records.money import Minor
from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Day, Id, Moment, Number

LONGEST_BACKDATING = timedelta(days=366)
"""How long before it is recorded a payment may have been received."""


class PaymentMethod(StrEnum):
    CASH = "cash"
    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    UPI = "upi"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    INSURANCE = "insurance"
    ONLINE = "online"
    """Through the clinic's payment provider; the reference is the provider's id of the payment."""
    OTHER = "other"


def day_errors(pointer: str, day: date | None, today: date) -> list[FieldError]:
    """What is wrong about the day on which money was received or paid back; None is today."""
    if day is not None and day > today:
        return [FieldError(pointer, "is in the future")]
    if day is not None and day < today - LONGEST_BACKDATING:
        return [FieldError(pointer, "is more than a year ago")]
    return []


class NewPayment(Value):
    """Money received."""

    amount: Minor = Field(gt=0)
    method: PaymentMethod
    """`insurance` pays the insurer's share."""
    reference: ShortText | None = None
    """The reference of the bank or the payment provider: one reference of a method is booked once."""
    received_on: Day | None = None
    """The day of receipt at the clinic; today by default."""
    keep_excess_as_credit: bool = False
    """True takes more than is owed, as the patient's credit; otherwise that is refused."""


class ReversalCause(StrEnum):
    """Why a payment does not count."""

    ENTERED_IN_ERROR = "entered_in_error"
    """The money was never received."""
    BOUNCED = "bounced"
    """The bank returned the cheque or the transfer."""
    CHARGED_BACK = "charged_back"
    """The payer's bank took the money back."""


class NewReversal(Value):
    """Why a payment does not count."""

    reason: ShortText = Field(min_length=1)
    cause: ReversalCause = ReversalCause.ENTERED_IN_ERROR


class Reversal(NewReversal):
    """The reversal of a payment. It is not a refund: the clinic does not have the money."""

    reversed_at: Moment
    reversed_by: Id


class Payment(Value):
    """A payment in the history of a bill."""

    id: Id
    """Of its entry in the ledger, within the bill."""
    amount: Minor
    method: PaymentMethod
    reference: ShortText | None = None
    received_on: Day
    received_at: Moment
    """When it was recorded."""
    recorded_by: Id
    """The user who took the money."""
    received_by: ShortText | None = None
    """The name of the person who recorded it, as printed; null if they had no profile."""
    receipt_number: Number | None = None
    reversal: Reversal | None = None
    """Set if the payment does not count."""


class NewRefund(Value):
    """Money paid back to the patient.

    It uses up the patient's credit first. The rest is credited by a credit note, so that the patient does not owe it
    again.
    """

    amount: Minor = Field(gt=0)
    method: PaymentMethod
    reference: ShortText | None = None
    reason: ShortText = Field(min_length=1)
    paid_on: Day | None = None
    """Not before the patient's first payment; today by default."""


class Refund(Value):
    """A refund in the history of a bill."""

    id: Id
    amount: Minor
    method: PaymentMethod
    reference: ShortText | None = None
    reason: ShortText
    paid_on: Day
    recorded_by: Id
