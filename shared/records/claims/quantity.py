"""A quantity: a number with its unit or frequency, comparable by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from shared.records.claims.units import DOSED

FREQUENCY = "frequency"
"""The kind of "twice a day": its value is times a day."""
_CENTURIES = (1900, 2000)
_MONTHS = (4 * 7 * 24, 30 * 24)
"""Hours of a month, as people count them."""
_MOST_MONTHS = 9
"""Months that people also count in weeks."""


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
    """The last number of a date, or a decade: 09 is 2009, and the seventies are the 1970s."""
    scale: bool = False
    """The lowest or highest value of a scale, which nobody scored: the 10 of "seven out of ten"."""

    @property
    def is_dose(self) -> bool:
        return self.kind in DOSED

    def fits(self, other: Quantity) -> bool:
        """True if the other says the same, or has the same number and at least one has no unit."""
        if self.kind and other.kind:
            return self.kind == other.kind and self.value == other.value
        return self.said == other.said or (self.year and other.said - self.said in _CENTURIES)


class Heard:
    """Quantities that were said, indexed: whether one fits any of them takes no search."""

    def __init__(self, quantities: Iterable[Quantity]) -> None:
        quantities = [one for one in quantities if not one.scale]
        self._measured = {same for one in quantities if one.kind for same in _same_times(one)}
        self._bare = {_one(one.said) for one in quantities if not one.kind}
        self._said = {_one(one.said) for one in quantities}
        self._said |= {one.said + century for one in quantities if one.year for century in _CENTURIES}

    @classmethod
    def together(cls, parts: Iterable[Heard]) -> Heard:
        """What was heard in all parts."""
        whole, parts = cls(()), [one for one in parts if one._said]
        whole._measured = whole._measured.union(*(one._measured for one in parts))
        whole._bare = whole._bare.union(*(one._bare for one in parts))
        whole._said = whole._said.union(*(one._said for one in parts))
        return whole

    def fits(self, one: Quantity) -> bool:
        """True if one of them says the same; see `Quantity.fits`."""
        if one.kind and ((one.kind, one.value) in self._measured):
            return True
        said = self._bare if one.kind else self._said
        return one.said in said or (one.year and any(one.said + century in said for century in _CENTURIES))


def _same_times(one: Quantity) -> Iterator[tuple[str, Fraction]]:
    """The kind and value, and for some weeks or months what people call them too: four weeks are a month."""
    yield one.kind, _one(one.value)
    for hours in _MONTHS:
        if one.kind == "hours" and (one.value / hours).denominator == 1 and one.value <= _MOST_MONTHS * hours:
            yield "months", one.value / hours
        if one.kind == "months" and one.value <= _MOST_MONTHS:
            yield "hours", one.value * hours


@lru_cache(10_000)
def _one(number: Fraction) -> Fraction:
    """The same object for equal numbers: sets of them are joined without comparing fractions."""
    return number
