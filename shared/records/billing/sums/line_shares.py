"""Which part of each line a credit takes back. The parts of all credits of a bill add up to its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.records.billing.bill import Bill
from shared.records.billing.lines import LineItem
from shared.records.taxes.treatment import TaxPart


@dataclass(frozen=True)
class LineShare:
    """What a line comes to, or a part of it: without tax, and each tax by its label."""

    line: LineItem
    taxable: int
    taxes: Sequence[tuple[str, int]]


def whole(bill: Bill) -> list[LineShare]:
    """The lines as billed."""
    return [
        LineShare(line, line.taxable_amount, [(part.label, part.amount) for part in line.taxes])
        for line in bill.line_items
    ]


def credited(bill: Bill, before: int, after: int) -> list[LineShare]:
    """The part of each line in a credit that raises what is credited of the bill from one amount to another.

    The taxes are those that the credit note prints (`taxes_of_credit`), divided over the lines. A part can be less than
    nothing by one minor unit, by rounding.
    """
    total = bill.total_amount
    taxable = _parts([line.taxable_amount for line in bill.line_items], before, after, total)
    taxes: list[list[tuple[str, int]]] = [[] for _ in bill.line_items]
    for tax in bill.taxes:
        at = [number for number, line in enumerate(bill.line_items) if _amount(line, tax) is not None]
        parts = _parts([_amount(bill.line_items[number], tax) or 0 for number in at], before, after, total)
        for number, part in zip(at, parts, strict=True):
            taxes[number].append((tax.label, part))
    return [LineShare(*one) for one in zip(bill.line_items, taxable, taxes, strict=True)]


def _amount(line: LineItem, tax: TaxPart) -> int | None:
    """What a line has of a tax of the bill."""
    same = [part.amount for part in line.taxes if (part.label, part.rate_percent) == (tax.label, tax.rate_percent)]
    return sum(same) if same else None


def _parts(amounts: Sequence[int], before: int, after: int, total: int) -> Iterator[int]:
    """Divide `sum(amounts) * after // total - sum(amounts) * before // total` over the amounts."""
    reached, last = 0, 0
    for amount in amounts:
        reached += amount
        upto = reached * after // total - reached * before // total
        yield upto - last
        last = upto
