"""The statement of account of a patient: what was billed, paid and credited in a period, and what is owed. Pure.

Balances are those of the patient: what an insurer is to pay is none of them, and what the patient has paid too much
makes them less than 0. All of it follows from the entries of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Self

from pydantic import model_validator

from shared.records.billing.account import EntryKind, effect_on_patient
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.money import Minor, SignedMinor
from shared.records.parties import PatientName
from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Currency, Id, ListDay, Number

MOST_STATED = 1_000
"""Entries of a patient's ledger of which a statement is made. One of some of them would be wrong."""
MOST_STATED_BILLS = 300
BUCKETS = (30, 60, 90)
"""The last days after the due date of each bucket but the last one."""


class StatementQuery(Value):
    """The period of a statement, both days included."""

    first_day: ListDay | None = None
    """By default the first day on which something was booked."""
    last_day: ListDay | None = None
    """Today by default."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("last_day must not be before first_day")
        return self


class StatementEntry(Value):
    """An entry of the period. Amounts in minor units."""

    day: date
    entry_kind: EntryKind
    bill_id: Id
    bill_number: Number | None
    document: Number | None
    """The number of the receipt or the credit note."""
    reason: ShortText | None
    amount: SignedMinor
    """How the patient's balance changes: more than 0 is owed, less than 0 was paid or credited."""
    balance: SignedMinor
    """The patient's balance after the entry."""


class Aged(Value):
    """What the patient owes, by days after the due date, and what the patient has paid too much: the sum of the first
    five without `credit` is the closing balance."""

    not_due: Minor = 0
    overdue_1_to_30: Minor = 0
    overdue_31_to_60: Minor = 0
    overdue_61_to_90: Minor = 0
    overdue_over_90: Minor = 0
    credit: Minor = 0
    """Of bills that were paid too much."""

    @property
    def buckets(self) -> tuple[int, ...]:
        """What is owed, the latest due first."""
        return self.not_due, self.overdue_1_to_30, self.overdue_31_to_60, self.overdue_61_to_90, self.overdue_over_90


class StatementAccount(Value):
    """The statement in one currency."""

    currency: Currency
    opening_balance: SignedMinor
    """Before the first day."""
    entries: list[StatementEntry]
    """By day."""
    closing_balance: SignedMinor
    """After the last day; less than 0 is the patient's credit."""
    aged: Aged
    """At the end of the last day."""


class AccountStatement(Value):
    """The statement of account of a patient."""

    patient: PatientName
    first_day: date
    last_day: date
    accounts: list[StatementAccount]
    """One for each currency of the patient's bills, in the order of their codes; empty if nothing was ever booked."""


def effect(entry: LedgerEntry) -> int:
    """How an entry changes the patient's balance."""
    return effect_on_patient(entry.entry_kind, entry.payer, entry.amount)


def accounts_of(
    entries: Iterable[LedgerEntry], bills: Mapping[str, Bill], first_day: date, last_day: date
) -> list[StatementAccount]:
    """The statement of a period, by currency, from all entries of a patient and their bills by id."""
    by_day = sorted(entries, key=lambda entry: (entry.day, entry.created_at, entry.bill_id, entry.sequence))
    currencies = sorted({entry.currency for entry in by_day})
    return [
        _account([entry for entry in by_day if entry.currency == currency], bills, first_day, last_day)
        for currency in currencies
    ]


def _account(
    entries: Sequence[LedgerEntry], bills: Mapping[str, Bill], first_day: date, last_day: date
) -> StatementAccount:
    balance = opening = sum(effect(entry) for entry in entries if entry.day < first_day)
    stated = []
    for entry in entries:
        change = effect(entry)
        if not first_day <= entry.day <= last_day or not change:
            continue
        balance += change
        stated.append(
            StatementEntry(
                day=entry.day,
                entry_kind=entry.entry_kind,
                bill_id=entry.bill_id,
                bill_number=bills[entry.bill_id].number,
                document=entry.document,
                reason=entry.reason,
                amount=change,
                balance=balance,
            )
        )
    return StatementAccount(
        currency=entries[0].currency,
        opening_balance=opening,
        entries=stated,
        closing_balance=balance,
        aged=_aged(entries, bills, last_day),
    )


def _aged(entries: Sequence[LedgerEntry], bills: Mapping[str, Bill], day: date) -> Aged:
    owed: dict[str, int] = {}
    for entry in entries:
        if entry.day <= day:
            owed[entry.bill_id] = owed.get(entry.bill_id, 0) + effect(entry)
    sums = dict.fromkeys(Aged.model_fields, 0)
    for bill_id, amount in owed.items():
        sums[_bucket(bills[bill_id], day) if amount > 0 else "credit"] += abs(amount)
    return Aged(**sums)


def _bucket(bill: Bill, day: date) -> str:
    days = (day - (bill.due_date or bill.bill_date)).days
    names = ("overdue_1_to_30", "overdue_31_to_60", "overdue_61_to_90")
    if days <= 0:
        return "not_due"
    return next((name for name, last in zip(names, BUCKETS, strict=True) if days <= last), "overdue_over_90")
