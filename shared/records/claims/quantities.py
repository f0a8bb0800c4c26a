"""Quantities: numbers with their units and frequencies, comparable by value. Pure, linear in the tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.records.claims.numerals import Numeral, numerals_of
from shared.records.claims.units import DOSED, kind_and_factor, periods, units
from shared.records.languages.lexicon import lexicon

FREQUENCY = "frequency"
"""The kind of "twice a day": its value is times a day."""
_HOURLY = re.compile(r"q(\d+)h?")
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


def quantities_of(tokens: Sequence[str]) -> list[Quantity]:
    """The quantities in order, with those in words that imply a number: "a week", "bid", "weekly"."""
    found = _duration_fractions(tokens, [_quantity(tokens, one) for one in numerals_of(tokens)])
    taken = {at for one in found for at in range(one.start, one.end)}
    found += (one for at, token in enumerate(tokens) if at not in taken for one in _implied(tokens, at, token))
    return sorted(found, key=lambda one: one.start)


def claimed(quantities: Iterable[Quantity]) -> list[Quantity]:
    """Those that are certainly meant as numbers."""
    return [one for one in quantities if not one.vague]


def _quantity(tokens: Sequence[str], one: Numeral) -> Quantity:
    before = tokens[one.start - 1] if one.start else ""
    if before in lexicon().measures.numbered:
        return Quantity(one.value, "kind", one.start - 1, one.end, one.value)
    at = one.end
    if _get(tokens, at) in ("-", "of"):
        at += 1
    unit = units().get(tokens[at]) if at < len(tokens) and not (one.is_month or one.ordinal) else None
    frequency = _frequency(tokens, one, at)
    if frequency is not None:
        value, end = frequency
        return Quantity(value, FREQUENCY, one.start, end, one.value)
    if unit is None:
        is_year = before == "/" and one.value < 100 and one.start >= 4 and tokens[one.start - 3] == "/"
        return Quantity(one.value, "", one.start, one.end, one.value, one.vague, is_year)
    kind, factor = unit
    return Quantity(one.value * factor, kind, one.start, at + 1, one.value)


def _duration_fractions(tokens: Sequence[str], found: list[Quantity]) -> list[Quantity]:
    """The quantities with 3/7 as three days, 2/52 as two weeks and 6/12 as six months, as doctors write them."""
    kept: list[Quantity] = []
    for at, one in enumerate(found):
        before = kept[-1] if kept else None
        unit = _PARTS.get(one.said) if not one.kind and tokens[one.start - 1 : one.start] == ["/"] else None
        joins = before is not None and before.end == one.start - 1 and not before.kind and before.said <= _MOST_PARTS
        dated = at + 1 < len(found) and tokens[one.end : one.end + 1] == ["/"]
        if unit and before and joins and not dated and tokens[before.start - 1 : before.start] != ["/"]:
            kind, factor = kind_and_factor(unit)
            kept[-1] = Quantity(before.said * factor, kind, before.start, one.end, before.said)
        else:
            kept.append(one)
    return kept


_PARTS = {Fraction(7): "days", Fraction(52): "weeks", Fraction(12): "months"}
_MOST_PARTS = 30


def _frequency(tokens: Sequence[str], one: Numeral, at: int) -> tuple[Fraction, int] | None:
    """Times a day of "twice a day", "three times daily", "every 12 hours", "2 बार"."""
    word, words = _get(tokens, at), lexicon().measures
    counted = word in words.times
    if counted or tokens[one.start] in words.counted:
        after = at + counted
        after += _get(tokens, after) in words.articles
        if (period := periods().get(_get(tokens, after))) is not None:
            return one.value * period, after + 1
    if one.start and tokens[one.start - 1] in words.every and one.value:
        kind, factor = kind_and_factor(word)
        if kind == "hours":
            return 24 / (one.value * factor), at + 1
    earlier = [periods()[token] for token in tokens[max(0, one.start - 2) : one.start] if token in periods()]
    if counted and earlier and not _get(tokens, at).isascii():
        return one.value * earlier[0], at + 1
    return None


def _implied(tokens: Sequence[str], at: int, token: str) -> Iterator[Quantity]:
    words = lexicon().measures
    if (times := words.latin.get(token)) is not None:
        yield Quantity(times, FREQUENCY, at, at + 1, times, vague=times == 1)
    elif (hourly := _HOURLY.fullmatch(token)) and int(hourly[1]):
        yield Quantity(Fraction(24, int(hourly[1])), FREQUENCY, at, at + 1, Fraction(24, int(hourly[1])))
    elif token in words.adverbs:
        yield Quantity(periods()[token], FREQUENCY, at, at + 1, Fraction(1), vague=periods()[token] == 1)
    elif token in words.each and (period := periods().get(_get(tokens, at + 1))) is not None:
        yield Quantity(period, FREQUENCY, at, at + 2, Fraction(1), vague=True)
    elif token in words.one and _get(tokens, at + 1) in units():
        kind, factor = units()[tokens[at + 1]]
        if list(tokens[at + 2 : at + 5]) == ["and", "a", "half"]:
            yield Quantity(factor * Fraction(3, 2), kind, at, at + 5, Fraction(3, 2), vague=True)
        yield Quantity(factor, kind, at, at + 2, Fraction(1), vague=True)


def _get(tokens: Sequence[str], at: int) -> str:
    return tokens[at] if at < len(tokens) else ""


def spoken_decimals(tokens: Sequence[str]) -> list[Quantity]:
    """Decimals whose point a recogniser wrote as the end of a sentence: "seven . four"."""
    found, ones = [], lexicon().numbers.ones
    for at in range(1, len(tokens) - 1):
        before, after = ones.get(tokens[at - 1]), ones.get(tokens[at + 1])
        if tokens[at] == "." and before is not None and after is not None:
            value = Fraction(10 * before + after, 10)
            found.append(Quantity(value, "", at - 1, at + 2, value, vague=True))
    return found
