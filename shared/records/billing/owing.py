"""Who owes the clinic how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Self

from shared.records.billing.bill import Bill
from shared.records.billing.types import BillStatus
from shared.records.money import Minor
from shared.records.parties import Named
from shared.records.record import Value
from shared.records.types import Currency, Id, Number

MOST_OWING = 500
"""Unpaid bills that are summed up; the newest count."""


class OwingQuery(Value):
    """Whose bills to sum up."""

    doctor_id: Id | None = None
    """A doctor sees their own, with or without this; others see those of all doctors, or of this one."""


class OwingBill(Named):
    """An unpaid bill."""

    id: Id
    number: Number | None
    status: BillStatus
    bill_date: date
    due_date: date | None
    currency: Currency
    total_amount: Minor
    outstanding_amount: Minor


class Sum(Value):
    """An amount of money."""

    currency: Currency
    amount: Minor


class Owing(Value):
    """The unpaid bills, newest first, and their sum."""

    outstanding: list[Sum]
    """What is unpaid of all of them, by currency; empty if nobody owes anything."""
    bills: list[OwingBill]
    complete: bool
    """False if there are more than 500 unpaid bills, of which the newest are listed and summed up."""

    @classmethod
    def of(cls, bills: Sequence[Bill], parties: Sequence[Named], *, complete: bool) -> Self:
        sums: Counter[str] = Counter()
        for bill in bills:
            sums[bill.currency] += bill.outstanding_amount
        names = OwingBill.model_fields.keys() - Named.model_fields.keys()
        rows = [
            OwingBill(**{name: getattr(bill, name) for name in names}, **dict(of))
            for bill, of in zip(bills, parties, strict=True)
        ]
        outstanding = [Sum(currency=currency, amount=amount) for currency, amount in sorted(sums.items())]
        return cls(outstanding=outstanding, bills=rows, complete=complete)
