"""Detection of a model's repetition loop: the same statement or phrase over and over. Pure, and linear in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

MOST_COPIES = 5
"""Copies of one statement in one section. A model repeats a statement where it cites it again, not more often."""
MOST_PHRASE_COPIES = 5
"""Copies of a phrase in immediate succession."""
LEAST_LOOP = 12
"""Words (or, in a word, characters) that a loop of phrases covers: "no, no, no, no, no, no" is no loop."""
_LONGEST_PHRASE = 40
"""Words; a longer phrase repeats as a statement."""
_LONG_WORD = 60
"""Characters; a longer word is searched for repeated characters. Some scripts have no spaces between words."""


def has_copies(statements: Iterable[tuple[str, str]]) -> bool:
    """True if one section has too many statements (section, text) with the same text."""
    counts = Counter((section, normalized(text)) for section, text in statements)
    return max(counts.values(), default=0) > MOST_COPIES


def repeats_phrase(text: str) -> bool:
    """True if a phrase of up to 40 words follows itself too often, or characters within a long word do. A line of one
    character, such as a rule of dashes, is no loop."""
    words = normalized(text).split()
    return _has_loop(words) or any(_has_loop(word) for word in words if len(word) > _LONG_WORD and len(set(word)) > 1)


def normalized(text: str) -> str:
    """The text without case, punctuation at the ends of words, and differences in spaces."""
    return " ".join(word.strip(".,;:!?") for word in text.casefold().split())


def _has_loop(units: Sequence[Hashable]) -> bool:
    longest = min(_LONGEST_PHRASE, len(units) // (MOST_PHRASE_COPIES + 1))
    return any(_covered(units, period) for period in range(1, longest + 1))


def _covered(units: Sequence[Hashable], period: int) -> bool:
    """True if units with this period follow each other for long enough."""
    needed = max(LEAST_LOOP, period * (MOST_PHRASE_COPIES + 1)) - period
    run = 0
    for unit, following in zip(units, units[period:], strict=False):
        run = run + 1 if unit == following else 0
        if run >= needed:
            return True
    return False
