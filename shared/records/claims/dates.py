"""Days of the year in a claim, against those that were said: 1/10/09 and "January tenth"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records.claims.claim import Claim
from shared.records.claims.numerals import Numeral, numerals_of
from shared.records.claims.quantity import Quantity
from shared.records.claims.tokens import is_number

_MOST_DAYS = 31
_MONTHS = 12
_BETWEEN = 2
"""Tokens between a day and its month: "the fourth of June"."""


def other_dates(claim: Claim) -> list[Quantity]:
    """The numbers of dates of the claim that were not said, if one with the same day or month was."""
    stated = list(_dates(claim.tokens))
    heard = {date for line in claim.lines for date, _ in _dates(line.tokens)} if stated else set()
    wrong = {
        at
        for date, places in stated
        if date not in heard and any(not date.isdisjoint(other) for other in heard)
        for at in places
    }
    return [one for one in claim.quantities if one.start in wrong]


def _dates(tokens: Sequence[str]) -> Iterator[tuple[frozenset[int], tuple[int, int]]]:
    """The day and month of each date, in either order, and where they stand."""
    found = [one for one in numerals_of(tokens) if one.value.denominator == 1 and 1 <= one.value <= _MOST_DAYS]
    for at, one in enumerate(found[:-1]):
        other = found[at + 1]
        if _is_day_and_month(tokens, one, other):
            yield frozenset((int(one.value), int(other.value))), (one.start, other.start)


def _is_day_and_month(tokens: Sequence[str], one: Numeral, other: Numeral) -> bool:
    """True for a month that is named beside a day, and for the first two numbers of "1/10/09"."""
    if one.is_month != other.is_month:
        return other.start - one.end < _BETWEEN
    between, following = tokens[one.end : other.start], tokens[other.end : other.end + 2]
    if list(between) != ["/"] or len(following) < _BETWEEN or following[0] != "/" or not is_number(following[1]):
        return False
    return min(one.value, other.value) <= _MONTHS
