"""Tables as CSV (RFC 4180, UTF-8), for spreadsheets that would run a text as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - their wide forms count too

Cell = str | int | float | Decimal | None


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table. Nothing is written for None; a text that a spreadsheet would take for a formula gets an apostrophe."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return file.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
