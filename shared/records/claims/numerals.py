"""Numbers in tokens, by value: digits, grouping, and number words of several languages. Pure, linear in the tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from shared.records.claims.tokens import is_number
from shared.records.languages.lexicon import lexicon
from shared.records.languages.measured import Numbers

_GROUPED = re.compile(r"\d{1,3}(?:,\d{2})*,\d{3}(?:\.\d+)?")
"""60,000 and, in India, 1,00,000."""
_MOST_DECIMALS = 12


@dataclass(frozen=True)
class Numeral:
    """A number, and the tokens that it takes."""

    value: Fraction
    start: int
    end: int
    """One past its last token."""
    vague: bool = False
    ordinal: bool = False
    is_month: bool = False
    is_decade: bool = False


def numerals_of(tokens: Sequence[str]) -> list[Numeral]:
    """The numbers, in order."""
    found: list[Numeral] = []
    at = 0
    while at < len(tokens):
        here = _numerals_at(tokens, at)
        found += here
        at = here[-1].end if here else at + 1
    return found


def _numerals_at(tokens: Sequence[str], at: int) -> list[Numeral]:
    if is_number(tokens[at]):
        return _of_digits(tokens, at)
    one = _of_words(tokens, at) if tokens[at] in _first_words() else None
    return [one] if one else []


@cache
def _first_words() -> frozenset[str]:
    """All words that a number can begin with."""
    words = _words()
    larger = words.points.union(words.fixed, words.months, words.decades, words.ordinals, words.added, words.scales)
    return larger.union(words.whole, words.tens, words.teens, words.ones)


def _of_digits(tokens: Sequence[str], at: int) -> list[Numeral]:
    """Of "7,8" two; of "60,000" one."""
    token = tokens[at]
    if _GROUPED.fullmatch(token):
        values = [Fraction(token.replace(",", ""))]
    else:
        parts = token.split(",")
        dotted = [part.split(".") if part.count(".") > 1 else [part] for part in parts]
        values = [Fraction(piece) for pieces in dotted for piece in pieces if piece]
    end = at + 1
    if len(values) == 1:
        if _at(tokens, end) in _words().points and (decimals := _decimals(values[0], tokens, at, end)):
            return [decimals]
        value, end = _thousand(values[0], tokens, end)
        value, end = _scaled(value, tokens, end)
        value, end = _with_fraction(*_mixed(value, tokens, end), tokens)
        ordinal = _at(tokens, end) in _words().ordinal_endings
        return [Numeral(value, at, end + ordinal, ordinal=ordinal)]
    return [Numeral(value, at, end) for value in values]


def _thousand(value: Fraction, tokens: Sequence[str], end: int) -> tuple[Fraction, int]:
    """Of "1 000", as some write it, a thousand."""
    return (1000 * value, end + 1) if value < 1000 and _at(tokens, end) == "000" else (value, end)


def _of_words(tokens: Sequence[str], at: int) -> Numeral | None:
    word = tokens[at]
    if word in _words().points:
        return _decimals(Fraction(0), tokens, at, at)
    if single := _single(tokens, at, word):
        return single
    integer = _integer(tokens, at)
    if integer is None:
        return None
    value, end = integer
    if _at(tokens, end) in _words().points:
        return _decimals(value, tokens, at, end)
    value, end = _with_fraction(value, end, tokens)
    return Numeral(value, at, end, vague=end == at + 1 and word in _words().vague)


def _single(tokens: Sequence[str], at: int, word: str) -> Numeral | None:
    """A word such as "half", a month, or an ordinal."""
    vague = word in _words().vague
    if word in _words().fixed:
        value, end = _scaled(_words().fixed[word], tokens, at + 1)
        return Numeral(value, at, end, vague)
    if word in _words().months:
        return Numeral(Fraction(_words().months[word]), at, at + 1, vague, is_month=True)
    if word in _words().decades:
        return Numeral(Fraction(_words().decades[word]), at, at + 1, is_decade=True)
    if word in _words().ordinals:
        return Numeral(Fraction(_words().ordinals[word]), at, at + 1, vague, ordinal=True)
    return None


def _integer(tokens: Sequence[str], at: int) -> tuple[Fraction, int] | None:
    """An integer in words; "one forty five" is 145, and "twenty twenty one" 2021."""
    first = _small(tokens, at)
    if first is None:
        if tokens[at] in _words().scales:
            return _scaled(Fraction(1), tokens, at)
        return None
    value, end = first
    value, end = _scaled(value, tokens, end)
    following = _small(tokens, end)
    if following and following[0] >= 10 and value == int(value) and _is_joined(int(value), end - at):
        return value * 100 + following[0], following[1]
    return value, end


def _is_joined(value: int, count: int) -> bool:
    """True for the hundreds that are said without the word: "one forty", "nineteen eighty"."""
    return count == 1 and (1 <= value <= 9 or value in (18, 19, 20))


def _small(tokens: Sequence[str], at: int) -> tuple[Fraction, int] | None:
    """A number below a hundred, or one that is a word by itself, with the larger ones that are said before it."""
    before, first = 0, at
    smallest = None
    while (added := _words().added.get(_at(tokens, at))) and (smallest is None or added < smallest):
        before, smallest, at = before + added, added, at + 1
    if smallest is not None:
        last = _below_hundred(tokens, at)
        return (before + last[0], last[1]) if last and last[0] < smallest else (Fraction(before), at)
    return _below_hundred(tokens, first)


def _below_hundred(tokens: Sequence[str], at: int) -> tuple[Fraction, int] | None:
    word = _at(tokens, at)
    if word in _words().whole:
        return Fraction(_words().whole[word]), at + 1
    if word in _words().tens:
        following = at + 1 + (_at(tokens, at + 1) == "-")
        unit = _words().ones.get(_at(tokens, following)) or (
            _words().ordinals.get(_at(tokens, following))
            if _words().ordinals.get(_at(tokens, following), 10) < 10
            else None
        )
        if unit:
            return Fraction(_words().tens[word] + unit), following + 1
        return Fraction(_words().tens[word]), at + 1
    if word in _words().teens:
        return Fraction(_words().teens[word]), at + 1
    return (Fraction(_words().ones[word]), at + 1) if word in _words().ones else None


def _scaled(value: Fraction, tokens: Sequence[str], end: int) -> tuple[Fraction, int]:
    """The value with the scales that follow: "five hundred", "two thousand nine", "5 lakh"."""
    while (scale := _words().scales.get(_at(tokens, end))) is not None:
        value, end = value * scale, end + 1
        after = end + (_at(tokens, end) in _words().joins)
        more = _small(tokens, after)
        if more and more[0] < scale:
            below, after = more
            if _words().scales.get(_at(tokens, after), scale) < scale:
                below, after = _scaled(below, tokens, after)
            value, end = value + below, after
    return value, end


def _mixed(value: Fraction, tokens: Sequence[str], end: int) -> tuple[Fraction, int]:
    """Of "2-1/2" two and a half."""
    start = end + (_at(tokens, end) == "-")
    part = tuple(tokens[start : start + 3])
    if part in _PARTS and value.denominator == 1 and _at(tokens, start + 3) != "/":
        return value + Fraction(int(part[0]), int(part[2])), start + 3
    return value, end


_PARTS = frozenset((one, "/", of) for one, of in (("1", "2"), ("1", "3"), ("2", "3"), ("1", "4"), ("3", "4")))


def _with_fraction(value: Fraction, end: int, tokens: Sequence[str]) -> tuple[Fraction, int]:
    """The value with "and a half" or "and a quarter"."""
    for phrase in _fractions():
        if tuple(tokens[end : end + len(phrase)]) == phrase:
            return _scaled(value + _words().fixed[phrase[-1]], tokens, end + len(phrase))
    return value, end


@cache
def _fractions() -> list[tuple[str, ...]]:
    return [tuple(phrase.split()) for phrase in _words().fractions]


def _decimals(value: Fraction, tokens: Sequence[str], start: int, point: int) -> Numeral | None:
    """The number with decimals in words or digits: "seven point two"."""
    digits, end = "", point + 1
    while (
        len(digits) < _MOST_DECIMALS and (token := _at(tokens, end)) and (token in _words().ones or token.isdecimal())
    ):
        digits += token if token.isdecimal() else str(_words().ones[token])
        end += 1
    if not digits:
        small = _small(tokens, end)
        if small is None:
            return None if point == start else Numeral(value, start, point)
        digits, end = str(small[0]), small[1]
    return Numeral(value + Fraction(int(digits), 10 ** len(digits)), start, end)


def _at(tokens: Sequence[str], at: int) -> str:
    return tokens[at] if at < len(tokens) else ""


def _words() -> Numbers:
    return lexicon().numbers
