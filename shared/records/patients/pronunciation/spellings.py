"""A word of any script in Latin letters, in each way that it may be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from shared.records.patients.pronunciation import burmese, cyrillic, greek, han, hangul, kana, semitic, thai

_LETTERS: Mapping[str, str] = {
    "ஃ": "", "ւ": "w", "អ": "a",
}  # fmt: skip
"""Letters that anyascii romanises by their shape or by another language's rule. The yah and waw of Arabic are consonant
or vowel; the Tamil aytham only turns p into f."""
_SEQUENCES = (
    ("ու", "u"),
    ("ന്റ", "nt"), ("ൻറ", "nt"), ("ൻ്റ", "nt"), ("റ്റ", "tt"), ("ഖ", "kh"),
    ("ហ្គ", "g"), ("ហ្វ", "f"), ("ហ្ស", "z"), ("ហ្ន", "n"), ("ហ្ម", "m"), ("័រ", "e"), ("ាំង", "ang"), ("ញ", "n"),
)  # fmt: skip
"""Letters of Armenian, Malayalam and Khmer that are read together."""
_NASAL_SIGNS = re.compile("[\u0901\u0902\u0981\u0982\u0a02\u0a70\u0a82\u0b02\u0c02\u0c82\u0d02\u0d82]")
"""Anusvara, candrabindu and tippi of the Indian scripts: the nasal of the next consonant."""
_FINAL_M = re.compile("[\u0c02\u0c82\u0d02\u0d82]$")
"""The anusvara at the end of a Telugu, Kannada, Malayalam or Sinhala word is m."""

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
    for letters, latin in _SEQUENCES:
        word = word.replace(letters, latin)
    yield _NASAL_SIGNS.sub("n", _FINAL_M.sub("m", "".join(_LETTERS.get(letter, letter) for letter in word)))
