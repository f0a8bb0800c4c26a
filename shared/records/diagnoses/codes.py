"""The lists of ICD-10, read once and looked up by bisection; data/icd10.md says where they are from."""

from __future__ import annotations

import lzma
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


class IcdSystem(StrEnum):
    """An edition of ICD-10."""

    WHO = "icd_10"
    """WHO's own, as in India."""
    CLINICAL_MODIFICATION = "icd_10_cm"
    """ICD-10-CM, as in the United States."""


@dataclass(frozen=True, slots=True)
class IcdCode:
    """A code with its title."""

    code: str
    first_day: str
    """ISO 8601, as the last day; empty is no bound."""
    last_day: str
    title: str

    def is_valid_on(self, day: date) -> bool:
        on = day.isoformat()
        return self.first_day <= on and (not self.last_day or on <= self.last_day)


class IcdList:
    """The codes of a system, sorted. A line is kept as it was read until it is looked up."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def find(self, code: str) -> IcdCode | None:
        """A code by its exact form, such as F41.1."""
        line = next(self._from(f"{code}\t"), None)
        return line if line and line.code == code else None

    def below(self, stem: str) -> Iterator[IcdCode]:
        """The codes that begin with these characters, in their order."""
        for line in self._from(stem):
            if not line.code.startswith(stem):
                return
            yield line

    def _from(self, key: str) -> Iterator[IcdCode]:
        for at in range(bisect_left(self._lines, key.encode()), len(self._lines)):
            yield IcdCode(*self._lines[at].decode().split("\t"))


_FILES = {IcdSystem.CLINICAL_MODIFICATION: "icd10cm.xz", IcdSystem.WHO: "icd10who.xz"}


@cache
def codes_of(system: IcdSystem) -> IcdList | None:
    """The list of a system; None for one that is not here: WHO's is written by who has WHO's licence."""
    file = _DATA / _FILES[system]
    return IcdList(lzma.decompress(file.read_bytes()).split(b"\n")) if file.exists() else None
