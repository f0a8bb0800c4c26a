"""Text layout: shaping with HarfBuzz, line breaking, and drawing on a PDF canvas.

reportlab's own Paragraph is unsuitable for three reasons: it shapes a word of several fonts with the first of them; the
letters of a shaped word cannot be copied or searched in the PDF; and it parses markup, but users write plain text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import uharfbuzz  # type: ignore[import-untyped]
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from shared.render.font import Weight, load_font
from shared.render.typography import Run, can_break_before, clean, font_runs

_UNITS_PER_EM = 1000  # of every bundled font, and the unit of text positions in PDF
_FEATURES = {"kern": True, "liga": False}  # an `fi` ligature would hide two letters from a search


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Typographic style. Lengths in points, colours as `#rrggbb`."""

    size: float
    leading: float
    color: str
    weight: Weight = "Regular"
    align: Literal["left", "right"] = "left"
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
    """reportlab's representation: the characters that address the glyphs, with their positions."""
    units: float
    """The width in thousandths of the font size."""


def shape(run: Run, weight: Weight) -> Glyphs:
    """Shape a run into glyphs in drawing order."""
    font = load_font(run.family, weight)
    buffer = uharfbuzz.Buffer()
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
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


def text_width(text: str, style: TextStyle) -> float:
    """The width of one line of text, in points."""
    units = sum(shape(run, style.weight).units for run in runs_of(text, style.weight))
    return units * style.size / _UNITS_PER_EM


def break_lines(text: str, style: TextStyle, width: float) -> list[str]:
    """Break `text` into lines no wider than `width`; newlines are kept. A word longer than a line is cut."""
    if not text:
        return []
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        lines += _break_paragraph(paragraph, style, width)
    return lines


def _break_paragraph(text: str, style: TextStyle, width: float) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for whole in filter(None, text.split(" ")):  # not split(), which would break at a no-break space
        word = whole
        advance = _advance(word, style)
        fits = used + advance <= width or used + text_width(word, style) <= width
        if fits and not text.isascii():  # punctuation takes its font from the previous word
            fits = text_width(" ".join([*line, word]), style) <= width
        if not fits:
            if line:
                lines.append(" ".join(line))
            *pieces, word = _pieces(word, style, width)
            lines += pieces
            line, used, advance = [], 0.0, _advance(word, style)
        line.append(word)
        used += advance
    return [*lines, " ".join(line)]


def _advance(word: str, style: TextStyle) -> float:
    """The width of a word and the following space, which is set in the word's last font."""
    return text_width(f"{word} ", style)


def _pieces(word: str, style: TextStyle, width: float) -> Iterator[str]:
    """Cut a word into parts that fit; a word that fits stays whole."""
    while len(word) > 1 and text_width(word, style) > width:
        cut = _fitting_length(word, style, width)
        yield word[:cut]
        word = word[cut:]
    yield word


def _fitting_length(word: str, style: TextStyle, width: float) -> int:
    """The number of characters of an overlong `word` that fit; at least one."""
    narrowest = style.size / 8  # a lower bound for any letter; limits the search in very long words
    best, low, high = 1, 1, min(len(word) - 1, int(width / narrowest))
    while low <= high:
        middle = (low + high) // 2
        if text_width(word[:middle], style) <= width:
            best, low = middle, middle + 1
        else:
            high = middle - 1
    while best > 1 and not can_break_before(word, best):
        best -= 1
    return best


def draw_line(canvas: Canvas, x: float, y: float, text: str, style: TextStyle) -> None:
    """Draw one line with its baseline at `y`; `x` is its left end, or its right end for a right-aligned style."""
    if style.align == "right":
        x -= text_width(text, style)
    canvas.setFillColor(HexColor(style.color))
    for run in runs_of(text, style.weight):
        glyphs = shape(run, style.weight)
        # PDF readers copy and search this text instead of the glyphs, which may be reordered or joined letters.
        is_plain = str(glyphs.placed) == run.text
        if not is_plain:
            canvas.addLiteral(f"/Span <</ActualText <{_pdf_hex(run.text)}>>> BDC")
        drawing = canvas.beginText(x, y)
        drawing.setFont(load_font(run.family, style.weight).name, style.size)
        drawing.textOut(glyphs.placed)
        canvas.drawText(drawing)
        if not is_plain:
            canvas.addLiteral("EMC")
        x += glyphs.units * style.size / _UNITS_PER_EM


def _pdf_hex(text: str) -> str:
    return ("\ufeff" + text).encode("utf-16-be").hex()


class Text(Flowable):
    """A paragraph of one style. A page break leaves at least two lines on each side."""

    def __init__(self, text: str, style: TextStyle, bullet: str = "") -> None:
        super().__init__()
        self._text = text
        self._style = style
        self._bullet = bullet
        self._lines: list[str] | None = None
        self.spaceBefore = style.space_before
        self.spaceAfter = style.space_after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # noqa: ARG002
        if self._lines is None or self.width != available_width:
            self.width = available_width
            self._lines = break_lines(self._text, self._style, available_width - self._style.indent)
        self.height = len(self._lines) * self._style.leading
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        lines = self._lines or []
        fitting = min(int(available_height / self._style.leading), len(lines) - 2)
        if fitting < 2:
            return []
        return [self._part(lines[:fitting], last=False), self._part(lines[fitting:], last=True)]

    def _part(self, lines: list[str], *, last: bool) -> Text:
        after = self._style.space_after if last else 0
        bullet = "" if last else self._bullet
        return Text("\n".join(lines), replace(self._style, space_after=after), bullet)

    def draw(self) -> None:
        style = self._style
        x = self.width if style.align == "right" else style.indent
        baseline = self.height - (style.leading + style.size * 0.72) / 2
        if self._bullet:
            draw_line(self.canv, 0, baseline, self._bullet, style)
        for line in self._lines or ():
            draw_line(self.canv, x, baseline, line, style)
            baseline -= style.leading
