"""The day book: what was booked on a day, and the numbers of its documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Self

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.sums.book_day import DaySums
from shared.records.billing.sums.rows import EntrySum, SeriesSum, added
from shared.records.money import Minor, SignedMinor
from shared.records.record import Value
from shared.records.types import Currency, Day, Digest, Id, ListDay, Moment, Number, Zone

MOST_LISTED = 500
"""Entries that a day book lists; the newest count."""
_MONEY = {EntryKind.PAYMENT: "received", EntryKind.REVERSAL: "reversed", EntryKind.REFUND: "refunded"}


class DayBookQuery(Value):
    """The day and doctor."""

    day: ListDay | None = None
    """In the clinic's time zone; today by default."""
    doctor_id: Id | None = None
    """A doctor sees their own, with or without this; others see those of all doctors, or of this one."""


class SeriesNumbers(SeriesSum):
    """The counts in the numbers of the day's documents."""

    missing: int
    """Numbers between the first and the last that no document of the day has. Of receipts, those for payments of
    another day."""

    @classmethod
    def of(cls, numbers: SeriesSum) -> Self:
        return cls(**dict(numbers), missing=numbers.last - numbers.first + 1 - numbers.count)


class BookedSum(Value):
    """The entries of one kind."""

    entry_kind: EntryKind
    payer: Payer
    currency: Currency
    entries: int
    amount: int


class MoneySum(Value):
    """The money of a day by one method. Amounts in minor units."""

    method: PaymentMethod
    currency: Currency
    received: int = 0
    reversed: int = 0
    """Payments that were entered in error, bounced or were charged back."""
    refunded: int = 0
    net: int
    """What came in less what went out."""


class DayEntry(Value):
    """An entry of the ledger."""

    id: Id
    bill_id: Id
    number: Number | None
    """Of the bill, credit note or receipt."""
    entry_kind: EntryKind
    payer: Payer
    method: PaymentMethod | None
    doctor_id: Id | None
    currency: Currency
    amount: Minor
    balance: SignedMinor
    """What was owed for the bill afterwards."""
    created_at: Moment

    @classmethod
    def of(cls, entry: LedgerEntry, number: str | None) -> Self:
        names = cls.model_fields.keys() - {"number"}
        return cls(number=number, **{name: getattr(entry, name) for name in names})


class DayBook(Value):
    """The entries of a day."""

    day: Day
    time_zone: Zone
    series: list[SeriesNumbers] | None
    """Of the whole clinic; null for one doctor."""
    digest: Digest | None
    """The sum, modulo 2^256, of the SHA-256 of each entry's `id|entry_kind|payer|amount|currency|method|number`, empty
    where it is null: day books with one digest have the same entries. Null for one doctor."""
    booked: list[BookedSum]
    money: list[MoneySum]
    """By method."""
    entries: list[DayEntry]
    """Newest first."""
    complete: bool
    """False if there are more than 500 entries, of which the newest are listed; the sums count all."""


def day_book(
    day: date, zone: str, sums: DaySums, doctor_id: str | None, entries: Sequence[DayEntry], *, complete: bool
) -> DayBook:
    """The day book of a clinic, or of a doctor of it."""
    rows = [row for row in sums.entries if doctor_id in (None, row.doctor_id)]
    return DayBook(
        day=day,
        time_zone=zone,
        series=None if doctor_id else [SeriesNumbers.of(one) for one in sums.numbers],
        digest=None if doctor_id else sums.digest,
        booked=_booked(rows),
        money=_money(rows),
        entries=list(entries),
        complete=complete,
    )


def _booked(rows: Iterable[EntrySum]) -> list[BookedSum]:
    merged = added(row.model_copy(update={"method": None, "doctor_id": None}) for row in rows)
    return [BookedSum(**{name: getattr(row, name) for name in BookedSum.model_fields}) for row in merged]


def _money(rows: Iterable[EntrySum]) -> list[MoneySum]:
    sums: dict[tuple[PaymentMethod, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.method is not None and row.entry_kind in _MONEY:
            sums[row.method, row.currency][_MONEY[row.entry_kind]] += row.amount
    return [
        MoneySum(method=method, currency=currency, net=_net(one), **one)
        for (method, currency), one in sorted(sums.items())
    ]


def _net(money: dict[str, int]) -> int:
    return money["received"] - money["reversed"] - money["refunded"]
