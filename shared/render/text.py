"""Setting text: shaping with HarfBuzz, breaking it into lines, and drawing it on a PDF canvas.

reportlab's own Paragraph is not used for three reasons: it shapes a word of several fonts with the first of them; the
letters of a shaped word cannot be copied or searched in the PDF; and it parses markup, which text from users is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

import uharfbuzz  # type: ignore[import-untyped]
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from shared.render.typography import LATIN, SCRIPTS, Run, can_break_before, clean, font_runs

_FONTS = Path(__file__).parent / "fonts"
_UNITS_PER_EM = 1000  # of every bundled font, and the unit of text positions in PDF
_PRIVATE_USE = 0xE000
_FEATURES = {"kern": True, "liga": False}  # an `fi` ligature would hide two letters from a search

Weight = Literal["Regular", "Bold", "Italic"]


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text is set. Lengths in points, colours as `#rrggbb`."""

    size: float
    leading: float
    color: str
    weight: Weight = "Regular"
    align: Literal["left", "right"] = "left"
    space_before: float = 0
    space_after: float = 0
    indent: float = 0


@dataclass(frozen=True, slots=True)
class Font:
    """One loaded font file."""

    name: str
    shaper: uharfbuzz.Font
    characters: tuple[int, ...]
    """For each glyph a character that stands for it: its own, or one of the private use area."""
    widths: tuple[float, ...]
    codes: frozenset[int]
    """The characters that the font has a glyph for."""


_LOADING = Lock()


def load_font(family: str, weight: Weight) -> Font:
    """The font of a family, registered with reportlab. Symbols have one weight, italics are for Latin only."""
    with _LOADING:  # a second registration would take the place of a font that a document is being set in
        return _load_font(family, weight)


@cache
def _load_font(family: str, weight: Weight) -> Font:
    has_weight = family in SCRIPTS if weight == "Bold" else family == LATIN
    name = f"NotoSans{family}-{weight if has_weight else 'Regular'}"
    path = _FONTS / f"{name}.ttf"
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    shaper = uharfbuzz.Font(uharfbuzz.Face(path.read_bytes()))
    codes = frozenset(font.face.charToGlyph)
    characters = tuple(_name_glyphs(font, shaper))
    widths = tuple(font.face.charWidths[character] for character in characters)
    return Font(name, shaper, characters, widths, codes)


def _name_glyphs(font: TTFont, shaper: uharfbuzz.Font) -> list[int]:
    """Give each glyph a character, as reportlab addresses glyphs by character.

    Done for all glyphs at once: names given in the order of use would make a document depend on those before it.
    """
    face = font.face
    own = {glyph: code for code, glyph in sorted(face.charToGlyph.items(), reverse=True) if code < _PRIVATE_USE}
    nameless = [glyph for glyph in range(shaper.face.glyph_count) if glyph not in own]
    for private, glyph in enumerate(nameless, start=_PRIVATE_USE):
        own[glyph] = private
        face.charToGlyph[private] = glyph
        face.charWidths[private] = shaper.get_glyph_h_advance(glyph)
    return [own[glyph] for glyph in range(shaper.face.glyph_count)]


def runs_of(text: str, weight: Weight) -> list[Run]:
    """`text` cut into runs of the bundled fonts in `weight`."""
    return font_runs(text, lambda family, character: ord(character) in load_font(family, weight).codes)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A shaped run."""

    placed: ShapedStr
    """reportlab's form: the characters that stand for the glyphs, with their positions."""
    units: float
    """The width in thousandths of the font size."""


def shape(run: Run, weight: Weight) -> Glyphs:
    """The glyphs of a run, in the order in which they are drawn."""
    font = load_font(run.family, weight)
    buffer = uharfbuzz.Buffer()
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    buffer.language = "en"  # else it is taken from the locale of the process
    uharfbuzz.shape(font.shaper, buffer, _FEATURES)
    glyphs = [info.codepoint for info in buffer.glyph_infos]
    places = [
        ShapeData(info.cluster, at.x_advance, at.y_advance, at.x_offset, at.y_offset, font.widths[info.codepoint])
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]
    characters = "".join(chr(font.characters[glyph]) for glyph in glyphs)
    placed = ShapedStr(characters, places)  # type: ignore[arg-type]  # the stubs say one place, it is one a glyph
    return Glyphs(placed, sum(place.x_advance for place in places))


def text_width(text: str, style: TextStyle) -> float:
    """The width of one line of text, in points."""
    units = sum(shape(run, style.weight).units for run in runs_of(text, style.weight))
    return units * style.size / _UNITS_PER_EM


def break_lines(text: str, style: TextStyle, width: float) -> list[str]:
    """`text` in lines no wider than `width`; newlines stay. A word too long for a line is cut."""
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
    for whole in filter(None, text.split(" ")):  # not split(): a no-break space stays
        word = whole
        advance = _advance(word, style)
        fits = used + advance <= width or used + text_width(word, style) <= width
        if fits and not text.isascii():  # brackets and the like take their font from the word before
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
    """The width of a word and the space after it, which has the width of a space in the word's last font."""
    return text_width(f"{word} ", style)


def _pieces(word: str, style: TextStyle, width: float) -> Iterator[str]:
    """A word in parts that fit; in one if it does."""
    while len(word) > 1 and text_width(word, style) > width:
        cut = _fitting_length(word, style, width)
        yield word[:cut]
        word = word[cut:]
    yield word


def _fitting_length(word: str, style: TextStyle, width: float) -> int:
    """How many characters of a too long `word` fit; at least one."""
    narrowest = style.size / 8  # of any letter; keeps the search short in a very long word
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
    """Draw one line with its baseline at `y`; `x` is its left end, or its right end if the style aligns right."""
    if style.align == "right":
        x -= text_width(text, style)
    canvas.setFillColor(HexColor(style.color))
    for run in runs_of(text, style.weight):
        glyphs = shape(run, style.weight)
        # Readers copy and search this text in place of the glyphs, which may be reordered or joined letters.
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
    """A paragraph of one style. It splits between pages with at least two lines on each side."""

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
