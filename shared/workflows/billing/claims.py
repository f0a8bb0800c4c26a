"""Insurance claims of bills."""

from __future__ import annotations

from shared.records.billing import claiming
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import ClaimDecision, NewClaim
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import booking
from shared.workflows.billing.booking import NamedBill
from shared.workflows.parties import named


def claim(clinic: Clinic, bill_id: str, new: NewClaim) -> NamedBill:
    """Record that an insurer was asked to pay a part of a bill."""

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), work.settings_ref())
        bill = work.get_for_update(Bill.ref(bill_id))
        return booking.save(work, claiming.claimed(bill, new, work.stamp, day=work.today()))

    return clinic.perform("bill.claim", named(transaction))


def decide(clinic: Clinic, bill_id: str, decision: ClaimDecision) -> NamedBill:
    """Record the insurer's answer; what is not covered is the patient's again."""

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), work.settings_ref())
        bill = work.get_for_update(Bill.ref(bill_id))
        return booking.save(work, claiming.decided(bill, decision, work.stamp, day=work.today()))

    return clinic.perform("bill.decide_claim", named(transaction))
