"""Writes `shared/render/coverage.txt`: the characters that the bundled fonts have, for functions without the fonts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.render.font import load_font
from shared.render.typography import FAMILIES

FILE = Path(__file__).parent.parent / "shared" / "render" / "coverage.txt"


def codes() -> set[int]:
    """The code points that a family has in each of its weights."""
    return {
        code for family in FAMILIES for code in load_font(family, "Regular").codes & load_font(family, "Bold").codes
    }


def ranges(found: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Code points as the longest ranges, each with its first and last one."""
    ordered = sorted(found)
    start = 0
    for index in range(1, len(ordered) + 1):
        if index == len(ordered) or ordered[index] != ordered[index - 1] + 1:
            yield ordered[start], ordered[index - 1]
            start = index


def written() -> str:
    """The content of the file: a range in each line, in hexadecimal."""
    lines = [f"{first:04X}" if first == last else f"{first:04X}-{last:04X}" for first, last in ranges(codes())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "ascii")
