"""Rules of spelling: patterns, and what stands for them."""

from __future__ import annotations

import re
from collections.abc import Iterable


def applied(rules: Iterable[tuple[str, str]], word: str) -> str:
    """The word after each rule, one after the other."""
    for pattern, replacement in rules:
        word = re.sub(pattern, replacement, word)
    return word
