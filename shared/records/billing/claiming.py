"""Claims: an insurer takes a part of a bill, and gives back what it does not pay."""

from __future__ import annotations

from datetime import date

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import OPEN, ClaimDecision, ClaimState, InsuranceClaim, NewClaim
from shared.records.billing.ledger import Booked, NewEntry, must_be_issued
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError, Invalid, raise_if_any
from shared.records.record import Stamp


def claimed(bill: Bill, new: NewClaim, stamp: Stamp, *, day: date) -> Booked:
    """The bill with a claim: the covered part is the insurer's. A rejected claim can be followed by another.

    Raises Conflict for a bill that is not issued or has a claim, and Invalid for more than the patient owes, or for a
    copay and deductible that leave no room for what is covered.
    """
    must_be_issued(bill)
    if bill.insurance is not None and bill.insurance.state != ClaimState.REJECTED:
        raise Conflict(ConflictCode.CLAIM_STATE, f"the bill has a claim that is {bill.insurance.state}")
    most = min(bill.account.patient_owes, max(bill.account.patient_share, 0))
    rest = bill.account.patient_share - new.covered_amount
    errors = []
    if new.covered_amount > most:
        errors.append(FieldError("/covered_amount", f"more than the outstanding {most}"))
    elif new.copay_amount + new.deductible_amount > rest:
        errors.append(FieldError("/copay_amount", f"copay and deductible are more than the {rest} that is not covered"))
    raise_if_any(errors)
    claim = InsuranceClaim(**dict(new), patient_responsibility=rest)
    entry = NewEntry(
        EntryKind.INSURANCE, new.covered_amount, day, Payer.INSURER, reference=new.claim_number, reason=new.provider
    )
    booked = Booked(bill).book(entry, stamp)
    return booked.revised(stamp, insurance=claim)


def decided(bill: Bill, decision: ClaimDecision, stamp: Stamp, *, day: date) -> Booked:
    """The bill after the insurer's answer: what is not covered is the patient's again, by an entry.

    The insurer's money is a payment by `insurance`; the claim is `paid` once nothing of it is outstanding. Raises
    Conflict for a claim that is settled, and Invalid for an answer that cannot be.
    """
    claim = bill.insurance
    if claim is None or claim.state not in OPEN:
        raise Conflict(ConflictCode.CLAIM_STATE, "the bill has no open claim")
    must_be_issued(bill)
    if decision.state not in (ClaimState.ACCEPTED, ClaimState.REJECTED):
        raise Invalid(errors=[FieldError("/state", "an insurer accepts or rejects; its payment makes a claim paid")])
    covered = _covered(bill, claim, decision)
    moved = claim.covered_amount - covered
    answered = claim.model_copy(
        update={
            "state": decision.state,
            "covered_amount": covered,
            "patient_responsibility": claim.patient_responsibility + moved,
            "claim_number": decision.claim_number or claim.claim_number,
            "rejection_reason": decision.reason,
        }
    )
    booked = Booked(bill.revised(stamp, insurance=answered))
    if not moved:
        return booked
    reason = decision.reason or decision.state.value
    transfer = NewEntry(EntryKind.TRANSFER, moved, day, Payer.INSURER, reference=answered.claim_number, reason=reason)
    return booked.book(transfer, stamp)


def _covered(bill: Bill, claim: InsuranceClaim, decision: ClaimDecision) -> int:
    """What the insurer covers by its answer."""
    paid = bill.account.insurer_paid
    if decision.state == ClaimState.REJECTED:
        if decision.covered_amount:
            raise Invalid(errors=[FieldError("/covered_amount", "a rejected claim covers nothing")])
        if paid:
            raise Invalid(errors=[FieldError("/state", f"the insurer has paid {paid}: reverse the payment first")])
        return 0
    covered = claim.covered_amount if decision.covered_amount is None else decision.covered_amount
    if not paid <= covered <= claim.covered_amount or not covered:
        raise Invalid(errors=[FieldError("/covered_amount", f"is between {max(paid, 1)} and {claim.covered_amount}")])
    return covered
