"""Text on a PDF canvas: lines of shaped glyphs, and paragraphs as reportlab's flowables.

reportlab's own Paragraph is unsuitable for three reasons: it shapes a word of several fonts with the first of them; the
letters of a shaped word cannot be copied or searched in the PDF; and it parses markup, but users write plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.rl_accel import fp_str
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject
from reportlab.platypus import Flowable

from shared.render.font import load_font
from shared.render.paragraph import Line, Segment, TextStyle, lay_out, single_line, text_width
from shared.render.rules import in_force
from shared.render.shaping import UNITS_PER_EM
from shared.render.tags import Tag, tagged

_color = cache(HexColor)
_FILLED_AND_OUTLINED: Literal[2] = 2
"""A text rendering mode of PDF."""
_OUTLINE = 0.035
"""The width of the outlines of a bold text in a font without a bold weight, in parts of the font size."""


class _Drawing(PDFTextObject):
    """reportlab's text, whose own method forgets the height if it changes twice without a glyph between."""

    def setRise(self, rise: float) -> None:  # noqa: N802 - reportlab's name
        self._rise: float = rise
        code: list[str] = self._code  # type: ignore[attr-defined]  # not in the stubs
        if code[-1].endswith(" Ts"):
            code.pop()
        code.append(f"{fp_str(rise)} Ts")


def draw_line(canvas: Canvas, x: float, y: float, text: str, style: TextStyle) -> None:
    """Draw one line with its baseline at `y`; `x` is its left end, or its right end for a right-aligned style."""
    line = single_line(text, style.weight)
    draw_lines(canvas, [line], x, y, style, width=0)


def draw_lines(canvas: Canvas, lines: Sequence[Line], x: float, y: float, style: TextStyle, *, width: float) -> None:
    """Draw lines below each other, the first with its baseline at `y`, in a column of this width that begins at `x`.

    The parts of a line are written in the order in which they are read: PDF readers copy and search text in this order.
    """
    canvas.setFillColor(_color(style.color))
    mirrored = is_mirrored(canvas) and width > 0
    for line in lines:
        left = x + width - line.width(style.size) if is_at_right(line, style, mirrored=mirrored) else x
        for segment in line.segments():
            _draw_segment(canvas, left + segment.x * style.size / UNITS_PER_EM, y, segment, style)
        y -= style.leading


def _draw_segment(canvas: Canvas, x: float, y: float, segment: Segment, style: TextStyle) -> None:
    # PDF readers copy and search this text instead of the glyphs, which may be reordered or joined letters.
    font = load_font(segment.family, style.weight)
    is_plain = str(segment.placed) == segment.text
    if not is_plain:
        canvas.addLiteral(f"/Span <</ActualText <{_pdf_hex(segment.text)}>>> BDC")
    drawing = (_Drawing if in_force().keeps_baseline else PDFTextObject)(canvas, x, y)
    if font.is_emboldened:
        drawing.setTextRenderMode(_FILLED_AND_OUTLINED)
    drawing.setFont(font.name, style.size)
    drawing.textOut(segment.placed)
    if font.is_emboldened:
        _draw_bold(canvas, drawing, style)
    else:
        canvas.drawText(drawing)
    if not is_plain:
        canvas.addLiteral("EMC")
    if font.missing in segment.placed:
        canvas.missing_glyphs = True  # type: ignore[attr-defined]  # of the canvas of a document


def _draw_bold(canvas: Canvas, drawing: PDFTextObject, style: TextStyle) -> None:
    """Draw glyphs with outlines, which make them bolder."""
    canvas.saveState()
    canvas.setStrokeColor(_color(style.color))
    canvas.setLineWidth(style.size * _OUTLINE)
    canvas.drawText(drawing)
    canvas.restoreState()


def is_mirrored(canvas: Canvas) -> bool:
    """True if the document is in a right-to-left script: left and right are exchanged."""
    return bool(getattr(canvas, "right_to_left", False))


def is_at_right(line: Line, style: TextStyle, *, mirrored: bool = False) -> bool:
    """True if the line ends at the right side of its column."""
    if style.align == "start":
        return mirrored or line.paragraph.right_to_left
    return (style.align == "right") != mirrored


def _pdf_hex(text: str) -> str:
    return ("\ufeff" + text).encode("utf-16-be").hex()


class Text(Flowable):
    """Paragraphs of one style. A page break leaves at least two lines on each side."""

    def __init__(self, text: str, style: TextStyle, bullet: str = "", *, tag: Tag | None = None) -> None:
        """`tag` is its element in the structure of the document, a paragraph unless given."""
        super().__init__()
        self._tag = tag or Tag("P")
        self._text = text
        self._style = style
        self._bullet = bullet
        self._right_to_left = False
        self._lines: list[Line] | None = None
        self.width = self.height = 0.0
        self.spaceBefore = style.space_before
        self.spaceAfter = style.space_after

    @classmethod
    def of_lines(cls, lines: list[Line], style: TextStyle, bullet: str = "", *, tag: Tag | None = None) -> Text:
        """A text that is already broken into lines."""
        text = cls("", style, bullet, tag=tag)
        text._lines = lines
        return text

    def turn(self) -> None:
        """Make it a text of a document in a right-to-left script."""
        self._right_to_left = True
        self._lines = None

    @property
    def leading(self) -> float:
        """The height of a line, in points."""
        return self._style.leading

    @property
    def lines(self) -> list[Line]:
        """Its lines, after `wrap`."""
        return self._lines or []

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # noqa: ARG002
        if self._lines is None:
            width = available_width - self._style.indent
            self._lines = lay_out(self._text, self._style, width, right_to_left=self._right_to_left)
        self.width = available_width
        self.height = len(self._lines) * self._style.leading
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        fitting = min(int(available_height / self._style.leading), len(self.lines) - 2)
        return self.split_at(fitting) if fitting >= 2 else []

    def split_at(self, count: int) -> list[Flowable]:
        """Two texts: the first `count` lines, and the others."""
        first = replace(self._style, space_after=0)
        return [
            Text.of_lines(self.lines[:count], first, self._bullet, tag=self._tag),
            Text.of_lines(self.lines[count:], replace(self._style, space_before=0), tag=self._tag),
        ]

    def draw(self) -> None:
        if not self.lines:
            return
        style = self._style
        baseline = self.height - (style.leading + style.size * 0.72) / 2
        mirrored = is_mirrored(self.canv)
        at_right = is_at_right(self.lines[0], style, mirrored=mirrored)
        if self._bullet:
            self._draw_bullet(baseline, at_right=at_right)
        x = 0 if at_right else style.indent
        with tagged(self.canv, self._tag):
            draw_lines(self.canv, self.lines, x, baseline, style, width=self.width - style.indent)

    def _draw_bullet(self, baseline: float, *, at_right: bool) -> None:
        """The bullet is the label of a list item, of which the text is the body."""
        item = self._tag.parent
        label = item.child("Lbl") if item else None
        x = self.width - text_width(self._bullet, self._style) if at_right else 0
        with tagged(self.canv, label):
            draw_line(self.canv, x, baseline, self._bullet, self._style)
