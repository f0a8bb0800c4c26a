"""The ledger: entries of bills. An entry is written once and never changed; another one corrects it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.payments import PaymentMethod
from shared.records.money import Minor, SignedMinor
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record
from shared.records.text import ShortText
from shared.records.types import Currency, Id, Number


class LedgerEntry(Record):
    """One entry of a bill's ledger."""

    kind: ClassVar[str] = "LedgerEntry"
    collection: ClassVar[str] = "ledger"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    bill_id: Plain[Id]
    patient_id: Plain[Id]
    doctor_id: Plain[Id | None] = None
    sequence: Plain[int]
    """Counts the entries of the bill, from 1."""
    entry_kind: Plain[EntryKind]
    payer: Plain[Payer]
    day: Plain[date]
    """The day in the books: of the issue, of the receipt of money, or of the decision."""
    amount: Encrypted[Minor]
    """In minor units, more than 0; the kind says in which direction."""
    balance: Encrypted[SignedMinor]
    """What is owed for the bill after this entry; less than 0 is the patient's credit."""
    currency: Plain[Currency]
    method: Plain[PaymentMethod | None] = None
    reference: Encrypted[ShortText | None] = None
    """Of the bank, the payment provider or the insurer."""
    reason: Encrypted[ShortText | None] = None
    reverses: Plain[Id | None] = None
    """The id, within the bill, of the payment that a reversal reverses."""
    document: Plain[Number | None] = None
    """The number of its receipt or credit note."""
    other_bill_id: Plain[Id | None] = None
    """Where the patient's credit went, or came from."""


def entry_id(bill_id: str, number: int) -> str:
    """The id of an entry of a bill."""
    return f"{bill_id}-{id_in_bill(number)}"


def id_in_bill(number: int) -> str:
    """The id of an entry, and of its payment or refund, within its bill."""
    return f"e{number}"
