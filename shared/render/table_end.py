"""A table whose last row stays with what belongs below it, such as the totals of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable, KeepTogether

from shared.render.frame import HEIGHT

_ROW = 1
"""The row below the head."""


class TableWithEnd(Flowable):
    """A table with content below it. If only the content did not fit on a page, the last row goes with it to the next
    one, where the head of the table is repeated. The table is reportlab's, and has a head."""

    def __init__(self, table: Flowable, end: Sequence[Flowable]) -> None:
        super().__init__()
        self._table = table
        self._end = end

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        heights = [each.wrap(available_width, available_height)[1] for each in (self._table, *self._end)]
        self.width, self.height = available_width, sum(heights)
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        height = self._table.wrap(available_width, available_height)[1]
        if height > available_height:
            parts = self._table.split(available_width, available_height)
            return [parts[0], TableWithEnd(parts[1], self._end)] if len(parts) == 2 else []
        rows: list[float] = self._table._rowHeights  # type: ignore[attr-defined]  # not in the stubs
        if len(rows) <= _ROW + 1:
            if available_height < HEIGHT - 1:
                return []  # to the next page
            return [self._table, KeepTogether([*self._end])]  # what belongs below is higher than a page
        parts = self._table.split(available_width, height - rows[-1])
        return [parts[0], TableWithEnd(parts[1], self._end)] if len(parts) == 2 else []

    def draw(self) -> None:
        top = self.height
        for each in (self._table, *self._end):
            top -= each.wrap(self.width, self.height)[1]
            each.drawOn(self.canv, 0, top)
