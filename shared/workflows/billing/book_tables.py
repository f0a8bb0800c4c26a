"""The reports on the books as tables, for spreadsheets. Amounts are in major units of their currency: 1500.00."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from zlib import crc32

from shared.records.billing.book_reports.aged_receivables import Aged, ReceivablesQuery
from shared.records.billing.book_reports.day_book import DayBookQuery, DayEntry
from shared.records.billing.book_reports.revenue import Earned, RevenueQuery, RevenueTotal
from shared.records.billing.book_reports.tax_summary import TaxQuery
from shared.records.billing.sums.rows import TaxSum
from shared.records.parties import DoctorName
from shared.render import csv
from shared.render.csv import Cell
from shared.render.formats import in_major_units
from shared.store.clinic import Clinic
from shared.workflows.billing import book_reports
from shared.workflows.documents import PrintedDocument

_COUNTS = frozenset({"bills", "quantity"})
"""Whole numbers that are no amounts of money."""
_ENTRY = ("id", "bill_id", "number", "entry_kind", "payer", "method", "doctor_id", "currency")
_TAXES = ("taxable", "cgst", "sgst", "utgst", "igst", "plain")
_TREATMENT = ("nature", "document_type", "code", "label", "rate_percent", "place_of_supply", "currency")


def receivables(clinic: Clinic, query: ReceivablesQuery) -> PrintedDocument:
    """What is owed, by doctor and age; the last rows are the totals by currency."""
    report = book_reports.receivables(clinic, query)
    names = [*Aged.model_fields]
    rows = [(*_person(row.doctor), *_cells(row, names)) for row in report.rows]
    totals = [("total", None, *_cells(total, names)) for total in report.totals]
    return _table(["doctor_id", "doctor", *names], [*rows, *totals], f"receivables-{report.day}")


def day_book(clinic: Clinic, query: DayBookQuery) -> PrintedDocument:
    """The entries of a day, oldest first."""
    book = book_reports.of_day(clinic, query)
    rows = [_entry(one) for one in reversed(book.entries)]
    return _table([*_ENTRY, "amount", "balance", "created_at"], rows, f"day-book-{book.day}")


def taxes(clinic: Clinic, query: TaxQuery) -> PrintedDocument:
    """The taxes of some months. What was credited or cancelled is less than nothing, so each column adds up."""
    summary = book_reports.taxes(clinic, query)
    rows = [(month.month, *_tax(row)) for month in summary.months for row in month.rows]
    name = f"taxes-{summary.months[0].month}-{summary.months[-1].month}"
    return _table(["month", *_TREATMENT, "exempt", *_TAXES], rows, name)


def revenue(clinic: Clinic, query: RevenueQuery) -> PrintedDocument:
    """The revenue of some days; the last rows are the totals by currency."""
    report = book_reports.earned(clinic, query)
    names = [*RevenueTotal.model_fields]
    rows = [
        (row.day.isoformat() if row.day else None, *_person(row.doctor), row.service, *_cells(row, names))
        for row in report.rows
    ]
    totals = [("total", None, None, None, *_cells(total, names)) for total in report.totals]
    header = ["day", "doctor_id", "doctor", "service", *names]
    return _table(header, [*rows, *totals], f"revenue-{report.first}-{report.last}")


def _table(header: Sequence[str], rows: Iterable[Sequence[Cell]], name: str) -> PrintedDocument:
    content = csv.table(header, rows)
    return PrintedDocument(content, f"{name}.csv", crc32(content))


def _person(doctor: DoctorName | None) -> tuple[str | None, str | None]:
    return (doctor.id, doctor.name) if doctor else (None, None)


def _cells(row: Aged | Earned, names: Collection[str]) -> Iterator[Cell]:
    """The fields of a row: amounts in major units, counts as they are."""
    for name in names:
        value = getattr(row, name)
        is_amount = isinstance(value, int) and name not in _COUNTS
        yield in_major_units(value, row.currency) if is_amount else value


def _entry(one: DayEntry) -> list[Cell]:
    amounts = [in_major_units(one.amount, one.currency), in_major_units(one.balance, one.currency)]
    return [*(getattr(one, name) for name in _ENTRY), *amounts, one.created_at.isoformat()]


def _tax(row: TaxSum) -> list[Cell]:
    signed = row if row.nature == "issued" else row.negated()
    amounts = [in_major_units(getattr(signed, name), row.currency) for name in _TAXES]
    return [*(getattr(row, name) for name in _TREATMENT), str(row.exempt).lower(), *amounts]
