"""Texts side by side or in a box, which continue on the next page when they are higher than one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, KeepTogether

from shared.render.tags import tagged
from shared.render.text import Text, is_mirrored

Content = Sequence[Flowable]
"""Flowables below each other."""


class Columns(Flowable):
    """Columns of content, the tops aligned; in a right-to-left document the first is at the right.

    reportlab's Table does not break a row between pages.
    """

    def __init__(
        self, columns: Sequence[Content], widths: Sequence[float], *, border: str = "", padding: float = 0
    ) -> None:
        """`border` is the colour of a box around all columns; `padding` is the distance of the content from it."""
        super().__init__()
        self._columns = columns
        self._widths = widths
        self._border = border
        self._padding = padding

    def turn(self) -> None:
        """Make its texts those of a document in a right-to-left script."""
        turn(each for column in self._columns for each in column)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        heights = [
            sum(_height(each, width, available_height, is_first=each is column[0]) for each in column)
            for column, width in zip(self._columns, self._widths, strict=True)
        ]
        self.width, self.height = available_width, max(heights) + 2 * self._padding
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        room = available_height - 2 * self._padding
        parts = [_split(column, width, room) for column, width in zip(self._columns, self._widths, strict=True)]
        if not any(first for first, _ in parts):
            return []
        return [
            Columns(columns, self._widths, border=self._border, padding=self._padding)
            for columns in ([first for first, _ in parts], [rest for _, rest in parts])
        ]

    def draw(self) -> None:
        distance = self._padding
        mirrored = is_mirrored(self.canv)
        for column, width in zip(self._columns, self._widths, strict=True):
            left = self.width - distance - width if mirrored else distance
            top = self.height - self._padding
            for each in column:
                top -= _space_before(each, is_first=each is column[0]) + each.wrap(width, self.height)[1]
                each.drawOn(self.canv, left, top)
                top -= each.getSpaceAfter()
            distance += width
        if self._border:
            with tagged(self.canv, None):
                self.canv.setStrokeColor(HexColor(self._border))
                self.canv.setLineWidth(0.75)
                self.canv.rect(0, 0, self.width, self.height)


def turn(content: Iterable[Flowable]) -> None:
    """Make the texts those of a document in a right-to-left script, before they are broken into lines."""
    for each in content:
        if isinstance(each, Text | Columns):
            each.turn()
        elif isinstance(each, KeepTogether):
            turn(each._content)  # type: ignore[attr-defined]  # not in the stubs


def _height(flowable: Flowable, width: float, available_height: float, *, is_first: bool) -> float:
    _, height = flowable.wrap(width, available_height)
    return _space_before(flowable, is_first=is_first) + float(height + flowable.getSpaceAfter())


def _space_before(flowable: Flowable, *, is_first: bool) -> float:
    """The first flowable of a column has no space above it."""
    return 0.0 if is_first else float(flowable.getSpaceBefore())


def _split(column: Content, width: float, room: float) -> tuple[list[Flowable], list[Flowable]]:
    """The content that fits into this height, and the rest."""
    for index, each in enumerate(column):
        height = _height(each, width, room, is_first=index == 0)
        if height > room:
            parts = _parts(each, width, room - _space_before(each, is_first=index == 0))
            if not parts:
                return [*column[:index]], [*column[index:]]
            return [*column[:index], parts[0]], [*parts[1:], *column[index + 1 :]]
        room -= height
    return [*column], []


def _parts(flowable: Flowable, width: float, room: float) -> list[Flowable]:
    """Two parts of a flowable, the first no higher than `room`; empty if not even one line fits."""
    if isinstance(flowable, Text):
        fitting = min(int(room / flowable.leading), len(flowable.lines))
        return flowable.split_at(fitting) if fitting > 0 else []
    return flowable.split(width, room)
