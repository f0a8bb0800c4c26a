"""Paragraphs: text that is shaped once (`shaping.py`) and then broken into lines.

The cost is linear in the text: each character is shaped once, and a line is a slice of the shaped paragraph.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from reportlab.pdfbase.ttfonts import ShapedStr

from shared.render import bidi
from shared.render.breaks import breaks_in
from shared.render.font import Weight
from shared.render.rules import in_force
from shared.render.shaping import UNITS_PER_EM, shape_items
from shared.render.typography import ZERO_WIDTH_SPACE, can_break_before, clean


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Typographic style. Lengths in points, colours as `#rrggbb`."""

    size: float
    leading: float
    color: str
    weight: Weight = "Regular"
    align: Literal["left", "right", "start"] = "left"
    """`start` is the right side for a paragraph in a right-to-left script, the left side for others."""
    space_before: float = 0
    space_after: float = 0
    indent: float = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a line in one font and one direction."""

    family: str
    text: str
    placed: ShapedStr | str
    x: float
    """The distance of its left end from that of the line, in thousandths of the font size."""


class Paragraph:
    """A text without newlines, shaped. Isolates order it and are no part of it."""

    def __init__(self, text: str, weight: Weight, *, right_to_left: bool = False) -> None:
        """`right_to_left` says that the document is in a right-to-left script."""
        breaks_unspaced = in_force().breaks_unspaced
        if not breaks_unspaced:
            text = text.replace(ZERO_WIDTH_SPACE, "")
        self.right_to_left = right_to_left or bidi.is_right_to_left(text)
        self.text, levels = bidi.resolved(text, right_to_left=right_to_left)
        self._items = list(shape_items(self.text, levels, weight))
        advances = [0.0] * len(self.text)
        for item in self._items:
            for position in getattr(item.glyphs.placed, "__shapeData__", ()):
                advances[item.start + position.cluster] += position.x_advance
        self._reach = [0.0, *accumulate(advances)]
        self._starts = [item.start for item in self._items]
        self._breaks = breaks_in(self.text) if breaks_unspaced else []

    def units(self, start: int, end: int) -> float:
        """The width of the characters from `start` to `end`, in thousandths of the font size."""
        return self._reach[end] - self._reach[start]

    def lines(self, units: float) -> Iterator[Line]:
        """Break into lines at spaces, and where a script without spaces allows it; what is wider than a line is cut."""
        start = end = 0  # of the line so far
        for begin, stop in self._unbroken():
            if begin > 0 and self.units(start, stop) > units:
                yield Line(self, start, end)
                start = begin
            end = stop
            while self.units(start, end) > units and (cut := self._cut(start, end, units)) < end:
                yield Line(self, start, cut)
                start = cut
        yield Line(self, start, end)

    def _unbroken(self) -> Iterator[tuple[int, int]]:
        """The bounds of the parts that stay on one line, without the spaces between them."""
        breaks = iter([*self._breaks, len(self.text) + 1])
        following, begin = next(breaks), 0
        for word in self.text.split(" "):
            end = begin + len(word)
            while following < end:
                yield begin, following
                begin, following = following, next(breaks)
            yield begin, end
            begin = end + 1

    def segments(self, start: int, end: int) -> list[Segment]:
        """The parts of the line from `start` to `end`, in the order in which they are read."""
        items = self._items[max(0, bisect_right(self._starts, start) - 1) : bisect_left(self._starts, end)]
        bounds = [(max(start, item.start), min(end, item.end)) for item in items]
        offsets, x = [0.0] * len(items), 0.0
        for index in bidi.visual_order([item.level for item in items]):
            offsets[index] = x
            x += self.units(*bounds[index])
        return [
            Segment(item.family, self.text[first:last], item.part(first, last), offset)
            for item, (first, last), offset in zip(items, bounds, offsets, strict=True)
        ]

    def _cut(self, start: int, end: int, units: float) -> int:
        """Where to cut an overlong word: the last place that fits, if possible not before a mark."""
        fitting = bisect_right(self._reach, self._reach[start] + units, start + 1, end) - 1
        if fitting <= start:  # not even one glyph fits
            first = bisect_right(self._reach, self._reach[start], start + 1, end)
            return bisect_right(self._reach, self._reach[first], first, end + 1) - 1
        best = fitting
        while best > start and not can_break_before(self.text, best):
            best -= 1
        return best if best > start else fitting


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paragraph: its characters from `start` to `end`."""

    paragraph: Paragraph
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start : self.end]

    def width(self, size: float) -> float:
        """In points, at this font size."""
        return self.paragraph.units(self.start, self.end) * size / UNITS_PER_EM

    def segments(self) -> list[Segment]:
        """Its parts, in the order in which they are read."""
        return self.paragraph.segments(self.start, self.end)


def lay_out(text: str, style: TextStyle, width: float, *, right_to_left: bool = False) -> list[Line]:
    """Break `text` into lines no wider than `width`. Newlines are kept, but of several empty lines only one."""
    units = width * UNITS_PER_EM / style.size
    broken: dict[str, list[Line]] = {}  # a text may repeat a line many times
    lines: list[Line] = []
    for paragraph in _paragraphs(text):
        if paragraph not in broken:
            broken[paragraph] = list(Paragraph(paragraph, style.weight, right_to_left=right_to_left).lines(units))
        lines += broken[paragraph]
    return lines


def single_line(text: str, weight: Weight, *, right_to_left: bool = False) -> Line:
    """The text as one line, however wide; newlines are spaces."""
    paragraph = Paragraph(" ".join(clean(text).split()), weight, right_to_left=right_to_left)
    return Line(paragraph, 0, len(paragraph.text))


def shortened(text: str, style: TextStyle, width: float) -> str:
    """The text on one line no wider than `width`, with an ellipsis if it was too long."""
    line = single_line(text, style.weight)
    if line.width(style.size) <= width:
        return line.text
    room = width - text_width("…", style)
    first = next(line.paragraph.lines(max(0.0, room) * UNITS_PER_EM / style.size))
    return f"{first.text}…"


def text_width(text: str, style: TextStyle) -> float:
    """The width of one line of text, in points."""
    paragraph = Paragraph(text, style.weight)
    return Line(paragraph, 0, len(paragraph.text)).width(style.size)


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs with single spaces, without empty ones at the ends and without repeated empty ones."""
    is_pending = has_begun = False
    for line in clean(text).split("\n"):
        words = " ".join(filter(None, line.split(" ")))  # not split(), which would break at a no-break space
        if words:
            if is_pending and has_begun:
                yield ""
            yield words
            is_pending, has_begun = False, True
        else:
            is_pending = True
