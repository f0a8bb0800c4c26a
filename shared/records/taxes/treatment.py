"""Taxes on services: whether a service is taxed, and which parts its tax has.

The clinic decides for each service, because no rule can tell: the same visit is exempt at one clinic and taxed at
another. A GST tax has two parts within a state, a central and a state one of the same amount, and one part between
states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, WithJsonSchema, model_validator

from shared.records.money import Minor, rounded
from shared.records.record import Value
from shared.records.taxes.gstin import UNION_TERRITORIES, state_of
from shared.records.text import ShortText

Rate = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=4),
    WithJsonSchema({"type": "string", "pattern": r"^(100(\.0{1,5})?|[0-9]{1,2}(\.[0-9]{1,4})?)$"}),
]
"""Per cent, as text such as `2.5`; a JSON number is taken too."""
TaxCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
"""The code of a service in the tax law: in India the SAC, such as 999312 (medical and dental services)."""


class TaxTreatment(Value):
    """The tax on a service: a rate, or an exemption with its reason, or neither."""

    rate_percent: Rate = Decimal(0)
    label: ShortText = "Tax"
    """Such as `GST` or `VAT`."""
    code: TaxCode | None = None
    exemption_reason: ShortText | None = None
    """The provision that exempts the service, as it is printed on a bill of supply."""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.exemption_reason is not None and self.rate_percent:
            raise ValueError("a service is either exempt or taxed: leave out the rate or the reason for the exemption")
        return self

    @property
    def is_exempt(self) -> bool:
        """True for a service that the law exempts, unlike one of which nothing was said."""
        return self.exemption_reason is not None


class TaxPart(Value):
    """One tax of a line or a bill."""

    label: ShortText
    rate_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=5)]
    """Per cent; half a rate has one decimal more."""
    amount: Minor


class Supply(StrEnum):
    """Where a service is supplied, as far as it changes the tax."""

    PLAIN = "plain"
    """Outside GST: one tax with the clinic's label."""
    WITHIN_STATE = "within_state"
    WITHIN_UNION_TERRITORY = "within_union_territory"
    BETWEEN_STATES = "between_states"

    @classmethod
    def at(cls, place: str | None, gstin: str | None) -> Supply:
        """The supply at a place (a state code) by whom this GSTIN names; None is the place of who supplies."""
        if gstin is None:
            return cls.PLAIN
        if place not in (None, state_of(gstin)):
            return cls.BETWEEN_STATES
        return cls.WITHIN_UNION_TERRITORY if state_of(gstin) in UNION_TERRITORIES else cls.WITHIN_STATE


_HALVES = {Supply.WITHIN_STATE: ("CGST", "SGST"), Supply.WITHIN_UNION_TERRITORY: ("CGST", "UTGST")}


def taxes_on(taxable: int, treatment: TaxTreatment, supply: Supply) -> list[TaxPart]:
    """The parts of the tax on an amount without tax. Each part is rounded, so two halves are equal."""
    return _parts(treatment, supply, lambda rate: amount_of(taxable, rate, Decimal(100)))


def taxes_within(price: int, treatment: TaxTreatment, supply: Supply) -> list[TaxPart]:
    """The parts of the tax that an amount contains. What remains of it is the amount without tax."""
    whole = 100 + treatment.rate_percent
    return _parts(treatment, supply, lambda rate: amount_of(price, rate, whole))


def amount_of(base: int, rate_percent: Decimal, whole: Decimal) -> int:
    """One part of a tax, of a base that is `whole` per cent: 100, or 100 and the whole rate if the base contains it."""
    return rounded(Decimal(base) * rate_percent / whole)


def added_up(taxes: Sequence[TaxPart]) -> list[TaxPart]:
    """The taxes of several lines, one part for each label and rate, in the order of the lines."""
    sums: dict[tuple[str, Decimal], TaxPart] = {}
    for part in taxes:
        key = part.label, part.rate_percent
        before = sums[key].amount if key in sums else 0
        sums[key] = part.model_copy(update={"amount": before + part.amount})
    return list(sums.values())


def _parts(treatment: TaxTreatment, supply: Supply, amount_at: Callable[[Decimal], int]) -> list[TaxPart]:
    rate = treatment.rate_percent
    if not rate:
        return []
    if supply in _HALVES:
        half = amount_at(rate / 2)
        return [TaxPart(label=label, rate_percent=rate / 2, amount=half) for label in _HALVES[supply]]
    label = "IGST" if supply == Supply.BETWEEN_STATES else treatment.label
    return [TaxPart(label=label, rate_percent=rate, amount=amount_at(rate))]
