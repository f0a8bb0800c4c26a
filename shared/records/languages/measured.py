"""Lists of words that count or measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

_NONE: frozenset[str] = frozenset()


def _nothing() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class Numbers:
    """Number words, by value."""

    ones: Mapping[str, int] = field(default_factory=_nothing)
    teens: Mapping[str, int] = field(default_factory=_nothing)
    tens: Mapping[str, int] = field(default_factory=_nothing)
    ordinals: Mapping[str, int] = field(default_factory=_nothing)
    whole: Mapping[str, int] = field(default_factory=_nothing)
    """Words that stand for themselves: nothing is added to them but by a scale."""
    added: Mapping[str, int] = field(default_factory=_nothing)
    """Forms of hundreds, thousands and tens that are said before a smaller number, which is added to them."""
    scales: Mapping[str, int] = field(default_factory=_nothing)
    fixed: Mapping[str, Fraction] = field(default_factory=dict)
    """Such as "half" and "twice"."""
    months: Mapping[str, int] = field(default_factory=_nothing)
    decades: Mapping[str, int] = field(default_factory=_nothing)
    """Of a life or a century: "seventies"."""
    joins: frozenset[str] = _NONE
    """Between the parts of a number: "and"."""
    points: frozenset[str] = _NONE
    """Before decimals."""
    ranges: frozenset[str] = _NONE
    """Between the lowest and the highest number: "to", "or"."""
    beside: frozenset[str] = _NONE
    """Between two lengths of one thing: "by"."""
    out_of: frozenset[str] = _NONE
    """Before the highest value of a scale, behind the score: "out of", without small words."""
    scales_of: frozenset[str] = _NONE
    """Words of somebody who names a scale: "scale", "being"."""
    past: frozenset[str] = _NONE
    """Between minutes and the hour before: "ten past eight"."""
    to: frozenset[str] = _NONE
    """Between minutes and the hour after: "quarter to nine"."""
    ordinal_endings: frozenset[str] = _NONE
    vague: frozenset[str] = _NONE
    """Words that are often no numbers: counted only where something was said, never in a claim."""
    fractions: tuple[str, ...] = ()
    """Phrases behind a number that add a part of it: "and a half"; the last word is one of `fixed`."""


@dataclass(frozen=True)
class Measures:
    """Units and frequencies."""

    units: Mapping[str, str] = field(default_factory=dict)
    """By the name of a unit in `claims.units`: its spellings, separated by spaces."""
    periods: Mapping[str, str] = field(default_factory=dict)
    """By day, night, week, month or year: the words of a frequency's period."""
    adverbs: frozenset[str] = _NONE
    """Those of `periods` that are a frequency alone: "daily"."""
    frequencies: Mapping[str, Fraction] = field(default_factory=dict)
    """By a phrase: times a day."""
    latin: Mapping[str, Fraction] = field(default_factory=dict)
    """Abbreviated frequencies, as times a day."""
    times: frozenset[str] = _NONE
    """Behind the number of a frequency: "times"."""
    counted: frozenset[str] = _NONE
    """Number words that are a frequency without `times`: "twice"."""
    every: frozenset[str] = _NONE
    """Before the time between two doses."""
    each: frozenset[str] = _NONE
    """Before a period that implies once."""
    articles: frozenset[str] = _NONE
    """Between the number of times and its period: "a"."""
    one: frozenset[str] = _NONE
    """Words that imply one before a unit: "a week"."""
    numbered: frozenset[str] = _NONE
    """A number behind one of these belongs to it: "type 2"."""
    lettered: frozenset[str] = _NONE
    """Letters that are a name with the small number behind them: "B twelve", "L four"."""
    also_terms: frozenset[str] = _NONE
    """Words of numbers and units that are compared as words too: "pounds"."""
    forms: frozenset[str] = _NONE
    """Further words of a dose's form or time, whose mishearing does harm."""
