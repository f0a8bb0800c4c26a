"""Word error rate of a transcript."""

from __future__ import annotations

import re
from itertools import pairwise

_SMALL = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SAME = {"milligram": "mg", "milligrams": "mg", "okay": "ok", "alright": "all right", "behavioural": "behavioral"}


def normalise(text: str) -> list[str]:
    """The words of `text` in lower case without punctuation, numbers below 100 as digits, units short."""
    bare = re.sub(r"(?<=\w)['\u2019](?=\w)", "", text.lower())
    words = re.sub(r"(?<=\d)(?=[a-z])|\W|_", " ", bare).split()
    return " ".join(_SAME.get(word, word) for word in _digits(words)).split()


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Insertions, deletions and substitutions for each word of `reference`, both normalised; may be over 1.

    Raises ValueError when the reference has no words.
    """
    expected, heard = normalise(reference), normalise(hypothesis)
    if not expected:
        raise ValueError("The reference has no words.")
    return edit_distance(expected, heard) / len(expected)


def edit_distance(left: list[str], right: list[str]) -> int:
    """The fewest insertions, deletions and substitutions that turn `left` into `right`."""
    above = list(range(len(right) + 1))
    for row, word in enumerate(left, start=1):
        current = [row]
        for column, (diagonal, up) in enumerate(pairwise(above)):
            current.append(min(current[-1] + 1, up + 1, diagonal + (word != right[column])))
        above = current
    return above[-1]


def _digits(words: list[str]) -> list[str]:
    """Number words as digits; `forty` `five` is one number."""
    written: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        unit = _SMALL.get(word, 0)
        if before in _TENS and 1 <= unit <= 9:
            written[-1] = str(_TENS[before] + unit)
        else:
            written.append(str((_SMALL | _TENS).get(word, word)))
    return written
