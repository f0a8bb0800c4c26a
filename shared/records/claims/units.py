"""Units of quantities: conversion to one unit of each kind, by the spellings of all languages. Numbers are exact."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from shared.records.languages.lexicon import lexicon

_KINDS: Mapping[str, tuple[str, Fraction]] = {
    "nanogram": ("mass", Fraction(1, 1000)),
    "microgram": ("mass", Fraction(1)),
    "milligram": ("mass", Fraction(1000)),
    "gram": ("mass", Fraction(1_000_000)),
    "kilogram": ("mass", Fraction(1_000_000_000)),
    "millilitre": ("volume", Fraction(1)),
    "litre": ("volume", Fraction(1000)),
    "unit": ("count", Fraction(1)),
    "tablet": ("tablet", Fraction(1)),
    "puff": ("puff", Fraction(1)),
    "drop": ("drop", Fraction(1)),
    "percent": ("percent", Fraction(1)),
    "second": ("hours", Fraction(1, 3600)),
    "minute": ("hours", Fraction(1, 60)),
    "hour": ("hours", Fraction(1)),
    "day": ("hours", Fraction(24)),
    "week": ("hours", Fraction(168)),
    "fortnight": ("hours", Fraction(336)),
    "month": ("months", Fraction(1)),
    "year": ("months", Fraction(12)),
    "time": ("times", Fraction(1)),
    "millimetre of mercury": ("pressure", Fraction(1)),
    "degree": ("degrees", Fraction(1)),
    "millimetre": ("length", Fraction(1)),
    "centimetre": ("length", Fraction(10)),
    "metre": ("length", Fraction(1000)),
    "mile": ("distance", Fraction(1609)),
    "kilometre": ("distance", Fraction(1000)),
    "millimole": ("amount", Fraction(1)),
    "milliequivalent": ("equivalents", Fraction(1)),
    "pound": ("pounds", Fraction(1)),
    "inch": ("inches", Fraction(1)),
    "foot": ("inches", Fraction(12)),
    "beat": ("rate", Fraction(1)),
    "pack": ("pack", Fraction(1)),
}
"""By the name of a unit, under which the word lists have its spellings: its kind, and how many of the kind's smallest
unit it is."""
DOSED = frozenset({"mass", "volume", "count", "tablet", "puff", "drop"})
_PERIODS: Mapping[str, Fraction] = {
    "day": Fraction(1),
    "night": Fraction(1),
    "week": Fraction(1, 7),
    "month": Fraction(1, 30),
    "year": Fraction(1, 365),
}


@cache
def units() -> Mapping[str, tuple[str, Fraction]]:
    """By the spelling of a unit: its kind, and how many of the kind's smallest unit it is."""
    spellings = lexicon().measures.units
    return {word: _KINDS[name] for name, words in spellings.items() for word in words.split()}


@cache
def periods() -> Mapping[str, Fraction]:
    """By a word of a frequency's period: periods a day."""
    spellings = lexicon().measures.periods
    return {word: _PERIODS[name] for name, words in spellings.items() for word in words.split()}


def kind_and_factor(word: str) -> tuple[str, Fraction]:
    """The kind of a unit and its factor; no kind for a word that is none."""
    return units().get(word, ("", Fraction(0)))
