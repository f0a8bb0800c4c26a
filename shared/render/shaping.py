"""Shaping with HarfBuzz: the glyphs of a text, and their positions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import uharfbuzz  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr

from shared.render.coverage import has_glyph
from shared.render.families import LATIN
from shared.render.font import Weight, load_font
from shared.render.rules import in_force
from shared.render.typography import Run, can_break_before, font_runs

UNITS_PER_EM = 1000  # of every bundled font, and the unit of text positions in PDF
_FEATURES = {"kern": True, "liga": False}  # an `fi` ligature would hide two letters from a search
_LONGEST_RUN = 500
"""Characters that are shaped together. Some scripts take time in the square of a run of marks."""


def runs_of(text: str, weight: Weight) -> list[Run]:
    """Split `text` into runs of one bundled font each, in `weight`. Loads none."""
    rules = in_force()
    covers = _has_italic if weight == "Italic" else has_glyph
    return font_runs(text, covers, rules.families, is_japanese=rules.is_japanese)


def _has_italic(family: str, character: str) -> bool:
    """The italic font of Latin has ASCII only."""
    return character.isascii() if family == LATIN else has_glyph(family, character)


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
class Item:
    """A shaped piece of a text, of one font and one level."""

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


def shape_items(text: str, levels: list[int] | None, weight: Weight) -> Iterator[Item]:
    """Shape a text, in pieces of one font and one level; `levels` is None if all are 0."""
    start = 0
    for run in runs_of(text, weight):
        for piece in _pieces(run.text, None if levels is None else levels[start : start + len(run.text)]):
            level = levels[start] if levels else 0
            glyphs = shape(Run(run.family, piece), weight, right_to_left=bool(level % 2) if levels else False)
            clusters = [position.cluster for position in getattr(glyphs.placed, "__shapeData__", ())]
            if level % 2:
                clusters.reverse()
            yield Item(start, start + len(piece), run.family, level, glyphs, clusters)
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
