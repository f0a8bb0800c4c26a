"""/api/v1/bills"""

from __future__ import annotations

from shared.records.billing.owing import Owing, OwingQuery
from shared.records.billing.payments import NewPayment, NewReversal
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK
from shared.web.serialization import Document
from shared.workflows.billing import bills, owing
from shared.workflows.billing.bills import NamedBill

api = Api("bills")


@api.get("/owing", roles=FRONT_DESK)
def list_owing(clinic: Clinic, query: OwingQuery) -> Owing:
    """List the unpaid bills, newest first, with their sum."""
    return owing.owing(clinic, query)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> NamedBill:
    """Get a bill, by id or by number."""
    return bills.get(clinic, id)


@api.post("/{id}/payment", roles=FRONT_DESK, status=201, requires_if_match=True)
def pay(clinic: Clinic, id: str, new: NewPayment) -> NamedBill:
    """Record a payment that was received."""
    return bills.pay(clinic, id, new)


@api.post("/{id}/payments/{payment_id}/reverse", roles=FRONT_DESK, requires_if_match=True)
def reverse_payment(clinic: Clinic, id: str, payment_id: str, new: NewReversal) -> NamedBill:
    """Reverse a payment that was entered in error, with a reason.

    The money was never received: it is not a refund. The payment stays in `payment_history` with its `reversal`, and
    counts for nothing.
    """
    return bills.reverse_payment(clinic, id, payment_id, new)


@api.post("/{id}/issue", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def issue(clinic: Clinic, id: str) -> NamedBill:
    """Issue a draft: it gets number, date and due date, and becomes payable. An issued bill never changes.

    409 while it has no price (`needs_pricing`) or its session is not completed.
    """
    return bills.issue(clinic, id)


@api.get("/{id}/pdf", roles=FRONT_DESK)
def pdf(clinic: Clinic, id: str) -> Document:
    """Get the bill as PDF.

    An issued bill prints for ever as it was issued: patient, letterhead, lines, amounts, and the terms while something
    is owed. Its status and the payments received since are printed below, as the account since issue. A draft prints
    the current data, marked as a draft; without a price it prints no amount.
    """
    printed = bills.pdf(clinic, id)
    return Document(printed.content, "application/pdf", printed.filename, printed.revision)


main = api.function()
