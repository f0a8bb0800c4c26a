"""Money: integers of the currency's minor unit. One function computes totals for the API, the PDF and the ledger."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import Field

from shared.records.record import Value
from shared.records.text import ShortText

Minor = Annotated[int, Field(ge=0, le=10**12)]
"""An amount in minor units: paise, cents."""


class TaxTreatment(Value):
    """The tax on a clinic's services. Health care is tax-exempt in many places: the rate is then 0."""

    rate_percent: Decimal = Field(default=Decimal(0), ge=0, le=100, decimal_places=4)
    label: ShortText = "Tax"


class LineItem(Value):
    """One service on a bill; `amount` is quantity times unit price."""

    description: ShortText
    quantity: int = Field(default=1, ge=1, le=10_000)
    unit_price: Minor
    amount: Minor
    cpt_code: ShortText | None = None


class Totals(Value):
    """The totals of a bill, in minor units."""

    subtotal: Minor
    discount: Minor
    tax: Minor
    total: Minor


def line(description: str, unit_price: int, *, quantity: int = 1, cpt_code: str | None = None) -> LineItem:
    """Create a line item and compute its amount."""
    return LineItem(
        description=description,
        quantity=quantity,
        unit_price=unit_price,
        amount=unit_price * quantity,
        cpt_code=cpt_code,
    )


def totals_of(lines: list[LineItem], discount: int, tax: TaxTreatment) -> Totals:
    """Subtotal, tax on the subtotal less discount (half a unit rounds up), and total."""
    subtotal = sum(item.amount for item in lines)
    discount = min(discount, subtotal)
    taxable = subtotal - discount
    due = (Decimal(taxable) * tax.rate_percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return Totals(subtotal=subtotal, discount=discount, tax=int(due), total=taxable + int(due))
