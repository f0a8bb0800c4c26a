"""Tokens: words, numbers and the signs that matter, in lower case. Pure, linear in the text."""

from __future__ import annotations

import re
import unicodedata

from shared.records.visits.risky_words import WORD

_TOKEN = re.compile(rf"covid[ -]?19|[^\W\d_]+\d+(?!\d*[/.]\d)\w*|{WORD.pattern}|[/%.,;:?!+।॥()\n-]")
"""A name such as SpO2 or B12 is one token: its digits are no number."""
ENDS = frozenset(".?!;:।॥\n")
"""Signs at which a clause certainly ends."""
SIGNS = ENDS | frozenset(",/%+()-")


def tokens_of(text: str) -> list[str]:
    """The tokens of a text; digits of all scripts become European ones, and joined contractions stay words."""
    folded = unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'").replace(" n't", "n't")
    return [_with_digits(token) for token in _TOKEN.findall(folded)]


def _with_digits(token: str) -> str:
    return token if token.isascii() else "".join(_digit(letter) for letter in token)


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def is_number(token: str) -> bool:
    """True for digits."""
    return token[0].isdigit()


def is_word(token: str) -> bool:
    """True for a word or a name."""
    return not is_number(token) and token not in SIGNS
