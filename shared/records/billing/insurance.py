"""An insurer's share of a bill: what is covered, what stays with the patient, and what became of the claim."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.billing.account import Account
from shared.records.money import Minor
from shared.records.record import Value
from shared.records.text import ShortText


class ClaimState(StrEnum):
    """What became of a claim."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PAID = "paid"


OPEN = frozenset({ClaimState.SUBMITTED, ClaimState.ACCEPTED})


class NewClaim(Value):
    """What an insurer is asked to pay."""

    provider: ShortText = Field(min_length=1)
    policy_number: ShortText | None = None
    claim_number: ShortText | None = None
    covered_amount: Minor = Field(gt=0)
    copay_amount: Minor = 0
    """The fixed amount that the patient pays of a visit; by default that of the appointment."""
    deductible_amount: Minor = 0
    """What the patient pays before the insurer begins to."""


class InsuranceClaim(NewClaim):
    """The insurer's share of a bill; `covered_amount + patient_responsibility` is what the bill comes to. Amounts in
    minor units."""

    covered_amount: Minor
    """0 once the claim is rejected."""
    patient_responsibility: Minor
    """What is not covered: copay, deductible, and the rest."""
    state: ClaimState = ClaimState.SUBMITTED
    rejection_reason: ShortText | None = None

    def following(self, account: Account) -> InsuranceClaim:
        """The claim as the account has it: `paid` once the insurer owes nothing, and open again when its payment was
        reversed."""
        state = self.state
        if state in OPEN and account.insurer_paid and not account.insurer_owes:
            state = ClaimState.PAID
        elif state == ClaimState.PAID and account.insurer_owes:
            state = ClaimState.ACCEPTED
        return self.model_copy(update={"state": state, "patient_responsibility": max(account.patient_share, 0)})


class ClaimDecision(Value):
    """What the insurer answered."""

    state: ClaimState
    covered_amount: Minor | None = None
    """For `accepted`: what is covered, if it is less than what was claimed."""
    reason: ShortText | None = None
    """Of a rejection or a reduction."""
    claim_number: ShortText | None = None
    """If the insurer gave one."""
