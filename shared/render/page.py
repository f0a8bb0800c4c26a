"""The styles of both documents, and labelled facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, Spacer

from shared.render.columns import Columns
from shared.render.families import LATIN
from shared.render.font import load_font
from shared.render.paragraph import TextStyle
from shared.render.tags import Tag, tagged
from shared.render.text import Text

INK, MUTED, ACCENT, RULE, WARNING = "#1c2530", "#5f6b7a", "#1d5a68", "#cfd6dd", "#a23b12"

BODY = TextStyle(9.5, 14, INK)
BODY_BOLD = TextStyle(9.5, 14, INK, "Bold")
PROSE = replace(BODY, align="start")
SMALL = TextStyle(8, 11.5, MUTED)
SMALL_RIGHT = TextStyle(8, 11.5, MUTED, align="right")
LABEL = TextStyle(7.5, 11, MUTED)
TITLE = TextStyle(18, 24, INK, "Bold", space_after=2)
_NOT_RECORDED = TextStyle(9.5, 14, MUTED, "Italic")

SIDE = 20 * mm
"""The margin at the left and at the right."""
WIDTH = A4[0] - 2 * SIDE
"""Width of the text area, in points."""
GUTTER = 5 * mm
"""Between columns."""
_FACT_COLUMNS = [WIDTH * 0.34, WIDTH * 0.22, WIDTH * 0.22, WIDTH * 0.22]

PLAIN_CELLS: list[tuple[Any, ...]] = [
    ("FONTNAME", (0, 0), (-1, -1), load_font(LATIN, "Regular").name),  # reportlab's default font is not embedded
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
"""Table style without any padding."""


class Rule(HRFlowable):
    """A line across the text area."""

    def __init__(self, thickness: float, color: str, *, before: float = 0, after: float = 0) -> None:
        super().__init__(width="100%", thickness=thickness, color=HexColor(color), spaceBefore=before, spaceAfter=after)

    def draw(self) -> None:
        with tagged(self.canv, None):
            super().draw()


def facts(
    pairs: Sequence[tuple[str, str]],
    *,
    wide: tuple[str, str] | None,
    not_recorded: str = "not recorded",
    least_wide: int = 1,
) -> Iterator[Flowable]:
    """Labelled values in four columns, small labels above values; the wide one, if any, takes the rest of the last row,
    or a row of its own if fewer than `least_wide` columns are left there.

    Each pair has its place: an empty value is "not recorded".
    """
    count = len(_FACT_COLUMNS)
    rows = [list(pairs[start : start + count]) for start in range(0, len(pairs), count)]
    if wide is not None and (not rows or count - len(rows[-1]) < least_wide):
        rows.append([])
    for number, row in enumerate(rows, 1):
        placed, widths = row, _FACT_COLUMNS[: len(row)]
        if number == len(rows) and wide is not None:
            placed, widths = [*row, wide], [*widths, WIDTH - sum(widths)]
        cells = [[_fact(*pair, width - GUTTER, not_recorded)] for pair, width in zip(placed, widths, strict=True)]
        yield Columns(cells, widths)
        yield Spacer(0, 6)


def _fact(label: str, value: str, width: float, not_recorded: str) -> Flowable:
    fact = Tag("Div")
    shown = Text(value or not_recorded, BODY if value else _NOT_RECORDED, tag=fact.child("P"))
    return Columns([[Text(label, LABEL, tag=fact.child("P")), shown]], [width])
