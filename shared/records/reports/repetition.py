"""Detection of a model's repetition loop: the same statement or phrase over and over, whatever its case, punctuation,
spaces, list numbers or numbers. Pure, and linear in the text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

MOST_COPIES = 5
"""Copies of one statement in one section. A model repeats a statement where it cites it again, not more often."""
MOST_READINGS = 31
"""Statements of one section that differ only in numbers: the diary of a month, one reading a day."""
MOST_PHRASE_COPIES = 5
"""Copies of a phrase in immediate succession."""
MOST_PHRASE_READINGS = 14
"""Phrases in immediate succession that differ only in numbers: readings of two weeks in one statement."""
LEAST_LOOP = 12
"""Words (or, in a word, characters) that a loop of phrases covers: "no, no, no, no, no, no" is no loop."""
LEAST_PHRASE = 3
"""Different words, beside numbers, of phrases that differ only in numbers: "120 mg, 130 mg" is a list of numbers."""
LEAST_MONOTONY = 500
"""Words of a draft whose vocabulary counts."""
LEAST_VARIETY = 0.05
"""Different words per word; an ordinary text of 5,000 words has 0.17."""
_LONGEST_PHRASE = 40
"""Words; a longer phrase repeats as a statement."""
_LONG_WORD = 60
"""Characters; a longer word is searched for repeated characters. Some scripts have no spaces between words."""

_NUMBER = "0"
"""Stands for any number."""
_DIGITS = re.compile(r"\d+(?:[.,/:-]\d+)*")
_ONLY_NUMBER = re.compile(rf"{_DIGITS.pattern}(?:st|nd|rd|th|%)?")
_MARKS = ".,;:!?…\"'`´‘’“”„«»()[]{}<>#*•·|\\/_~–—-।॥،؛؟。、，！？；：「」『』"  # noqa: RUF001
"""Punctuation at the ends of words."""
_LIST_NUMBER = re.compile(
    r"(?:^|(?<=[.;!?।。\n]))\s*(?:[-–—•*·]\s+)?[(\[#]?(?:\d{1,4}(?:\.\d{1,3})*|[^\W\d_]|[ivxlc]{1,7})[.):\]]+(?=\s)"
)
"""The number or letter of an item, such as `12.`, `(3)`, `- b)` or `iv.`, at the beginning of a sentence."""


def has_copies(statements: Iterable[tuple[str, str]]) -> bool:
    """True if one section has too many statements (section, text) with the same text."""
    counts = Counter((section, normalized(text)) for section, text in statements)
    return max(counts.values(), default=0) > MOST_COPIES


def is_monotonous(statements: Iterable[tuple[str, str]]) -> bool:
    """True if one section has too many statements (section, text) that differ only in numbers, or if a long draft has
    nearly no different words."""
    blind = [(section, _without_numbers(normalized(text))) for section, text in statements]
    words = [word for _, text in blind for word in text.split()]
    narrow = len(words) >= LEAST_MONOTONY and len(set(words)) < LEAST_VARIETY * len(words)
    return narrow or max(Counter(blind).values(), default=0) > MOST_READINGS


def repeats_phrase(text: str) -> bool:
    """True if a phrase of up to 40 words follows itself too often, or characters within a long word do. A line of one
    character, such as a rule of dashes, is no loop."""
    words = normalized(text).split()
    blind = [_NUMBER if _ONLY_NUMBER.fullmatch(word) else word for word in words]
    return (
        _has_loop(words, MOST_PHRASE_COPIES)
        or _has_loop(blind, MOST_PHRASE_READINGS, LEAST_PHRASE)
        or any(_has_loop(word, MOST_PHRASE_COPIES) for word in words if len(word) > _LONG_WORD and len(set(word)) > 1)
    )


def normalized(text: str) -> str:
    """The text without case, list numbers, punctuation at the ends of words, and differences in spaces and in forms of
    the same character."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (word.strip(_MARKS) for word in _LIST_NUMBER.sub(" ", folded).split())
    return " ".join(filter(None, words))


def _without_numbers(text: str) -> str:
    return _DIGITS.sub(_NUMBER, text)


def _has_loop(units: Sequence[str], most: int, least_words: int = 0) -> bool:
    """True if a phrase with enough different words follows itself more than `most` times."""
    longest = min(_LONGEST_PHRASE, len(units) // (most + 1))
    return any(
        len({*units[end - period : end]} - {_NUMBER}) >= least_words
        for period in range(1, longest + 1)
        for end in _loop_ends(units, period, most)
    )


def _loop_ends(units: Sequence[str], period: int, most: int) -> Iterator[int]:
    """The end of every run of units with this period that is long enough."""
    needed = max(LEAST_LOOP, period * (most + 1)) - period
    run = 0
    for at, (unit, following) in enumerate(zip(units, units[period:], strict=False), start=1):
        run = run + 1 if unit == following else 0
        if run == needed:
            yield at
