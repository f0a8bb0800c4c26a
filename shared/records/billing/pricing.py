"""Pricing: from the services of a bill to its lines, taxes and total. One function for API, paper and ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from shared.records.billing.lines import Discount, LineItem, NewLine
from shared.records.money import Minor, SignedMinor, shares_of
from shared.records.record import Value
from shared.records.taxes.treatment import Supply, TaxPart, TaxTreatment, added_up, taxes_on, taxes_within


@dataclass(frozen=True)
class PricingRules:
    """How a clinic's prices become totals."""

    tax: TaxTreatment
    """Of services that have no treatment of their own."""
    supply: Supply
    prices_include_tax: bool = False
    round_total_to: int = 1
    """The multiple of minor units to which a total is rounded: 100 for whole rupees, 1 for none."""


class Priced(Value):
    """The lines and totals of a bill. `subtotal - discount + tax + round_off == total`, where prices have no tax in
    them; with tax in the prices `subtotal - discount + round_off == total`. Amounts in minor units."""

    lines: list[LineItem]
    subtotal: Minor
    """Quantities times unit prices."""
    discount: Minor
    taxable: Minor
    """What the taxes are computed of: without tax, after discounts."""
    taxes: list[TaxPart]
    tax: Minor
    round_off: SignedMinor = Field(default=0)
    total: Minor


def priced(services: Sequence[NewLine], discount: Discount | None, rules: PricingRules) -> Priced:
    """Price services. The bill's discount is divided over the lines, so that it lowers each rate's tax."""
    own = [one.discount.of(one.gross) if one.discount else 0 for one in services]
    nets = [one.gross - reduction for one, reduction in zip(services, own, strict=True)]
    shares = shares_of(discount.of(sum(nets)), nets) if discount else [0] * len(nets)
    lines = [_line(one, reduction + share, rules) for one, reduction, share in zip(services, own, shares, strict=True)]
    taxes = added_up([part for one in lines for part in one.taxes])
    exact = sum(one.total for one in lines)
    total = _to_multiple(exact, rules.round_total_to)
    return Priced(
        lines=lines,
        subtotal=sum(one.amount for one in lines),
        discount=sum(one.discount_amount for one in lines),
        taxable=sum(one.taxable_amount for one in lines),
        taxes=taxes,
        tax=sum(part.amount for part in taxes),
        round_off=total - exact,
        total=total,
    )


def _line(service: NewLine, reduction: int, rules: PricingRules) -> LineItem:
    treatment = service.tax or rules.tax
    net = service.gross - reduction
    inclusive = rules.prices_include_tax
    taxes = taxes_within(net, treatment, rules.supply) if inclusive else taxes_on(net, treatment, rules.supply)
    tax = sum(part.amount for part in taxes)
    taxable = net - tax if inclusive else net
    return LineItem(
        **{**dict(service), "tax": treatment},
        amount=service.gross,
        discount_amount=reduction,
        taxable_amount=taxable,
        taxes=taxes,
        total=taxable + tax,
    )


def _to_multiple(amount: int, unit: int) -> int:
    """The nearest multiple of a unit; half a unit rounds up."""
    return (amount + unit // 2) // unit * unit
