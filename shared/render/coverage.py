"""Which characters the bundled fonts have. Needs no font: functions that issue documents and print none have none."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.render.bidi import ISOLATES
from shared.render.families import FAMILIES
from shared.render.typography import clean

_USUAL = re.compile("[ -~\u00a0-\u024f\u0900-\u0963\u2010-\u201e]*")
"""Characters that the fonts have: nearly all texts need no look at the ranges."""
_WITHOUT_GLYPH = re.compile(f"[\n{''.join(ISOLATES)}\u180b-\u180f\u200b-\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters that are invisible by themselves, which `clean` leaves in a text."""


def unprintable(document: Any) -> dict[str, str]:
    """The texts of a document that cannot be printed, by JSON pointer, with the characters that no font has."""
    found: dict[str, str] = {}
    _add_unprintable(document, "", found)
    return found


def missing(text: str) -> str:
    """The characters of a text that no bundled font has, each once."""
    if _USUAL.fullmatch(text):
        return ""
    unusual = dict.fromkeys(_WITHOUT_GLYPH.sub("", clean(text)))
    return "".join(one for one in unusual if not any(has_glyph(family, one) for family in FAMILIES))


def has_glyph(family: str, character: str) -> bool:
    """True if a family has the character in each of its weights."""
    starts, ends = _ranges(family)
    at = bisect_right(starts, ord(character)) - 1
    return at >= 0 and ord(character) <= ends[at]


def _add_unprintable(value: Any, pointer: str, found: dict[str, str]) -> None:
    """Add what is not printable in a dataclass or a model, whose members may be such, and tuples of such."""
    if isinstance(value, str):
        if characters := missing(value):
            found[pointer] = characters
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            _add_unprintable(each, f"{pointer}/{index}", found)
    else:
        for name in _members(value.__class__):
            _add_unprintable(getattr(value, name), f"{pointer}/{name}", found)


@cache
def _members(kind: type) -> tuple[str, ...]:
    """The names of the members of a dataclass or a model; other types have none."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return tuple(kind.model_fields) if issubclass(kind, BaseModel) else ()


@cache
def _ranges(family: str) -> tuple[list[int], list[int]]:
    """The first and the last code points of the ranges of a family."""
    pairs = [part.split("-") for part in _lines()[family].split()]
    return [int(pair[0], 16) for pair in pairs], [int(pair[-1], 16) for pair in pairs]


@cache
def _lines() -> dict[str, str]:
    """The ranges of each family, as `tools.font_coverage` writes them."""
    lines = (Path(__file__).parent / "coverage.txt").read_text("ascii").splitlines()
    return {name: ranges for name, _, ranges in (line.partition(":") for line in lines)}
