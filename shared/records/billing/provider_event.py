"""Events of Razorpay, as far as they change what a bill has received (razorpay.com/docs/webhooks).

Each event has the payment that it is about, so the order in which events arrive does not matter. Events of other
payments of the clinic's account, which no bill made, have no id of a bill.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.records.money import Minor
from shared.records.record import Value
from shared.records.types import Currency, Id, Moment, is_id

BILL_NOTE = "bill_id"
"""The note of a payment link that names its bill. Notes come back with every event."""


class DisputeState(StrEnum):
    """Where a dispute of the payer's bank stands."""

    OPEN = "open"
    """Raised, under review, or waiting for evidence."""
    WON = "won"
    """Over, and the clinic keeps the money."""
    LOST = "lost"
    """Over, and the provider took the money back."""

    def later(self, other: DisputeState) -> DisputeState:
        """Which of two states holds, whatever the order in which they were heard of."""
        states = list(DisputeState)
        return max(self, other, key=states.index)


class RefundNews(Value):
    """Money that the provider paid back."""

    id: Id
    amount: Minor = Field(gt=0)
    currency: Currency


class DisputeNews(Value):
    """A dispute of a payment."""

    id: Id
    amount: Minor = Field(gt=0)
    state: DisputeState


class PaymentNews(Value):
    """What one event says about one payment."""

    payment_id: Id
    amount: Minor = Field(gt=0)
    currency: Currency
    captured: bool
    """True if the clinic has, or had, the money."""
    paid_at: Moment
    bill_id: Id | None = None
    refund: RefundNews | None = None
    dispute: DisputeNews | None = None


_CAPTURED = {"payment.captured", "payment_link.paid", "payment_link.partially_paid"}
_REFUNDED = "refund.processed"
_DISPUTES = {
    "payment.dispute.created": DisputeState.OPEN,
    "payment.dispute.under_review": DisputeState.OPEN,
    "payment.dispute.action_required": DisputeState.OPEN,
    "payment.dispute.won": DisputeState.WON,
    "payment.dispute.closed": DisputeState.WON,
    "payment.dispute.lost": DisputeState.LOST,
}


class _Loose(BaseModel):
    """A part of an event. The provider may add fields at any time."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


def _as_notes(value: Any) -> Any:
    """Empty notes come as an empty list."""
    return {} if value in ([], None) else value


class _Entity(_Loose):
    id: Id
    amount: Minor = Field(gt=0)
    currency: Currency = "INR"
    status: str = ""
    created_at: Annotated[int, Field(ge=0, le=2**35)] = 0
    notes: Annotated[dict[str, Any], BeforeValidator(_as_notes)] = {}


class _Part(_Loose):
    entity: _Entity


class _Payload(_Loose):
    payment: _Part | None = None
    payment_link: _Part | None = None
    refund: _Part | None = None
    dispute: _Part | None = None


class _Event(_Loose):
    event: str
    payload: _Payload = _Payload.model_construct()


class _Named(_Loose):
    event: str


def read_event(body: bytes) -> PaymentNews | None:
    """What an event says about a payment; None for one that changes no account, such as a failed payment.

    Raises ValueError for what is no event, or lacks what one must have.
    """
    try:
        name = _Named.model_validate_json(body).event
        if name not in _CAPTURED and name != _REFUNDED and name not in _DISPUTES:
            return None
        payload = _Event.model_validate_json(body).payload
    except ValidationError as error:
        raise ValueError("not an event of the provider") from error
    if payload.payment is None:
        raise ValueError("the event has no payment")
    payment = payload.payment.entity
    return PaymentNews(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        captured=payment.status in ("captured", "refunded"),
        paid_at=datetime.fromtimestamp(payment.created_at, UTC),
        bill_id=_bill_of(payload),
        refund=_refund(payload) if name == _REFUNDED else None,
        dispute=_dispute(payload, _DISPUTES[name]) if name in _DISPUTES else None,
    )


def _bill_of(payload: _Payload) -> str | None:
    """The bill that the notes of the link, or of the payment, name."""
    for part in (payload.payment_link, payload.payment):
        named = part.entity.notes.get(BILL_NOTE) if part else None
        if isinstance(named, str) and is_id(named):
            return named
    return None


def _refund(payload: _Payload) -> RefundNews:
    if payload.refund is None:
        raise ValueError("the event has no refund")
    refund = payload.refund.entity
    return RefundNews(id=refund.id, amount=refund.amount, currency=refund.currency)


def _dispute(payload: _Payload, state: DisputeState) -> DisputeNews:
    if payload.dispute is None:
        raise ValueError("the event has no dispute")
    dispute = payload.dispute.entity
    return DisputeNews(id=dispute.id, amount=dispute.amount, state=state)
