"""Rows of sums. What identifies a row is its key; its other fields are numbers, which add up.

Sums may exceed what a bill can come to, so they are integers without a bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeVar

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.types import DocumentType
from shared.records.numbering import DocumentSeries
from shared.records.record import Value
from shared.records.taxes.gstin import StateCode
from shared.records.taxes.treatment import Rate, TaxCode
from shared.records.text import ShortText
from shared.records.types import Currency, Id


class Row(Value):
    """Numbers with a key."""

    key_fields: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.key_fields)

    @property
    def numbers(self) -> dict[str, int]:
        """The fields that add up."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in self.key_fields}

    def plus(self, other: Self) -> Self:
        """The sum of two rows with the same key."""
        sums = {name: number + getattr(other, name) for name, number in self.numbers.items()}
        return self.model_copy(update=sums)

    def negated(self) -> Self:
        """The row that takes this one away."""
        return self.model_copy(update={name: -number for name, number in self.numbers.items()})


AnyRow = TypeVar("AnyRow", bound=Row)


def added(*lists: Iterable[AnyRow]) -> list[AnyRow]:
    """All rows, one for each key, in the order of the keys; those that add up to nothing are left out.

    The result does not depend on the order of the rows.
    """
    sums: dict[tuple[Any, ...], AnyRow] = {}
    for rows in lists:
        for row in rows:
            before = sums.get(row.key)
            sums[row.key] = before.plus(row) if before else row
    kept = [row for row in sums.values() if any(row.numbers.values())]
    return sorted(kept, key=lambda row: [str(part) for part in row.key])


class EntrySum(Row):
    """Entries of the ledger on a day."""

    key_fields = ("entry_kind", "payer", "method", "doctor_id", "currency")

    entry_kind: EntryKind
    payer: Payer
    method: PaymentMethod | None
    doctor_id: Id | None
    currency: Currency
    entries: int
    amount: int


class SeriesSum(Value):
    """The numbers of a series on documents of a day."""

    series: DocumentSeries
    first: int
    last: int
    count: int

    def plus(self, other: Self) -> Self:
        """The numbers of both; they are of one financial year."""
        first, last = min(self.first, other.first), max(self.last, other.last)
        return self.model_copy(update={"first": first, "last": last, "count": self.count + other.count})


def numbers_added(*lists: Iterable[SeriesSum]) -> list[SeriesSum]:
    """The numbers of each series, in the order of the series."""
    sums: dict[DocumentSeries, SeriesSum] = {}
    for rows in lists:
        for row in rows:
            before = sums.get(row.series)
            sums[row.series] = before.plus(row) if before else row
    return [sums[series] for series in DocumentSeries if series in sums]


class TaxNature(StrEnum):
    """What a row of taxes comes from."""

    ISSUED = "issued"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"


class TaxSum(Row):
    """What was supplied on a day under one treatment of the tax law, or credited."""

    key_fields = ("nature", "document_type", "exempt", "code", "label", "rate_percent", "place_of_supply", "currency")

    nature: TaxNature
    document_type: DocumentType
    """Of the bill."""
    exempt: bool
    code: TaxCode | None
    """In India the SAC."""
    label: ShortText
    rate_percent: Rate
    """The whole rate: CGST and SGST are half of it each."""
    place_of_supply: StateCode | None
    """The state whose GST applies; null is the clinic's own, or no GST."""
    currency: Currency
    taxable: int
    """The value without tax, also of what is exempt."""
    cgst: int = 0
    sgst: int = 0
    utgst: int = 0
    igst: int = 0
    plain: int = 0
    """A tax outside GST."""


class ServiceSum(Row):
    """What was billed for a service of a doctor on a day, and what was credited of it. Amounts without tax."""

    key_fields = ("doctor_id", "service", "currency")

    doctor_id: Id | None
    service: ShortText | None
    """As the lines describe it; null for the services beyond those that a day keeps apart."""
    currency: Currency
    quantity: int
    charged: int
    tax: int
    """On what was billed."""
    credited: int = 0
    """By credit notes and cancellations."""


class DueSum(Row):
    """What is owed of the bills that fall due on a day."""

    key_fields = ("due", "doctor_id", "currency")

    due: date
    doctor_id: Id | None
    currency: Currency
    bills: int
    """On which something is owed."""
    patient_owes: int
    insurer_owes: int
    credit: int
    """The patients' credits from such bills."""
