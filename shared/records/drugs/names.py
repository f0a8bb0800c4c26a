"""Names of drugs, brand and generic, in all languages: the one list, read once; data/drugs.md says where it is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@cache
def medicines() -> Mapping[str, str]:
    """By each known name in lower case: the name of the medicine."""
    known: dict[str, str] = {}
    for name in ("drugs.txt", "drugs_by_hand.txt"):
        for line in _lines(name):
            generic, *others = line.split()
            known |= dict.fromkeys([*others, generic], known.get(generic, generic))
    return known


@cache
def often_prescribed() -> Sequence[str]:
    """International names of drugs that are often prescribed in primary and mental health care; all are known."""
    return _lines("often_prescribed.txt")


def _lines(name: str) -> list[str]:
    return _DATA.joinpath(name).read_text(encoding="utf-8").splitlines()


def drugs_in(tokens: Sequence[str]) -> dict[int, str]:
    """By the position of a token: the medicine that it names."""
    known = medicines()
    return {at: known[token] for at, token in enumerate(tokens) if token in known}


def is_misspelt(name: str, heard: str) -> bool:
    """True if a word that is no known name may be a misheard `name`: few letters differ."""
    allowed = 2 if len(name) >= 8 else 1
    if len(name) < 5 or abs(len(name) - len(heard)) > allowed or heard in medicines():
        return False
    return _distance(name, heard, allowed) <= allowed


def _distance(one: str, other: str, most: int) -> int:
    """The number of letters to change, insert or delete; more than `most` may be given as `most` + 1."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for column, against in enumerate(other, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (letter != against))
        if min(row) > most:
            return most + 1
    return row[-1]
