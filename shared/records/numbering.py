"""Human-readable numbers of patients, sessions, reports and bills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from shared.records.record import Value

PATIENTS, SESSIONS = "counters/patients", "counters/sessions"
REPORTS = "counters/reports"
_DOCUMENT = re.compile(r"[A-Z]{3}-?([0-9]{4})([0-9]{2})-([0-9]{6,})")
_VISIBLE = re.compile(rf"(PAT|SESS|REP)-[0-9]{{8,}}|{_DOCUMENT.pattern}")
RESERVED_PREFIXES = frozenset({"PAT", "REP"})
"""What begins the numbers of patients and reports."""
MOST_PREFIXES = 100
"""Prefixes that a clinic can have chosen over the years."""


class DocumentSeries(StrEnum):
    """Series of documents of account, by the letters that begin a number unless the clinic has chosen others."""

    INVOICE = "INV"
    BILL_OF_SUPPLY = "BOS"
    CREDIT_NOTE = "CRN"
    RECEIPT = "RCT"

    @property
    def counter(self) -> str:
        """The path of its counter document."""
        return _COUNTERS[self]


_COUNTERS = {
    DocumentSeries.INVOICE: "counters/invoices",
    DocumentSeries.BILL_OF_SUPPLY: "counters/bills_of_supply",
    DocumentSeries.CREDIT_NOTE: "counters/credit_notes",
    DocumentSeries.RECEIPT: "counters/receipts",
}


NumberPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""The three letters that begin a number: with more, a number would not fit the 16 characters of Indian GST."""


class NumberPrefixes(Value):
    """The letters that begin the numbers of each series of documents of account."""

    invoice: NumberPrefix
    bill_of_supply: NumberPrefix
    credit_note: NumberPrefix
    receipt: NumberPrefix

    def of(self, series: DocumentSeries) -> str:
        """The prefix of a series."""
        prefix: str = getattr(self, series.name.lower())
        return prefix

    def by_series(self) -> Iterator[tuple[DocumentSeries, str]]:
        """Each series with its prefix."""
        return ((series, self.of(series)) for series in DocumentSeries)


USUAL_PREFIXES = NumberPrefixes.model_construct(invoice="INV", bill_of_supply="BOS", credit_note="CRN", receipt="RCT")


class Series(NamedTuple):
    """A series of consecutive numbers: its counter and the format of a number."""

    counter: str
    """Path of the counter document; it holds a count for each year."""
    year: str
    prefix: str
    digits: int

    def write(self, count: int) -> str:
        return f"{self.prefix}{count:0{self.digits}d}"


def patients(day: date) -> Series:
    """PAT-20260001: the year, and a count of four digits or more."""
    return Series(PATIENTS, str(day.year), f"PAT-{day.year}", 4)


def sessions(day: date) -> Series:
    """SESS-20260001."""
    return Series(SESSIONS, str(day.year), f"SESS-{day.year}", 4)


def reports(day: date) -> Series:
    """REP-20260001."""
    return Series(REPORTS, str(day.year), f"REP-{day.year}", 4)


def documents(
    series: DocumentSeries, day: date, financial_year_starts_in: int, *, gst: bool, prefix: str | None = None
) -> Series:
    """INV-202609-000123: the month, and a count that runs through the financial year without a gap, also when the
    clinic chooses another prefix.

    Indian GST allows 16 characters (Rule 46 of the CGST Rules), one fewer, so a clinic with a GST number writes
    INV202609-000123.
    """
    year = financial_year(day.year, day.month, financial_year_starts_in)
    return Series(series.counter, year, f"{prefix or series}{'' if gst else '-'}{day:%Y%m}-", 6)


def financial_year(year: int, month: int, starts_in: int) -> str:
    """The financial year of a month, by the calendar year in which it begins."""
    return str(year if month >= starts_in else year - 1)


@dataclass(frozen=True)
class DocumentNumber:
    """A number of a document of account, read."""

    year: int
    month: int
    count: int

    @classmethod
    def read(cls, number: str) -> DocumentNumber:
        """The parts of `INV-202609-000123`. Raises ValueError for other text."""
        found = _DOCUMENT.fullmatch(number)
        if found is None:
            raise ValueError("not the number of a document of account")
        return cls(int(found[1]), int(found[2]), int(found[3]))


def is_number(text: str) -> bool:
    """True for a human-readable number, false for an id."""
    return _VISIBLE.fullmatch(text) is not None
