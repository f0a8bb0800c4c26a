"""Paragraphs: text that is shaped once with HarfBuzz and then broken into lines.

The cost is linear in the text: each character is shaped once, and a line is a slice of the shaped paragraph.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import uharfbuzz  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr

from shared.render import bidi
from shared.render.font import Weight, load_font
from shared.render.typography import Run, can_break_before, clean, font_runs

UNITS_PER_EM = 1000  # of every bundled font, and the unit of text positions in PDF
_FEATURES = {"kern": True, "liga": False}  # an `fi` ligature would hide two letters from a search
_LONGEST_RUN = 500
"""Characters that are shaped together. Some scripts take time in the square of a run of marks."""


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


def runs_of(text: str, weight: Weight) -> list[Run]:
    """Split `text` into runs of one bundled font each, in `weight`."""
    return font_runs(text, lambda family, character: ord(character) in load_font(family, weight).codes)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A shaped run."""

    placed: ShapedStr
    """reportlab's representation: the characters that address the glyphs, with their positions, from left to right."""
    units: float
    """The width in thousandths of the font size."""


def shape(run: Run, weight: Weight, *, right_to_left: bool | None = None) -> Glyphs:
    """Shape a run into glyphs in drawing order; the direction is that of the script unless given."""
    font = load_font(run.family, weight)
    buffer = uharfbuzz.Buffer()
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    if right_to_left is not None:
        buffer.direction = "rtl" if right_to_left else "ltr"
    buffer.language = "en"  # the default is the locale of the process
    uharfbuzz.shape(font.shaper, buffer, _FEATURES)
    glyphs = [info.codepoint for info in buffer.glyph_infos]
    positions = [
        ShapeData(info.cluster, at.x_advance, at.y_advance, at.x_offset, at.y_offset, font.widths[info.codepoint])
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]
    characters = "".join(chr(font.characters[glyph]) for glyph in glyphs)
    placed = ShapedStr(characters, positions)  # type: ignore[arg-type]  # the stubs declare one ShapeData, but it is a list
    return Glyphs(placed, sum(position.x_advance for position in positions))


@dataclass(frozen=True, slots=True)
class _Item:
    """A shaped run of one font and one level, within a paragraph."""

    start: int
    end: int
    family: str
    level: int
    glyphs: Glyphs
    clusters: list[int]
    """The first character of each glyph, ascending; of a right-to-left run from the last glyph to the first."""

    def part(self, start: int, end: int) -> ShapedStr | str:
        """The glyphs of the characters from `start` to `end`, both within the item."""
        if (start, end) == (self.start, self.end):
            return self.glyphs.placed
        first, last = bisect_left(self.clusters, start - self.start), bisect_left(self.clusters, end - self.start)
        if self.level % 2:
            first, last = len(self.clusters) - last, len(self.clusters) - first
        return self.glyphs.placed[first:last]


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

    def __init__(self, text: str, weight: Weight) -> None:
        self.right_to_left = bidi.is_right_to_left(text)
        self.text, levels = bidi.resolved(text)
        self._items = list(_items(self.text, levels, weight))
        advances = [0.0] * len(self.text)
        for item in self._items:
            for position in getattr(item.glyphs.placed, "__shapeData__", ()):
                advances[item.start + position.cluster] += position.x_advance
        self._reach = [0.0, *accumulate(advances)]
        self._starts = [item.start for item in self._items]

    def units(self, start: int, end: int) -> float:
        """The width of the characters from `start` to `end`, in thousandths of the font size."""
        return self._reach[end] - self._reach[start]

    def lines(self, units: float) -> Iterator[Line]:
        """Break into lines at spaces; a word that is wider than a line is cut."""
        start = end = 0  # of the line so far
        position = 0
        for word in self.text.split(" "):
            begin, position = position, position + len(word) + 1
            if begin > 0 and self.units(start, begin + len(word)) > units:
                yield Line(self, start, end)
                start = begin
            end = begin + len(word)
            while self.units(start, end) > units and (cut := self._cut(start, end, units)) < end:
                yield Line(self, start, cut)
                start = cut
        yield Line(self, start, end)

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


def lay_out(text: str, style: TextStyle, width: float) -> list[Line]:
    """Break `text` into lines no wider than `width`. Newlines are kept, but of several empty lines only one."""
    units = width * UNITS_PER_EM / style.size
    broken: dict[str, list[Line]] = {}  # a text may repeat a line many times
    lines: list[Line] = []
    for paragraph in _paragraphs(text):
        if paragraph not in broken:
            broken[paragraph] = list(Paragraph(paragraph, style.weight).lines(units))
        lines += broken[paragraph]
    return lines


def single_line(text: str, weight: Weight) -> Line:
    """The text as one line, however wide; newlines are spaces."""
    paragraph = Paragraph(" ".join(clean(text).split()), weight)
    return Line(paragraph, 0, len(paragraph.text))


def shortened(text: str, style: TextStyle, width: float) -> str:
    """The text on one line no wider than `width`, with an ellipsis if it was too long."""
    line = single_line(text, style.weight)
    if line.width(style.size) <= width:
        return line.text
    room = width - text_width("…", style)
    first = next(line.paragraph.lines(max(0.0, room) * UNITS_PER_EM / style.size))
    return f"{first.text}…"


def break_lines(text: str, style: TextStyle, width: float) -> list[str]:
    """The texts of the lines of `lay_out`."""
    return [line.text for line in lay_out(text, style, width)]


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


def _items(text: str, levels: list[int] | None, weight: Weight) -> Iterator[_Item]:
    start = 0
    for run in runs_of(text, weight):
        for piece in _pieces(run.text, None if levels is None else levels[start : start + len(run.text)]):
            level = levels[start] if levels else 0
            glyphs = shape(Run(run.family, piece), weight, right_to_left=bool(level % 2) if levels else False)
            clusters = [position.cluster for position in getattr(glyphs.placed, "__shapeData__", ())]
            if level % 2:
                clusters.reverse()
            yield _Item(start, start + len(piece), run.family, level, glyphs, clusters)
            start += len(piece)


def _pieces(text: str, levels: list[int] | None) -> Iterator[str]:
    """Split a run where the level changes, and into pieces that are shaped in a bounded time."""
    start = 0
    for index in range(1, len(text) + 1):
        is_end = index == len(text)
        if is_end or (levels and levels[index] != levels[start]) or _is_full(text, start, index):
            yield text[start:index]
            start = index


def _is_full(text: str, start: int, index: int) -> bool:
    """True if a piece should end before `index`: at a space, soon after at a letter, at last anywhere."""
    size = index - start
    if size < _LONGEST_RUN:
        return False
    return (
        text[index - 1] == " "
        or size >= 2 * _LONGEST_RUN
        or (size >= 1.5 * _LONGEST_RUN and can_break_before(text, index))
    )
