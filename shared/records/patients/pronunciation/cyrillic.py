"""Cyrillic words in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_LETTERS: Mapping[str, str] = {
    "х": "kh", "ь": "", "ъ": "", "ј": "y", "љ": "ly", "њ": "ny", "ћ": "ch", "ђ": "dj", "џ": "j", "ў": "u", "ґ": "g",
    "ѓ": "g", "ѕ": "dz",
}  # fmt: skip


def spellings(word: str) -> Iterator[str]:
    """As in Russian; with г as the h of Ukrainian and foreign names; with ти and ди as chi and ji of Japanese ones."""
    spelt = "".join(_LETTERS.get(letter, letter) for letter in re.sub("^у(?=[иоеэ])", "w", word))
    yield spelt
    if "г" in spelt:
        yield spelt.replace("г", "h")
    if re.search("[тд][ия]", spelt):
        yield re.sub("т(?=[ия])", "ch", re.sub("д(?=[ия])", "j", spelt))
