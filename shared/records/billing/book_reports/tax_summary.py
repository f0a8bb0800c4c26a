"""Taxes by month: what was supplied by rate and code, and what was credited in the month of the credit note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.records.billing.account import EntryKind
from shared.records.billing.book_reports.day_book import SeriesNumbers
from shared.records.billing.sums.book_day import DaySums
from shared.records.billing.sums.rows import TaxNature, TaxSum
from shared.records.record import Value
from shared.records.types import Currency, Zone

MOST_MONTHS = 3
"""A quarter, for which a small business in India files."""
Month = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A calendar month, such as 2026-09."""


class TaxQuery(Value):
    """The months to sum up."""

    month: Month | None = None
    """The first month, in the clinic's time zone; the present one by default."""
    months: int = Field(default=1, ge=1, le=MOST_MONTHS)
    """So many months from it on."""


class TaxTotal(Value):
    """What was supplied in a currency, less what was credited or cancelled. Amounts in minor units."""

    currency: Currency
    taxable: int
    """The value of the services with a rate."""
    exempt: int
    """The value of the services that the law exempts."""
    untaxed: int
    """The value of the services of which neither a rate nor an exemption is known."""
    cgst: int
    sgst: int
    utgst: int
    igst: int
    plain: int
    """A tax outside GST."""


class TaxMonth(Value):
    """The taxes of a month."""

    month: Month
    rows: list[TaxSum]
    """What was issued, and what was credited or cancelled, by document, rate, code and place of supply."""
    totals: list[TaxTotal]
    """By currency."""
    documents: list[SeriesNumbers]
    """The numbers of the documents that were issued."""
    cancelled: int
    """Bills that were cancelled in this month."""


class TaxSummary(Value):
    """The taxes of some months."""

    time_zone: Zone
    months: list[TaxMonth]


def tax_month(first: date, sums: DaySums) -> TaxMonth:
    """The taxes of the month that begins on a day."""
    return TaxMonth(
        month=f"{first:%Y-%m}",
        rows=sums.taxes,
        totals=_totals(sums.taxes),
        documents=[SeriesNumbers.of(one) for one in sums.numbers],
        cancelled=sum(one.entries for one in sums.entries if one.entry_kind == EntryKind.CANCELLATION),
    )


def months_from(first: date, count: int) -> Iterator[date]:
    """The first days of so many months, and of the month after them."""
    for number in range(first.month - 1, first.month + count):
        yield date(first.year + number // 12, number % 12 + 1, 1)


def first_of(month: str | None, today: date) -> date:
    """The first day of a month; of the present one for None."""
    return date.fromisoformat(f"{month}-01") if month else today.replace(day=1)


def _totals(rows: Sequence[TaxSum]) -> list[TaxTotal]:
    names = [name for name in TaxTotal.model_fields if name != "currency"]
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
    for row in rows:
        sign = 1 if row.nature == TaxNature.ISSUED else -1
        for name, number in _counted(row):
            sums[row.currency][name] += sign * number
    return [TaxTotal(currency=currency, **numbers) for currency, numbers in sorted(sums.items())]


def _counted(row: TaxSum) -> Iterable[tuple[str, int]]:
    """The numbers of a row, by the field of the total that counts them."""
    if row.rate_percent:
        return row.numbers.items()
    return [("exempt" if row.exempt else "untaxed", row.taxable)]
