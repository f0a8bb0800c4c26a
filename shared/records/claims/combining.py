"""Numbers that belong together: durations such as 3/7, fractions, times of day, ranges and scales. Pure, linear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from shared.records.claims.quantity import Quantity
from shared.records.claims.tokens import is_number, is_word
from shared.records.claims.units import kind_and_factor
from shared.records.languages.lexicon import lexicon

_PARTS = {Fraction(7): "days", Fraction(52): "weeks", Fraction(12): "months"}
_MOST_PARTS = 30
_ALWAYS = (Fraction(24), Fraction(7))
"""24/7 is no duration."""
_FRACTIONS = frozenset((Fraction(one), Fraction(of)) for one, of in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4)))
"""Others are grades: 4/5."""
_SCALES = frozenset({Fraction(5), Fraction(6), Fraction(10)})
"""Highest values of strength, murmurs and pain."""
_LOWEST = frozenset({Fraction(0), Fraction(1)})
_HOURS = 24
_MINUTES = 60


def combined(tokens: Sequence[str], found: Sequence[Quantity]) -> list[Quantity]:
    """The quantities, those that two numbers make as one, and the first one of a range with the unit of the second."""
    kept: list[Quantity] = []
    for at, one in enumerate(found):
        before = kept[-1] if kept and kept[-1].end <= one.start else None
        dated = _is_dated(tokens, found, at)
        joined = _joined(tokens, before, one) if before and not dated else None
        if joined:
            kept[-1] = joined
            continue
        if before and (first := _first_of_range(tokens, before, one)):
            kept[-1] = first
        kept.append(one)
    return [
        replace(one, vague=True, scale=True) if _is_of_scale(tokens, kept, at) else one for at, one in enumerate(kept)
    ]


def joined_as_range(tokens: Sequence[str], one: Quantity, other: Quantity) -> str:
    """The sign or word of a range between two numbers, such as "-", "to" and "or"; empty if they are none."""
    between = _between(tokens, one, other)
    is_range = len(between) == 1 and (between[0] == "-" or between[0] in lexicon().numbers.ranges)
    return between[0] if is_range else ""


def _between(tokens: Sequence[str], one: Quantity, other: Quantity) -> tuple[str, ...]:
    return tuple(tokens[one.end : other.start]) if other.start - one.end <= 2 else ("", "", "")


def _is_dated(tokens: Sequence[str], found: Sequence[Quantity], at: int) -> bool:
    """True for a number of a date: a third one follows, or stands before, with a slash."""
    one = found[at]
    if at + 1 < len(found) and tokens[one.end : one.end + 1] == ["/"]:
        return True
    return at > 1 and tokens[found[at - 1].start - 1 : found[at - 1].start] == ["/"]


def _joined(tokens: Sequence[str], before: Quantity, one: Quantity) -> Quantity | None:
    """What the two numbers are together, if they are one thing."""
    between = _between(tokens, before, one)
    if before.kind:
        return None
    if between == ("/",):
        return _duration(before, one) or _fraction(tokens, before, one)
    if between == (":",) and not one.kind and _are_time(before, one) and one.start + 1 == one.end:
        return _time(before, one, before.said, one.said) if len(tokens[one.start]) == 2 else None
    return _spoken_time(before, one, between)


def _duration(before: Quantity, one: Quantity) -> Quantity | None:
    """Of 3/7 three days, of 2/52 two weeks and of 6/12 six months, as doctors write them."""
    unit = _PARTS.get(one.said) if not one.kind else None
    if unit is None or before.said > _MOST_PARTS or (before.said, one.said) == _ALWAYS:
        return None
    kind, factor = kind_and_factor(unit)
    return Quantity(before.said * factor, kind, before.start, one.end, before.said)


def _fraction(tokens: Sequence[str], before: Quantity, one: Quantity) -> Quantity | None:
    """Of "1/2 tablet" half a tablet: a word must follow."""
    following = tokens[one.start + 1 : one.start + 2]
    if (before.said, one.said) not in _FRACTIONS or not following or not is_word(following[0]):
        return None
    value = before.said / one.said
    factor = one.value / one.said if one.kind else Fraction(1)
    return Quantity(value * factor, one.kind, before.start, one.end, value)


def _are_time(hours: Quantity, minutes: Quantity) -> bool:
    return hours.said < _HOURS and minutes.said < _MINUTES


def _time(first: Quantity, last: Quantity, hour: Fraction, minute: Fraction) -> Quantity:
    """A time of day as it is spoken: 8:30 is "eight thirty", and 8:00 "eight"."""
    value = hour * 100 + minute if minute else hour
    return Quantity(value, "", first.start, last.end, value)


def _spoken_time(before: Quantity, one: Quantity, between: tuple[str, ...]) -> Quantity | None:
    """Of "half past eight" 8:30, and of "ten to nine" 8:50."""
    words, minute = lexicon().numbers, before.said
    if one.kind or len(between) != 1 or not minute or not 1 <= one.said <= _HOURS // 2:
        return None
    if minute < 1:
        minute *= _MINUTES
    if minute % 5 or minute >= _MINUTES:
        return None
    if between[0] in words.past:
        return _time(before, one, one.said, minute)
    if between[0] in words.to and before.said < 1:
        return _time(before, one, one.said - 1, _MINUTES - minute)
    return None


def _first_of_range(tokens: Sequence[str], before: Quantity, one: Quantity) -> Quantity | None:
    """Of "two to three days" two days, and of "two, two days" too: without a unit it would fit any."""
    between, words = _between(tokens, before, one), lexicon().numbers
    if before.kind or before.year or not one.kind or one.kind == "kind" or not one.said:
        return None
    if before.said == one.said and between in ((",",), ()):
        return replace(before, value=one.value, kind=one.kind)
    if between not in (("-",), ()) and not (len(between) == 1 and between[0] in words.ranges | words.beside):
        return None
    if not between and not (is_number(tokens[before.start]) and before.said < one.said):
        return None
    return replace(before, value=before.said * one.value / one.said, kind=one.kind)


def _is_of_scale(tokens: Sequence[str], found: Sequence[Quantity], at: int) -> bool:
    """True for the highest value of a scale, which nobody scored, as in "7/10", "out of ten" and "ten being the worst",
    and for both values of "on a scale of 1 to 10"."""
    one, words = found[at], lexicon().numbers
    before = found[at - 1] if at else None
    if one.kind or one.said not in _SCALES | _LOWEST:
        return False
    if before and _between(tokens, before, one) == ("/",) and not _is_dated(tokens, found, at):
        return one.said in _SCALES and before.said <= one.said
    if words.scales_of.intersection(tokens[one.end : one.end + 1]):
        return True
    if words.out_of.intersection(tokens[max(0, one.start - 2) : one.start]):
        return one.said in _SCALES
    pair = (before, one) if one.said in _SCALES else (one, found[at + 1] if at + 1 < len(found) else None)
    return pair[0] is not None and pair[1] is not None and _is_scale(tokens, pair[0], pair[1])


def _is_scale(tokens: Sequence[str], lowest: Quantity, highest: Quantity) -> bool:
    """True for "scale of 1 to 10" and "from zero to ten"."""
    between = _between(tokens, lowest, highest)
    if lowest.said not in _LOWEST or highest.said not in _SCALES or lowest.kind or highest.kind:
        return False
    if not (between == ("-",) or (len(between) == 1 and between[0] in lexicon().numbers.ranges)):
        return False
    return highest.said == max(_SCALES) or not lexicon().numbers.scales_of.isdisjoint(
        tokens[max(0, lowest.start - 3) : lowest.start]
    )
