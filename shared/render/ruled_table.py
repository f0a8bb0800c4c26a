"""Tables with a rule below each row, whose long rows continue on the next page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Table

from shared.render import page
from shared.render.paragraph import TextStyle, lay_out
from shared.render.tags import tagged
from shared.render.text import Text

_COLUMN_GAP = 8
_ROW_PADDING = 4
_LINES_IN_PART = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the style of its cells."""

    width: float
    """In points; 0 takes the remaining width."""
    style: TextStyle = page.BODY


class RuledTable(Table):
    """reportlab's table, whose lines are no content."""

    def _drawLines(self) -> None:  # noqa: N802 - reportlab's name
        with tagged(self.canv, None):
            super()._drawLines()  # type: ignore[misc]  # not in the stubs


def ruled_table(head: list[Text], rows: list[list[str]], columns: list[Column]) -> RuledTable:
    """A table with a rule below each row and its head on each page; the column of width 0 takes the remaining width."""
    remaining = page.WIDTH - sum(column.width for column in columns)
    columns = [replace(column, width=column.width or remaining) for column in columns]
    cells: list[list[Text]] = [head]
    style: list[tuple[Any, ...]] = [
        *page.PLAIN_CELLS,
        ("RIGHTPADDING", (0, 0), (-2, -1), _COLUMN_GAP),
        ("BOTTOMPADDING", (0, 0), (-1, 0), _ROW_PADDING),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, HexColor(page.INK)),
    ]
    for row in rows:
        first = len(cells)
        cells += _parts(row, columns)
        last = len(cells) - 1
        style += [
            ("TOPPADDING", (0, first), (-1, first), _ROW_PADDING),
            ("BOTTOMPADDING", (0, last), (-1, last), _ROW_PADDING),
            ("LINEBELOW", (0, last), (-1, last), 0.4, HexColor(page.RULE)),
        ]
    return RuledTable(cells, colWidths=[column.width for column in columns], style=style, repeatRows=1)


def _parts(row: list[str], columns: list[Column]) -> Iterator[list[Text]]:
    """Split a row into parts of a few lines, because reportlab does not break a table row between pages."""
    lines = [lay_out(cell, column.style, column.width - _COLUMN_GAP) for cell, column in zip(row, columns, strict=True)]
    for start in range(0, max(map(len, lines)), _LINES_IN_PART):
        yield [
            Text.of_lines(cell[start : start + _LINES_IN_PART], column.style)
            for cell, column in zip(lines, columns, strict=True)
        ]
