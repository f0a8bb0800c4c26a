"""The account of a bill: sums of its ledger's entries, and what they leave to be paid.

charged - credited - written_off                = what the bill comes to
that - insurer_share                            = the patient's share
the patient's share - the patient's money       = what the patient owes; less than nothing is the patient's credit
insurer_share - insurer_paid                    = what the insurer owes
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from shared.records.money import MOST, Minor, SignedMinor
from shared.records.record import Value

MOST_ENTRIES = 200
"""Entries of one bill."""


class EntryKind(StrEnum):
    """What an entry of the ledger records."""

    CHARGE = "charge"
    """The total of the bill, when it was issued."""
    PAYMENT = "payment"
    REVERSAL = "reversal"
    """A payment that was entered in error, bounced or was charged back."""
    REFUND = "refund"
    """Money paid back to the patient."""
    CREDIT = "credit"
    """A credit note."""
    WRITE_OFF = "write_off"
    """What the clinic gave up."""
    CANCELLATION = "cancellation"
    """The whole bill, before anything was paid."""
    INSURANCE = "insurance"
    """What the insurer is to pay in place of the patient."""
    TRANSFER = "transfer"
    """What goes back from the insurer to the patient, such as a rejected claim."""
    CREDIT_OUT = "credit_out"
    """The patient's credit, used for another bill."""
    CREDIT_IN = "credit_in"
    """The patient's credit from another bill, used for this one."""


class Payer(StrEnum):
    """Whose debt an entry changes."""

    PATIENT = "patient"
    INSURER = "insurer"


class Account(Value):
    """Sums of the entries of one bill, in minor units."""

    entries: int = 0
    """How many there are; the last one has this number."""
    charged: Minor = 0
    credited: Minor = 0
    """By credit notes, or by the cancellation."""
    written_off: Minor = 0
    insurer_share: Minor = 0
    paid: Minor = 0
    """By the patient, without what was reversed."""
    insurer_paid: Minor = 0
    refunded: Minor = 0
    credit_in: Minor = 0
    credit_out: Minor = 0

    @property
    def patient_share(self) -> int:
        """What the patient is to pay of the bill; less than nothing if refunded money whose payment bounced was given
        up too."""
        return self.charged - self.credited - self.written_off - self.insurer_share

    @property
    def patient_money(self) -> int:
        """What the clinic has of the patient for this bill; less than nothing if a refunded payment bounced."""
        return self.paid + self.credit_in - self.refunded - self.credit_out

    @property
    def insurer_owes(self) -> int:
        return self.insurer_share - self.insurer_paid

    @property
    def patient_owes(self) -> int:
        return max(self.patient_share - self.patient_money, 0)

    @property
    def credit_balance(self) -> int:
        """What the patient paid beyond their share: the clinic pays it back, or uses it for another bill."""
        return max(self.patient_money - self.patient_share, 0)

    @property
    def outstanding(self) -> int:
        """What patient and insurer owe together."""
        return self.patient_owes + self.insurer_owes

    @property
    def received(self) -> SignedMinor:
        """The money that the clinic has for this bill."""
        return self.patient_money + self.insurer_paid

    def room(self, kind: EntryKind, payer: Payer) -> int:
        """How much more of a kind the account can have: each sum is at most the largest amount."""
        booked: int = getattr(self, _EFFECTS[kind, payer][0])
        return MOST - booked

    def after(self, kind: EntryKind, payer: Payer, amount: int) -> Self:
        """The account with one more entry.

        Raises ValueError for an entry that cannot be: more is credited than was charged, or reversed than was paid.
        A write-off may also give up what the patient got back of a payment that bounced.
        """
        field, sign = _EFFECTS[kind, payer]
        changed = {**dict(self), field: getattr(self, field) + sign * amount, "entries": self.entries + 1}
        after = type(self).model_validate(changed)
        least = min(after.patient_money, 0) if kind == EntryKind.WRITE_OFF else 0
        if after.insurer_owes < 0 or after.patient_share < min(least, self.patient_share):
            raise ValueError(f"a {kind} of {amount} is more than the account allows")
        return after


def effect_on_patient(kind: EntryKind, payer: Payer, amount: int) -> int:
    """How an entry changes the patient's balance: more than 0 is owed, less than 0 was paid or credited."""
    field, sign = _EFFECTS[kind, payer]
    alone = Account().model_copy(update={field: sign * amount})
    return alone.patient_share - alone.patient_money


_EFFECTS = {
    (EntryKind.CHARGE, Payer.PATIENT): ("charged", 1),
    (EntryKind.PAYMENT, Payer.PATIENT): ("paid", 1),
    (EntryKind.PAYMENT, Payer.INSURER): ("insurer_paid", 1),
    (EntryKind.REVERSAL, Payer.PATIENT): ("paid", -1),
    (EntryKind.REVERSAL, Payer.INSURER): ("insurer_paid", -1),
    (EntryKind.REFUND, Payer.PATIENT): ("refunded", 1),
    (EntryKind.CREDIT, Payer.PATIENT): ("credited", 1),
    (EntryKind.WRITE_OFF, Payer.PATIENT): ("written_off", 1),
    (EntryKind.CANCELLATION, Payer.PATIENT): ("credited", 1),
    (EntryKind.INSURANCE, Payer.INSURER): ("insurer_share", 1),
    (EntryKind.TRANSFER, Payer.INSURER): ("insurer_share", -1),
    (EntryKind.CREDIT_OUT, Payer.PATIENT): ("credit_out", 1),
    (EntryKind.CREDIT_IN, Payer.PATIENT): ("credit_in", 1),
}
"""The sum that an entry changes, and its direction, by kind and payer."""
