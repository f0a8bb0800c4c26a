"""Hebrew and Arabic words in Latin letters: scripts that leave out vowels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_LETTERS: Mapping[str, str] = {
    **dict.fromkeys("אعأإآاٱعءئؤ", "a"), "ו": "w", "ב": "b", "ף": "p", "פ": "p", "ח": "h", "כ": "k", "ך": "k",
    "צ": "ts", "ץ": "ts", "ى": "y", "ة": "a", "ه": "h", "ہ": "h", "ھ": "", "ں": "n",
}  # fmt: skip
"""Letters that anyascii romanises by their shape. The yah and waw of both scripts are consonant or vowel."""
_ALIKE = re.compile("([bpf](?=[bpf])|[gkq](?=[gkq])|[dt](?=[dt])|l(?=l)|n(?=n)|r(?=r)|[szj](?=[szj])|m(?=m))")
"""A consonant before one of its class."""


def spellings(word: str) -> Iterator[str]:
    """Consonants of one class may have a vowel between them; g is j and h is kh in foreign names."""
    from anyascii import anyascii

    spelt = anyascii("".join(_LETTERS.get(letter, letter) for letter in word)).lower().replace("ww", "b")
    yield spelt
    if _ALIKE.search(spelt):
        yield _ALIKE.sub(r"\1e", spelt)
    if "ג" in word:
        yield spelt.replace("g", "j")
    if "ח" in word:
        yield spelt.replace("h", "k")
