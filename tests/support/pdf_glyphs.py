"""The positions of the glyphs in a PDF. The text that readers copy (ActualText) is ignored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream


@dataclass(frozen=True)
class Glyph:
    """A glyph with the character that the font gives it, and its left end on the page."""

    character: str
    page: int
    x: float
    y: float


def glyphs(pdf: bytes) -> list[Glyph]:
    """All glyphs, in the order in which they are drawn."""
    reader = PdfReader(BytesIO(pdf))
    found: list[Glyph] = []
    for number, page in enumerate(reader.pages):
        resources: Any = page["/Resources"]
        fonts = {
            name: _Font(font.get_object())
            for name, font in resources["/Font"].items()
            if "/ToUnicode" in font.get_object()  # the bundled ones
        }
        found += _of_page(ContentStream(page.get_contents(), reader).operations, fonts, number)
    return found


def visual_lines(pdf: bytes) -> list[str]:
    """The characters of each line from left to right, as they are displayed, without spaces."""
    lines: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in glyphs(pdf):
        if not glyph.character.isspace():
            lines.setdefault((glyph.page, -round(glyph.y)), []).append(glyph)
    return ["".join(glyph.character for glyph in sorted(lines[key], key=lambda each: each.x)) for key in sorted(lines)]


class _Font:
    def __init__(self, font: Any) -> None:
        self._first = int(font["/FirstChar"])
        self._widths = [float(width) for width in font["/Widths"]]
        cmap = font["/ToUnicode"].get_data().decode("latin-1")
        pairs = re.findall(r"<([0-9A-F]{2})> <([0-9A-F]{4,})>", cmap)
        self._characters = {int(code, 16): bytes.fromhex(target).decode("utf-16-be") for code, target in pairs}

    def width(self, code: int) -> float:
        return self._widths[code - self._first]

    def character(self, code: int) -> str:
        return self._characters.get(code, "\ufffd")


def _of_page(operations: Any, fonts: dict[str, _Font], page: int) -> list[Glyph]:
    found: list[Glyph] = []
    origin, stack = (0.0, 0.0), []
    font, size, x, y = None, 0.0, 0.0, 0.0
    for operands, operator in operations:
        if operator == b"q":
            stack.append(origin)
        elif operator == b"Q":
            origin = stack.pop()
        elif operator == b"cm":
            origin = (origin[0] + float(operands[4]), origin[1] + float(operands[5]))
        elif operator == b"Tf":
            font, size = fonts.get(operands[0]), float(operands[1])
        elif operator == b"Tm":
            x, y = float(operands[4]), float(operands[5])
        elif operator in (b"Tj", b"TJ"):
            assert font is not None
            for part in operands[0] if operator == b"TJ" else operands:
                if isinstance(part, int | float):
                    x -= float(part) * size / 1000
                    continue
                for code in part.original_bytes:
                    found.append(Glyph(font.character(code), page, origin[0] + x, origin[1] + y))
                    x += font.width(code) * size / 1000
    return found
