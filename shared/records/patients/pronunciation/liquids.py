"""Scripts with one letter for l and r."""

from __future__ import annotations

from collections.abc import Iterator

_MOST = 2
"""Letters that are read as r and as l, each by itself; those behind are as the last of them."""


def choices(latin: str, liquid: str) -> Iterator[str]:
    """The word with l and with r in each place of `liquid`."""
    first, *rest = latin.split(liquid)
    count = min(len(rest), _MOST)
    for choice in range(2**count):
        chosen = ["l" if choice >> min(place, count - 1) & 1 else "r" for place in range(len(rest))]
        yield first + "".join(letter + part for letter, part in zip(chosen, rest, strict=True))
