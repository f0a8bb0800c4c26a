"""What changes what is owed of a bill: payments, credits, claims on insurers and collection."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK

with lazily(globals()):
    from shared.records.billing.collection import NewStep
    from shared.records.billing.crediting import NewCredit, NewWriteOff
    from shared.records.billing.entry import LedgerEntry
    from shared.records.billing.insurance import ClaimDecision, NewClaim
    from shared.records.billing.online import OnlinePayment, OnlinePaymentList, Resolution
    from shared.records.billing.payments import NewPayment, NewRefund, NewReversal
    from shared.records.billing.requests import CreditUse
    from shared.records.page import Page, PageQuery
    from shared.workflows.billing import bills, claims, collecting, online_payments, payment_links, payments
    from shared.workflows.billing.booking import NamedBill

api = Api("bills")


@api.post("/{id}/payment", roles=FRONT_DESK, status=201, requires_if_match=True)
def pay(clinic: Clinic, id: str, new: NewPayment) -> NamedBill:
    """Record a payment that was received. It gets a receipt with its own number.

    One reference of a method is booked once. More than is owed is refused, unless `keep_excess_as_credit` keeps it as
    the patient's credit.
    """
    return payments.pay(clinic, id, new)


@api.post("/{id}/payments/{payment_id}/reverse", roles=FRONT_DESK, requires_if_match=True)
def reverse_payment(clinic: Clinic, id: str, payment_id: str, new: NewReversal) -> NamedBill:
    """Reverse a payment that was entered in error, bounced or was charged back, with a reason.

    The clinic does not have the money: it is not a refund. The payment stays in `payment_history` with its `reversal`,
    and counts for nothing.
    """
    return payments.reverse(clinic, id, payment_id, new)


@api.post("/{id}/payment-link", roles=FRONT_DESK, status=201, requires_if_match=True)
def create_payment_link(clinic: Clinic, id: str) -> NamedBill:
    """Make a link by which the patient pays online what they owe, at the clinic's payment provider.

    The answer has it as `payment_url`. While it fits, the same link is answered again; once another amount is owed, it
    is cancelled, and the next request makes another one. 409 for a bill of which nothing is owed, for a clinic without
    a provider, and when the provider refuses; 503 when it does not answer: repeat the request.
    """
    return payment_links.create(clinic, id)


@api.get("/online-payments", roles=FRONT_DESK)
def list_online_payments(clinic: Clinic, query: OnlinePaymentList) -> Page[OnlinePayment]:
    """List what came through the payment provider, newest first: all, or what a person must look at.

    `questions` says why. Nothing of it names a patient; `bill_id` is the bill.
    """
    return online_payments.listed(clinic, query)


@api.post("/online-payments/{id}/resolve", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def resolve_online_payment(clinic: Clinic, id: str, resolution: Resolution) -> OnlinePayment:
    """Note what was done about a payment that a person had to look at."""
    return online_payments.resolve(clinic, id, resolution)


@api.post("/{id}/refund", roles=FRONT_DESK, status=201, requires_if_match=True)
def refund(clinic: Clinic, id: str, new: NewRefund) -> NamedBill:
    """Record money that was paid back, never more than the patient has paid.

    It uses up the patient's credit; the rest is credited by a credit note, so that nobody owes it again.
    """
    return payments.refund(clinic, id, new)


@api.post("/{id}/credit-note", roles=FRONT_DESK, status=201, requires_if_match=True)
def credit(clinic: Clinic, id: str, new: NewCredit) -> NamedBill:
    """Lower an issued bill by a credit note with its own number. What was paid too much becomes a credit."""
    return payments.credit(clinic, id, new)


@api.post("/{id}/use-credit", roles=FRONT_DESK, requires_if_match=True)
def use_credit(clinic: Clinic, id: str, use: CreditUse) -> NamedBill:
    """Use the patient's credit from another bill for this one."""
    return payments.use_credit(clinic, id, use)


@api.post("/{id}/write-off", roles=FRONT_DESK, requires_if_match=True)
def write_off(clinic: Clinic, id: str, new: NewWriteOff) -> NamedBill:
    """Give up what the patient owes, or a part of it, with a reason."""
    return payments.write_off(clinic, id, new)


@api.post("/{id}/claim", roles=FRONT_DESK, status=201, requires_if_match=True)
def claim(clinic: Clinic, id: str, new: NewClaim) -> NamedBill:
    """Record that an insurer was asked to pay a part of the bill: that part is the insurer's to pay."""
    return claims.claim(clinic, id, new)


@api.post("/{id}/claim/decision", roles=FRONT_DESK, requires_if_match=True)
def decide_claim(clinic: Clinic, id: str, decision: ClaimDecision) -> NamedBill:
    """Record the insurer's answer. What it does not cover is the patient's again.

    The insurer's money is a payment by `insurance`; with the last of it the claim is `paid`.
    """
    return claims.decide(clinic, id, decision)


@api.post("/{id}/collection", roles=FRONT_DESK, requires_if_match=True)
def collect(clinic: Clinic, id: str, new: NewStep) -> NamedBill:
    """Record how far the clinic has come with what the patient owes: a final notice, a promise to pay by a day, a
    dispute, or the transfer to an agency, with a reason. `status` null ends such a state.

    No reminder goes while the bill is disputed or with an agency, or until the promised day is over.
    """
    return collecting.collect(clinic, id, new)


@api.get("/{id}/ledger", roles=FRONT_DESK)
def ledger(clinic: Clinic, id: str, query: PageQuery) -> Page[LedgerEntry]:
    """List the entries of the bill's ledger, newest first. An entry never changes; another one corrects it."""
    return bills.ledger(clinic, id, query)
