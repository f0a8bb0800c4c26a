"""Quantities: numbers with their units and frequencies, comparable by value. Pure, linear in the tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache

from shared.records.claims.combining import combined
from shared.records.claims.hearing import digit_runs
from shared.records.claims.numerals import Numeral, numerals_of
from shared.records.claims.quantity import FREQUENCY, Quantity
from shared.records.claims.units import kind_and_factor, periods, units
from shared.records.languages.lexicon import lexicon

_MOST_ARTICLES = 2
"""Tokens between the number of times and its period: "in a"."""
_HOURLY = re.compile(r"q(\d+)h?")


def quantities_of(tokens: Sequence[str]) -> list[Quantity]:
    """The quantities in order, with those in words that imply a number: "a week", "bid", "weekly"."""
    found = combined(tokens, [_quantity(tokens, one) for one in numerals_of(tokens)])
    taken = {at for one in found for at in range(one.start, one.end)}
    implied = [one for at, token in enumerate(tokens) if at not in taken for one in _implied(tokens, at, token)]
    within = {at for one in implied for at in range(one.start + 1, one.end)}
    return sorted((*implied, *(one for one in found if one.start not in within)), key=lambda one: one.start)


def claimed(quantities: Iterable[Quantity]) -> list[Quantity]:
    """Those that are certainly meant as numbers; digits that are spoken one by one are one number."""
    quantities = list(quantities)
    spelled = {one.start: one for one in digit_runs(quantities)}
    within = {at for one in spelled.values() for at in range(one.start, one.end)}
    kept = [one for one in quantities if not one.vague and one.start not in within]
    return sorted((*kept, *spelled.values()), key=lambda one: one.start)


def _quantity(tokens: Sequence[str], one: Numeral) -> Quantity:
    before = tokens[one.start - 1] if one.start else ""
    if _is_level(tokens, one.start):
        return Quantity(one.value, "", one.start, one.end, one.value, vague=True)
    if before in lexicon().measures.numbered:
        return Quantity(one.value, "kind", one.start - 1, one.end, one.value)
    at = one.end
    at += _get(tokens, at) in ("-", "of")
    at += tokens[one.start] in lexicon().numbers.fixed and _get(tokens, at) in lexicon().measures.one
    unit = units().get(tokens[at]) if at < len(tokens) and not (one.is_month or one.ordinal) else None
    frequency = _frequency(tokens, one, at)
    if frequency is not None:
        value, end = frequency
        return Quantity(value, FREQUENCY, one.start, end, one.value)
    if unit is None:
        is_year = before == "/" and one.value < 100 and one.start >= 4 and tokens[one.start - 3] == "/"
        is_year = is_year or one.is_decade
        return Quantity(one.value, "", one.start, one.end, one.value, one.vague, is_year)
    kind, factor = unit
    return Quantity(one.value * factor, kind, one.start, at + 1, one.value)


def _is_level(tokens: Sequence[str], start: int) -> bool:
    """True for the 4 of "L3-4", which is part of a name."""
    name = tokens[start - 2] if start > 1 and tokens[start - 1] in ("-", "/") else ""
    return name[:1].isalpha() and name[-1:].isdigit()


def _frequency(tokens: Sequence[str], one: Numeral, at: int) -> tuple[Fraction, int] | None:
    """Times a day of "twice a day", "three times daily", "every 12 hours", "2 बार"."""
    word, words = _get(tokens, at), lexicon().measures
    counted = word in words.times
    if counted or tokens[one.start] in words.counted:
        after = at + counted
        while _get(tokens, after) in words.articles and after < at + counted + _MOST_ARTICLES:
            after += 1
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
    for phrase, often in _frequencies().get(token, ()):
        if tuple(tokens[at : at + len(phrase)]) == phrase:
            yield Quantity(often, FREQUENCY, at, at + len(phrase), often, vague=often >= 1)
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
            yield Quantity(factor * Fraction(3, 2), kind, at, at + 5, Fraction(3, 2))
            return
        yield Quantity(factor, kind, at, at + 2, Fraction(1), vague=True)


@cache
def _frequencies() -> Mapping[str, list[tuple[tuple[str, ...], Fraction]]]:
    """By the first word: the phrases of a frequency."""
    found: dict[str, list[tuple[tuple[str, ...], Fraction]]] = {}
    for text, often in lexicon().measures.frequencies.items():
        phrase = tuple(text.split())
        found.setdefault(phrase[0], []).append((phrase, often))
    return found


def _get(tokens: Sequence[str], at: int) -> str:
    return tokens[at] if at < len(tokens) else ""
