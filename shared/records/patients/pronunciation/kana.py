"""Japanese words in kana, in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MOST_LIQUIDS = 2
"""Letters that are read as r and as l, each by itself; those behind are as the last of them."""


def spellings(word: str) -> Iterator[str]:
    """Katakana writes foreign names, so its r is l too."""
    from anyascii import anyascii

    spelt = re.sub("ウ(?=[ィェォ])", "w", word.replace("ッ", "").replace("っ", "").replace("ヴ", "v"))
    latin = anyascii(spelt.replace("ー", "")).lower()
    foreign = re.search("[\u30a1-\u30fa]", spelt)
    count = min(latin.count("r"), _MOST_LIQUIDS) if foreign else 0
    for choice in range(2**count):
        yield _chosen(latin, [choice >> place & 1 == 1 for place in range(count)])


def _chosen(latin: str, as_l: list[bool]) -> str:
    """The word with an l for those r that are chosen."""
    first, *rest = latin.split("r")
    chosen = [*as_l, *as_l[-1:] * len(rest)] or [False] * len(rest)
    return first + "".join(("l" if is_l else "r") + part for is_l, part in zip(chosen, rest, strict=False))
