"""Words in Han characters, in Latin letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.records.patients.pronunciation import kanji, liquids

_SURNAMES: Mapping[str, str] = {
    "李": "lee", "黃": "wong", "黄": "wong", "吳": "ng", "吴": "ng", "許": "hui", "许": "hui",
}  # fmt: skip
"""Family names whose usual Latin spelling in Hong Kong differs from Pinyin."""
_FOREIGN: Mapping[str, str] = {**dict.fromkeys("尔爾", "l"), **dict.fromkeys("加嘉迦伽", "ga"), "沃": "wo"}
"""Characters that foreign names are written with, as they sound in them."""


def spellings(word: str) -> Iterator[str]:
    """In Pinyin, and a family name as in Hong Kong; as a Japanese name; as a foreign one, with l or r."""
    from anyascii import anyascii

    pinyin = anyascii(word).lower()
    yield pinyin
    if word in _SURNAMES:
        yield _SURNAMES[word]
    yield from (anyascii(reading) for reading in kanji.readings(word))
    foreign = anyascii("".join(_FOREIGN.get(character, character) for character in word)).lower()
    if len(word) > 1 and ("l" in foreign or foreign != pinyin):
        yield from liquids.choices(foreign, "l")
