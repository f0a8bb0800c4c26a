"""Further readings of numbers as people speak them, and as recognisers write them. Pure, linear in the tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from shared.records.claims.quantity import Quantity
from shared.records.languages.lexicon import lexicon

_FEWEST_DIGITS = 3
_MOST_DIGITS = 15
_TEMPERATURES = ((34, 42), (94, 107))
"""Of a body, in degrees Celsius and Fahrenheit."""


def heard_too(tokens: Sequence[str], found: Sequence[Quantity]) -> Iterator[Quantity]:
    """What the quantities of a line may also be; never of a claim."""
    yield from _broken_decimals(tokens)
    yield from _temperatures(found)
    yield from digit_runs(found)
    yield from _run_together(found)


def _broken_decimals(tokens: Sequence[str]) -> Iterator[Quantity]:
    """Decimals whose point a recogniser wrote as the end of a sentence: "seven . four"."""
    ones = lexicon().numbers.ones
    for at in range(1, len(tokens) - 1):
        before, after = ones.get(tokens[at - 1]), ones.get(tokens[at + 1])
        if tokens[at] == "." and before is not None and after is not None:
            yield _number(Fraction(10 * before + after, 10), at - 1, at + 2)


def _temperatures(found: Sequence[Quantity]) -> Iterator[Quantity]:
    """Of "ninety eight six" 98.6."""
    for one, other in pairwise(found):
        follows = other.start == one.end and not one.kind and other.said in range(10)
        if follows and any(low <= one.said <= high for low, high in _TEMPERATURES):
            yield _number(one.said + other.said / 10, one.start, other.end)


def digit_runs(found: Sequence[Quantity]) -> Iterator[Quantity]:
    """Numbers that are spoken digit by digit: "nine one one", "eight oh five"."""
    run: list[Quantity] = []
    for one in [*found, None]:
        if one and one.said in range(10) and not one.kind and (not run or run[-1].end == one.start):
            run.append(one)
            continue
        if _FEWEST_DIGITS <= len(run) <= _MOST_DIGITS:
            yield _number(Fraction(int("".join(str(digit.said) for digit in run))), run[0].start, run[-1].end)
        run = [one] if one and one.said in range(10) and not one.kind else []


def _run_together(found: Sequence[Quantity]) -> Iterator[Quantity]:
    """Of "one fifty one sixty", which reads as 151 and 60, the 150 and 160."""
    for one, other in pairwise(found):
        last = one.said % 10
        follows = other.start == one.end and one.end - one.start > 2 and not one.kind
        if follows and last in range(1, 10) and one.said > 100 and other.said in range(10, 100):
            yield _number(one.said - last, one.start, one.end - 1)
            yield replace(other, value=last * 100 + other.said, said=last * 100 + other.said, kind="", vague=True)


def _number(value: Fraction, start: int, end: int) -> Quantity:
    return Quantity(value, "", start, end, value, vague=True)
