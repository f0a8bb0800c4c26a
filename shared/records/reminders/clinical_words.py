"""Words that no message about an appointment has: a message travels unprotected and is read on locked screens.

Whoever sees it learns that somebody has an appointment, and must not learn what for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from shared.records.drugs.names import medicines

_BETWEEN_WORDS = re.compile("[\\s.,;:!?()\\[\\]/\"'\u2019\u201c\u201d|\u0964\u060c\u061b\u061f_-]+")
_ARTICLE = "\u0627\u0644"
"""The Arabic article, which is written as a part of the word."""


def clinical_words_in(text: str) -> Sequence[str]:
    """The words of a text that tell of health, in order and each once: of diseases, specialties, treatments, drugs."""
    words = dict.fromkeys(_BETWEEN_WORDS.split(text.casefold()))
    return [word for word in words if word and _is_clinical(word)]


def _is_clinical(word: str) -> bool:
    whole, beginnings = _known()
    forms = {word, word.removeprefix(_ARTICLE)}
    return any(one in whole or one in medicines() or one.startswith(beginnings) for one in forms)


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole words, and beginnings of words, which end in an asterisk in the file."""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split()
    beginnings = tuple(line.removesuffix("*") for line in lines if line.endswith("*"))
    return frozenset(line for line in lines if not line.endswith("*")), beginnings
