"""A quantity: a number with its unit or frequency, comparable by value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from shared.records.claims.units import DOSED

FREQUENCY = "frequency"
"""The kind of "twice a day": its value is times a day."""
_YEAR = 2000


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, in the smallest unit of its kind."""

    value: Fraction
    kind: str
    """Empty if no unit was named."""
    start: int
    end: int
    said: Fraction
    """The number as it stands, without conversion."""
    vague: bool = False
    year: bool = False
    """The last number of a date: 09 is 2009."""

    @property
    def is_dose(self) -> bool:
        return self.kind in DOSED

    def fits(self, other: Quantity) -> bool:
        """True if the other says the same, or has the same number and at least one has no unit."""
        if self.kind and other.kind:
            return self.kind == other.kind and self.value == other.value
        return self.said == other.said or (self.year and other.said - self.said in (1900, _YEAR))


class Heard:
    """Quantities that were said, indexed: whether one fits any of them takes no search."""

    def __init__(self, quantities: Iterable[Quantity]) -> None:
        quantities = list(quantities)
        self._measured = {(one.kind, one.value) for one in quantities if one.kind}
        self._bare = {one.said for one in quantities if not one.kind}
        self._said = {one.said for one in quantities}

    def fits(self, one: Quantity) -> bool:
        """True if one of them says the same; see `Quantity.fits`."""
        if one.kind and ((one.kind, one.value) in self._measured):
            return True
        said = self._bare if one.kind else self._said
        return one.said in said or (one.year and not said.isdisjoint((one.said + 1900, one.said + _YEAR)))
