"""Whether a diagnosis can be coded so on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice, pairwise

from shared.records.diagnoses.codes import IcdCode, IcdList, IcdSystem, codes_of

_FORMS = {
    IcdSystem.WHO: re.compile(r"[A-Z]\d\d(\.\d{1,2})?"),
    IcdSystem.CLINICAL_MODIFICATION: re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
}
_NAMES = {IcdSystem.WHO: "ICD-10", IcdSystem.CLINICAL_MODIFICATION: "ICD-10-CM"}
_MOST_NAMED = 12
"""Codes that an answer names instead of a wrong one."""
_CATEGORY = 3
"""The length of a category, such as F41."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code in the form of its system, and what is wrong about it."""

    code: str
    title: str | None = None
    """None if it is wrong, or if the system's list is not here."""
    wrong: str = ""


def coded(text: str, system: IcdSystem, day: date) -> Coded:
    """Check a code on the day of the service. `f411` is F41.1.

    ICD-10-CM codes must have no further subdivision on that day; a category of WHO's ICD-10 is a code.
    """
    code = _with_point(text)
    if not _FORMS[system].fullmatch(code):
        return Coded(code, wrong=f"is not of the form of an {_NAMES[system]} code, such as F41.1")
    known = codes_of(system)
    if known is None:
        return Coded(code)
    found = known.find(code)
    if found is None:
        return Coded(code, wrong=f"is no {_NAMES[system]} code{_named('; there are ', _near(known, code, day))}")
    if not found.is_valid_on(day):
        return Coded(code, wrong=_outside(known, found, day))
    parts = "" if system == IcdSystem.WHO else _named(": choose one of ", _divided(known, code, day))
    if parts:
        return Coded(code, wrong=f"is divided further{parts}")
    return Coded(code, found.title)


def _with_point(text: str) -> str:
    plain = text.strip().upper().replace(".", "")
    return f"{plain[:_CATEGORY]}.{plain[_CATEGORY:]}" if len(plain) > _CATEGORY else plain


def _outside(known: IcdList, found: IcdCode, day: date) -> str:
    """What is said of a code that is not valid on a day. The source names no successor of a code that ended: those that
    begin as it did and are valid stand in for it."""
    if day.isoformat() < found.first_day:
        return f"is valid from {found.first_day}; the service was on {day}"
    others = _near(known, found.code, day)
    return f"was valid until {found.last_day}; the service was on {day}{_named('. Valid then: ', others)}"


def _divided(known: IcdList, code: str, day: date) -> Iterator[str]:
    """The valid codes one step below a code, or further below where there is no code in between."""
    last = None
    for one in _valid(known, code, day):
        if one != code and (last is None or not one.startswith(last)):
            last = one
            yield one


def _near(known: IcdList, code: str, day: date) -> list[str]:
    """Valid codes without further division that begin as this one does: as many of its characters as possible."""
    for length in range(len(code), _CATEGORY - 1, -1):
        others = (one for one in _undivided(_valid(known, code[:length], day)) if one != code)
        if found := [*islice(others, _MOST_NAMED + 1)]:
            return found
    return []


def _undivided(codes: Iterable[str]) -> Iterator[str]:
    """Of sorted codes those that no other one begins with."""
    for one, following in pairwise(chain(codes, [""])):
        if not following.startswith(one):
            yield one


def _valid(known: IcdList, stem: str, day: date) -> Iterator[str]:
    return (one.code for one in known.below(stem) if one.is_valid_on(day))


def _named(begin: str, codes: Iterable[str]) -> str:
    """The first codes, and whether there are more."""
    named = [*islice(codes, _MOST_NAMED + 1)]
    more = " …" if len(named) > _MOST_NAMED else ""
    return f"{begin}{', '.join(named[:_MOST_NAMED])}{more}" if named else ""
