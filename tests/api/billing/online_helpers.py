"""A clinic with a payment provider, and the events that the provider sends it."""

from __future__ import annotations

from local.services.razorpay import events
from local.services.razorpay.accounts import KEY_SECRET, Accounts, PaymentLink
from local.services.razorpay.events import Event, Payment
from local.services.razorpay.service import RazorpayService
from shared.records.billing.provider_event import BILL_NOTE
from shared.records.types import new_id
from tests.api.billing.helpers import act
from tests.support.client import Reply
from tests.support.clinics import TestClinic

SECRET = "webhook-secret-of-the-clinic"


def connect(clinic: TestClinic, secret: str = SECRET, *, etag: str | None = "", **values: object) -> Reply:
    """Connect the clinic to an account of its own at the local provider."""
    keys = {"key_id": f"rzp_test_{new_id(14)}", "key_secret": KEY_SECRET, "webhook_secret": secret}
    return clinic.admin.put("/clinic/payment-provider", {**keys, **values}, etag=etag or "").ok()


def accounts(clinic: TestClinic) -> Accounts:
    """What the local provider keeps."""
    return clinic.stack.service(RazorpayService).accounts


def linked(clinic: TestClinic, bill: Reply) -> tuple[Reply, PaymentLink]:
    """The bill with a payment link, and the link at the provider."""
    made = act(clinic.receptionist, bill, "payment-link").ok(201)
    (found,) = [one for one in accounts(clinic).every() if one.id == made.body["payment_link"]["id"]]
    return made, found


def payment(bill: Reply, amount: int, **values: object) -> Payment:
    """A payment of a bill's link at the provider."""
    return Payment(amount, notes={BILL_NOTE: bill.body["id"]}, **values)  # type: ignore[arg-type]


def deliver(clinic: TestClinic, event: Event, secret: str = SECRET, clinic_id: str = "") -> int:
    """Deliver an event once; returns the status of the answer."""
    return event.deliver(f"{clinic.stack.url}/api/v1/payment-webhook/{clinic_id or clinic.id}", secret)


def captured(clinic: TestClinic, bill: Reply, amount: int) -> Payment:
    """A payment of a bill, of which the clinic has been told."""
    made = payment(bill, amount)
    assert deliver(clinic, events.captured(made)) == 204
    return made


def now(clinic: TestClinic, bill: Reply) -> Reply:
    return clinic.receptionist.get(f"/bills/{bill.body['id']}").ok()


def waiting(clinic: TestClinic) -> dict[str, list[str]]:
    """The questions that a person must answer, by payment."""
    items = clinic.receptionist.get("/bills/online-payments?needs_person=true").ok().body["items"]
    return {one["id"]: one["questions"] for one in items}
