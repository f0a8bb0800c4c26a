"""How the writer's rules are written: patterns in any case, word lists, and lists of rewrites."""

from __future__ import annotations

import re

Rules = tuple[tuple[re.Pattern[str], str], ...]


def pattern(text: str) -> re.Pattern[str]:
    """A pattern that matches in any case."""
    return re.compile(text, re.IGNORECASE)


def verbose(text: str) -> re.Pattern[str]:
    """A pattern in any case that may run over lines: white space in it counts only when escaped."""
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


def any_of(*lists: str) -> re.Pattern[str]:
    """Any of the words in comma-separated lists (each a regular expression), whole and in any case."""
    words = [" ".join(word.split()) for words in lists for word in re.split(r",\s+", words.strip())]
    return pattern(rf"\b(?:{'|'.join(words)})\b")


def rules(*pairs: tuple[str, str]) -> Rules:
    """Rewrites, to be applied one after the other."""
    return tuple((pattern(text), replacement) for text, replacement in pairs)


def replaced(text: str, rewrites: Rules) -> str:
    """The text after all rewrites."""
    for found, replacement in rewrites:
        text = found.sub(replacement, text)
    return text
