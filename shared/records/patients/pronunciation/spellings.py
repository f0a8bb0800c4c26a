"""A word of any script in Latin letters, in each way that it may be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping

from shared.records.patients.pronunciation import (
    burmese,
    cyrillic,
    greek,
    han,
    hangul,
    indic,
    kana,
    semitic,
    thai,
)
from shared.records.patients.pronunciation.rules import applied

_LETTERS: Mapping[str, str] = {
    "ւ": "w", "អ": "a",
}  # fmt: skip
"""Letters that anyascii romanises by their shape or by another language's rule."""
_SEQUENCES = (
    ("ու", "u"),
    ("ហ្គ", "g"), ("ហ្វ", "f"), ("ហ្ស", "z"), ("ហ្ន", "n"), ("ហ្ម", "m"), ("័រ", "e"), ("ាំង", "ang"), ("ញ", "n"),
)  # fmt: skip
"""Letters of Armenian and Khmer that are read together."""

_INDIAN = "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "MALAYALAM", "ORIYA", "SINHALA", "TAMIL", "TELUGU"
_SCRIPTS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "ARABIC": semitic.spellings,
    "CJK": han.spellings,
    "CYRILLIC": cyrillic.spellings,
    "GREEK": greek.spellings,
    "HANGUL": hangul.spellings,
    "HEBREW": semitic.spellings,
    "HIRAGANA": kana.spellings,
    "KATAKANA": kana.spellings,
    "MYANMAR": burmese.spellings,
    **dict.fromkeys(_INDIAN, indic.spellings),
    "LAO": thai.spellings_of_lao,
    "THAI": thai.spellings,
}
"""Scripts with rules of their own, by the first word of the names of their letters in Unicode."""


def spellings(word: str) -> Iterator[str]:
    """The word (NFC) in a to z, the likely spelling first; empty without letters."""
    from anyascii import anyascii

    script = next((unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()), "")
    for spelt in _SCRIPTS.get(script, _spelt)(word):
        yield "".join(letter for letter in anyascii(spelt).lower() if "a" <= letter <= "z")


def _spelt(word: str) -> Iterator[str]:
    yield "".join(_LETTERS.get(letter, letter) for letter in applied(_SEQUENCES, word))
