"""Payments of a bill, and their reversals."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.money import Minor
from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Id, Moment


class PaymentMethod(StrEnum):
    CASH = "cash"
    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    UPI = "upi"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    INSURANCE = "insurance"
    OTHER = "other"


class NewPayment(Value):
    """Money received."""

    amount: Minor = Field(gt=0)
    method: PaymentMethod
    reference: ShortText | None = None
    """The reference of the bank or the payment provider."""


class NewReversal(Value):
    """Why a payment was entered in error."""

    reason: ShortText = Field(min_length=1)


class Reversal(NewReversal):
    """The reversal of a payment that was entered in error: the money was never received. It is not a refund."""

    reversed_at: Moment
    reversed_by: Id


class Payment(NewPayment):
    """A payment in the history of a bill."""

    id: Id
    received_at: Moment
    recorded_by: Id
    """The user who took the money."""
    received_by: ShortText | None = None
    """The name of the person who recorded it, as printed; null if they had no profile."""
    reversal: Reversal | None = None
    """Set if the payment was entered in error; it then counts for nothing."""
