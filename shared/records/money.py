"""Money: integers of the currency's minor unit, small enough that every JSON reader keeps them exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import Field

MOST = 2**53 - 1
"""The largest integer that JSON readers agree on (RFC 8785, RFC 7493)."""
MOST_PRICE = 10**11

Minor = Annotated[int, Field(ge=0, le=MOST)]
"""An amount in minor units: paise, cents."""
SignedMinor = Annotated[int, Field(ge=-MOST, le=MOST)]
Price = Annotated[int, Field(ge=0, le=MOST_PRICE)]
"""The price of one unit of a service, in minor units. The bounds of prices, quantities and lines keep every total of a
bill within `Minor`."""


def rounded(amount: Decimal) -> int:
    """The nearest whole minor unit; half a unit rounds up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def shares_of(amount: int, weights: list[int]) -> list[int]:
    """Divide an amount in proportion to weights, without a remainder: what rounding leaves over goes to the largest
    fractions, the earlier first. Without any weight everything is 0.

    With amount <= sum(weights) no share is larger than its weight.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares = [amount * weight // total for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda at: -(amount * weights[at] % total))
    for at in by_fraction[: amount - sum(shares)]:
        shares[at] += 1
    return shares
