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

AMOUNT = replace(page.BODY, align="right")
AMOUNT_BOLD = replace(page.BODY_BOLD, align="right")
HEAD = TextStyle(7.5, 11, page.MUTED, "Bold")
_COLUMN_GAP = 8
_ROW_PADDING = 4
_LINES_IN_PART = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the style of its cells."""

    width: float
    """In points; 0 takes the remaining width."""
    style: TextStyle = page.BODY
    is_optional: bool = False
    """True if a compact table has it only where a row has something in it."""
    is_of_amounts: bool = False
    """True for numbers, which are read from the left in every script."""

    @classmethod
    def of_numbers(cls, width: float) -> Column:
        """A column of amounts."""
        return cls(width, AMOUNT, is_of_amounts=True)

    def mirrored(self) -> Column:
        """The column in a table that begins at the right."""
        return replace(self, style=amounts(self.style)) if self.is_of_amounts else self


def amounts(style: TextStyle) -> TextStyle:
    """The style of amounts in a document that begins at the right: on its pages left is right."""
    return replace(style, align="left")


class RuledTable(Table):
    """reportlab's table, whose lines are no content."""

    def _drawLines(self) -> None:  # noqa: N802 - reportlab's name
        with tagged(self.canv, None):
            super()._drawLines()  # type: ignore[misc]  # not in the stubs


def ruled_table(
    head: list[str], rows: list[list[str]], columns: list[Column], *, mirrored: bool = False, compact: bool = False
) -> RuledTable:
    """A table with a rule below each row and its head on each page; the column of width 0 takes the remaining width.

    `mirrored` begins at the right. Amounts stay at the right side of their columns, one decimal point below the other.
    `compact` leaves out an optional column in which no row has anything.
    """
    shown = [
        at for at, each in enumerate(columns) if not (compact and each.is_optional) or any(row[at] for row in rows)
    ]
    head, columns, rows = (
        [head[at] for at in shown],
        [columns[at] for at in shown],
        [[row[at] for at in shown] for row in rows],
    )
    remaining = page.WIDTH - sum(column.width for column in columns)
    columns = [replace(column, width=column.width or remaining) for column in columns]
    if mirrored:
        head, rows = head[::-1], [row[::-1] for row in rows]
        columns = [column.mirrored() for column in reversed(columns)]
    cells: list[list[Text]] = [[_head(*each, mirrored=mirrored) for each in zip(head, columns, strict=True)]]
    style: list[tuple[Any, ...]] = [
        *page.PLAIN_CELLS,
        ("RIGHTPADDING", (0, 0), (-2, -1), _COLUMN_GAP),
        ("BOTTOMPADDING", (0, 0), (-1, 0), _ROW_PADDING),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, HexColor(page.INK)),
    ]
    for row in rows:
        first = len(cells)
        cells += _parts(row, columns, mirrored=mirrored)
        last = len(cells) - 1
        style += [
            ("TOPPADDING", (0, first), (-1, first), _ROW_PADDING),
            ("BOTTOMPADDING", (0, last), (-1, last), _ROW_PADDING),
            ("LINEBELOW", (0, last), (-1, last), 0.4, HexColor(page.RULE)),
        ]
    return RuledTable(cells, colWidths=[column.width for column in columns], style=style, repeatRows=1)


def _head(text: str, column: Column, *, mirrored: bool) -> Text:
    """The head of a column, above its values."""
    head = Text(text, replace(HEAD, align=column.style.align))
    if mirrored:
        head.turn()
    return head


def _parts(row: list[str], columns: list[Column], *, mirrored: bool) -> Iterator[list[Text]]:
    """Split a row into parts of a few lines, because reportlab does not break a table row between pages."""
    lines = [
        lay_out(cell, column.style, column.width - _COLUMN_GAP, right_to_left=mirrored and not column.is_of_amounts)
        for cell, column in zip(row, columns, strict=True)
    ]
    for start in range(0, max(map(len, lines)), _LINES_IN_PART):
        yield [
            Text.of_lines(cell[start : start + _LINES_IN_PART], column.style)
            for cell, column in zip(lines, columns, strict=True)
        ]
