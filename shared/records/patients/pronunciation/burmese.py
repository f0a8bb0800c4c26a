"""Burmese words in Latin letters. A consonant without a sign has the vowel a; one with the sign asat has none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from shared.records.patients.pronunciation.rules import applied

_RULES = (
    ("ိုင်", "aing"), ("([ငန])့်", r"\1်T"), ("[ည\u109aယ]်", "i"), ("(?:ရ|ယ|သျ)ှ", "sh"), ("ှ", ""), ("[ခဆ][ျြ]", "ch"),
    ("ဂ[ျြ]", "j"), ("[့း]", ""), ("င်္", "n"), ("္", "်"), ("အ(?=[\u102b-\u1032\u1036])", ""),
)  # fmt: skip
_LETTERS: Mapping[str, str] = {"စ": "s", "ဆ": "s", "ဇ": "z", "ဈ": "z", "င": "ng", "အ": "", "ြ": "y", "ွ": "w", "ဝ": "w"}


def spellings(word: str) -> Iterator[str]:
    """As in Burmese names, where the letter ra is y and a nasal with a dot ends in t; then as in foreign ones."""
    spelt = "".join(_LETTERS.get(letter, letter) for letter in _voiced(applied(_RULES, word)))
    yield spelt.replace("ရ", "y")
    foreign = spelt.replace("ရ", "r").replace("aing", "ai").replace("T", "")
    yield foreign
    if "သ" in spelt:
        yield foreign.replace("သ", "t")
    if "s်" in spelt:
        yield foreign.replace("s်", "t")


def _voiced(word: str) -> str:
    """The word with an a behind each consonant that has no sign."""
    return re.sub("([က-အ])(?![\u102b-\u103e])", r"\1a", re.sub("([a-zT]|[ျြွ])(?=[က-အ]|$)", r"\1a", word))
