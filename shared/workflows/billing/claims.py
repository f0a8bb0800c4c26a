"""Insurance claims of bills."""

from __future__ import annotations

from shared.records.billing import claiming
from shared.records.billing.insurance import ClaimDecision, NewClaim
from shared.store.clinic import Clinic
from shared.workflows.billing import payment_links
from shared.workflows.billing.booking import NamedBill


def claim(clinic: Clinic, bill_id: str, new: NewClaim) -> NamedBill:
    """Record that an insurer was asked to pay a part of a bill."""
    return payment_links.change(
        clinic, "bill.claim", bill_id, lambda work, bill, _: claiming.claimed(bill, new, work.stamp, day=work.today())
    )


def decide(clinic: Clinic, bill_id: str, decision: ClaimDecision) -> NamedBill:
    """Record the insurer's answer; what is not covered is the patient's again."""
    return payment_links.change(
        clinic,
        "bill.decide_claim",
        bill_id,
        lambda work, bill, _: claiming.decided(bill, decision, work.stamp, day=work.today()),
    )
