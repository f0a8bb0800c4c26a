"""The readings of Japanese names in kanji.

Common names are listed. Other names of two kanji are read as their first kanji is read at the beginning of listed
names, and their second one at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

_TODAY = str.maketrans(
    "實眞澤齊齋邊邉廣國櫻龍髙﨑嶋嶌濱濵黑榮惠寬龜圓學壽德遙槇關瀨淺彌應",
    "実真沢斉斎辺辺広国桜竜高崎島島浜浜黒栄恵寛亀円学寿徳遥槙関瀬浅弥応",
)
"""Kanji as they were written, or still are in names."""
_MOST_OF_A_KANJI = 2

_Counts = Mapping[str, Counter[str]]


@dataclass(frozen=True)
class _Readings:
    listed: Mapping[str, list[str]]
    """In kana, by name."""
    first: _Counts
    last: _Counts
    """How often a kanji has a reading as the first and as the last of two."""


def readings(name: str) -> Iterator[str]:
    """The readings of a name in kana, the likeliest first; none for most names that are not Japanese."""
    known = _known()
    name = name.translate(_TODAY)
    if name in known.listed:
        yield from known.listed[name]
    elif len(name) == 2:
        for end in _usual(known.last[name[1]]):
            yield from (start + end for start in _usual(known.first[name[0]]))


def _usual(found: Counter[str]) -> Iterator[str]:
    return (reading for reading, _ in found.most_common(_MOST_OF_A_KANJI))


@cache
def _known() -> _Readings:
    from japanese_personal_name_dataset import load_dataset

    men, women, families = load_dataset(include_last_names=True)
    listed: dict[str, list[str]] = defaultdict(list)
    for name, family in families.items():
        listed[name.translate(_TODAY)].append(family["reading"])
    pairs = [(name, reading) for name, found in listed.items() if len(name) == 2 for reading in found]
    for reading, given in (*men.items(), *women.items()):
        for name in given["kanji"]:
            listed[name.translate(_TODAY)].append(reading)
    first, last = _split(pairs)
    return _Readings(dict(listed), first, last)


def _split(pairs: list[tuple[str, str]]) -> tuple[_Counts, _Counts]:
    """Divide each reading between its two kanji as most of the other names with these kanji suggest."""
    first: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, Counter[str]] = defaultdict(Counter)
    for name, reading in pairs:
        for at in range(1, len(reading)):
            first[name[0]][reading[:at]] += 1
            last[name[1]][reading[at:]] += 1
    starts: dict[str, Counter[str]] = defaultdict(Counter)
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for name, reading in pairs:
        if len(reading) > 1:
            at = max(range(1, len(reading)), key=lambda at: first[name[0]][reading[:at]] * last[name[1]][reading[at:]])
            starts[name[0]][reading[:at]] += 1
            ends[name[1]][reading[at:]] += 1
    return starts, ends
