"""The lines of a bill: what a person or the clinic's fees ask for, and what it comes to."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from shared.records.money import Minor, Price, rounded
from shared.records.record import Value
from shared.records.taxes.treatment import Rate, TaxPart, TaxTreatment
from shared.records.text import ShortText
from shared.records.types import Id, ProcedureCode

MOST_LINES = 40
MOST_QUANTITY = 1_000


class Discount(Value):
    """A reduction by an amount or by a part, with its reason."""

    amount: Minor | None = None
    percent: Rate | None = None
    reason: ShortText = Field(min_length=1)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("a discount has an amount or a percentage")
        return self

    def of(self, price: int) -> int:
        """The reduction of a price, at most the price."""
        amount = self.amount if self.percent is None else rounded(Decimal(price) * self.percent / 100)
        return min(amount or 0, price)


class NewLine(Value):
    """A service to be billed."""

    description: ShortText = Field(min_length=1)
    quantity: int = Field(default=1, ge=1, le=MOST_QUANTITY)
    unit_price: Price
    cpt_code: ProcedureCode | None = None
    discount: Discount | None = None
    tax: TaxTreatment | None = None
    """Null: as the clinic treats its services."""
    session_id: Id | None = None
    """The session in which the service was given; the bill's own if null."""

    @property
    def gross(self) -> int:
        """Quantity times unit price."""
        return self.quantity * self.unit_price


class LineItem(NewLine):
    """A line as billed. Amounts in minor units."""

    tax: TaxTreatment
    amount: Minor
    """Quantity times unit price."""
    discount_amount: Minor = 0
    """The discount of the line and its share of the bill's."""
    taxable_amount: Minor
    """After the discount, without tax."""
    taxes: list[TaxPart] = Field(default=[], max_length=2)
    total: Minor
    """With taxes."""
