"""How word lists are written."""

from __future__ import annotations

import re


def listed(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a text, separated by commas or lines."""
    return tuple(phrase for part in text.replace("\n", ",").split(",") if (phrase := part.strip()))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that are not empty; a line that ends with a comma goes on in the next one."""
    joined = re.sub(r",\s*\n\s*", ", ", text)
    return tuple(line.strip() for line in joined.split("\n") if line.strip())


def counted(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """The values of words in order; words of one value are joined by a slash."""
    return {word: first + step * at for at, group in enumerate(words.split()) for word in group.split("/")}
