"""Writes `shared/render/coverage.txt`: the characters that each font family has, which are known without the fonts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.render.families import FAMILIES
from shared.render.font import load_font

FILE = Path(__file__).parent.parent / "shared" / "render" / "coverage.txt"


def ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Code points as the longest ranges, each with its first and last one."""
    ordered = sorted(codes)
    start = 0
    for index in range(1, len(ordered) + 1):
        if index == len(ordered) or ordered[index] != ordered[index - 1] + 1:
            yield ordered[start], ordered[index - 1]
            start = index


def written() -> str:
    """The content of the file: in each line a family and its ranges in hexadecimal."""
    return "".join(f"{family}:{' '.join(_ranges(family))}\n" for family in FAMILIES)


def _ranges(family: str) -> Iterator[str]:
    codes = load_font(family, "Regular").codes & load_font(family, "Bold").codes
    for first, last in ranges(codes):
        yield f"{first:04X}" if first == last else f"{first:04X}-{last:04X}"


if __name__ == "__main__":
    FILE.write_text(written(), "ascii")
