"""Which drug a number belongs to, and which numbers were said of a drug. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.records.claims.quantity import Quantity

FAR = 12
"""Tokens between a drug and a number that is said of it."""
_JUST_BEFORE = 3


def owner_of(one: Quantity, drugs: Mapping[int, str], most: int) -> str | None:
    """The drug that a number belongs to: the last one before it within so many tokens, or else the next one."""
    before = (at for at in range(one.start - 1, one.start - most - 1, -1) if at in drugs)
    after = (at for at in range(one.end, one.end + most) if at in drugs)
    place = next(before, next(after, None))
    return None if place is None else drugs[place]


def of_drug(drug: str, quantities: Iterable[Quantity], drugs: Mapping[int, str]) -> Iterator[Quantity]:
    """The numbers of a line that are said of this drug, or of none; "20 mg of lisinopril" too."""
    for one in quantities:
        just_before = any(drugs.get(at) == drug for at in range(one.end, one.end + _JUST_BEFORE + 1))
        if just_before or owner_of(one, drugs, FAR) in (None, drug):
            yield one
