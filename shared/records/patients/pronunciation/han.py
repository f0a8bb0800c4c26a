"""Words in Han characters, in Latin letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_SURNAMES: Mapping[str, str] = {
    "李": "lee", "黃": "wong", "黄": "wong", "吳": "ng", "吴": "ng", "許": "hui", "许": "hui",
}  # fmt: skip
"""Family names whose usual Latin spelling in Hong Kong differs from Pinyin."""


def spellings(word: str) -> Iterator[str]:
    """In Pinyin, and a family name as in Hong Kong."""
    yield word
    if word in _SURNAMES:
        yield _SURNAMES[word]
