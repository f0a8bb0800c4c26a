"""Events as Razorpay sends them: a body that names what happened, and its signature (razorpay.com/docs/webhooks)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from local.services.razorpay.accounts import PaymentLink, new_id

_HTTP = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(60), maxsize=64)


@dataclass(frozen=True)
class Payment:
    """A payment at Razorpay."""

    amount: int
    currency: str = "INR"
    notes: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("pay"))
    created_at: int = field(default_factory=lambda: int(time.time()))

    def json(self, status: str = "captured", refunded: int = 0) -> dict[str, Any]:
        return {
            "id": self.id,
            "entity": "payment",
            "amount": self.amount,
            "currency": self.currency,
            "status": status,
            "order_id": new_id("order"),
            "method": "upi",
            "amount_refunded": refunded,
            "refund_status": None,
            "captured": status != "failed",
            "email": "payer@home.example",
            "contact": "+919845012345",
            "notes": dict(self.notes) or [],
            "created_at": self.created_at,
        }


@dataclass(frozen=True)
class Event:
    """One event, which may be delivered many times."""

    body: bytes
    id: str = field(default_factory=lambda: new_id("evt"))

    def signature(self, secret: str) -> str:
        return hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()

    def deliver(self, url: str, secret: str) -> int:
        """Send it once; returns the status of the answer."""
        headers = {
            "Content-Type": "application/json",
            "X-Razorpay-Signature": self.signature(secret),
            "X-Razorpay-Event-Id": self.id,
        }
        return int(_HTTP.request("POST", url, body=self.body, headers=headers).status)


def event(name: str, **entities: Mapping[str, Any]) -> Event:
    """An event about some entities."""
    payload = {kind: {"entity": entity} for kind, entity in entities.items()}
    value = {
        "entity": "event",
        "account_id": new_id("acc"),
        "event": name,
        "contains": list(entities),
        "payload": payload,
        "created_at": int(time.time()),
    }
    return Event(json.dumps(value).encode())


def link_paid(link: PaymentLink, payment: Payment) -> Event:
    return event("payment_link.paid", payment_link={**link.json(), "status": "paid"}, payment=payment.json())


def captured(payment: Payment) -> Event:
    return event("payment.captured", payment=payment.json())


def failed(payment: Payment) -> Event:
    return event("payment.failed", payment=payment.json("failed"))


def refunded(payment: Payment, amount: int, id: str = "", currency: str = "INR") -> Event:
    """A refund of a payment, whole or in part."""
    refund = {"id": id or new_id("rfnd"), "entity": "refund", "amount": amount, "currency": currency}
    more = {"payment_id": payment.id, "notes": [], "status": "processed", "created_at": int(time.time())}
    status = "refunded" if amount == payment.amount else "captured"
    return event("refund.processed", refund={**refund, **more}, payment=payment.json(status, amount))


def disputed(payment: Payment, state: str, amount: int, id: str) -> Event:
    """A dispute: `created`, `under_review`, `won` or `lost`."""
    dispute = {"id": id, "entity": "dispute", "payment_id": payment.id, "amount": amount, "currency": payment.currency}
    deducted = amount if state == "lost" else 0
    more = {"amount_deducted": deducted, "phase": "chargeback", "status": state, "created_at": int(time.time())}
    return event(f"payment.dispute.{state}", payment=payment.json(), dispute={**dispute, **more})
