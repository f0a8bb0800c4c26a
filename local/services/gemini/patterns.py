"""The notation of the writer's rules: case-insensitive patterns, word lists, and lists of rewrites."""

from __future__ import annotations

import re

Rules = tuple[tuple[re.Pattern[str], str], ...]


def pattern(text: str) -> re.Pattern[str]:
    """A case-insensitive pattern."""
    return re.compile(text, re.IGNORECASE)


def verbose(text: str) -> re.Pattern[str]:
    """A case-insensitive pattern in verbose syntax: white space matches only if escaped."""
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


def any_of(*lists: str) -> re.Pattern[str]:
    """Matches the words in comma-separated lists (each a regular expression) as whole words, case-insensitively."""
    words = [" ".join(word.split()) for words in lists for word in re.split(r",\s+", words.strip())]
    return pattern(rf"\b(?:{'|'.join(words)})\b")


def rules(*pairs: tuple[str, str]) -> Rules:
    """Rewrites, applied in order."""
    return tuple((pattern(text), replacement) for text, replacement in pairs)


def replaced(text: str, rewrites: Rules) -> str:
    """The text after all rewrites."""
    for found, replacement in rewrites:
        text = found.sub(replacement, text)
    return text
