"""The bundled fonts: loading, registration with reportlab, and the characters that address their glyphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

import uharfbuzz  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from shared.render.families import LATIN, SYMBOLS, WITH_BOLD

_FOLDER = Path(__file__).parent / "fonts"
_PRIVATE_USE = 0xE000

_FILES = {"Tibetan": "NotoSerifTibetan"}
"""The beginning of the file's name, of a family without a sans-serif font."""

Weight = Literal["Regular", "Bold", "Italic"]


@dataclass(frozen=True, slots=True)
class Font:
    """One loaded font file."""

    name: str
    shaper: uharfbuzz.Font
    characters: tuple[int, ...]
    """The character that addresses each glyph: its own, or one of the private use area."""
    widths: tuple[float, ...]
    codes: frozenset[int]
    """Code points with a glyph in the font."""
    is_emboldened: bool = False
    """True for a bold text in a font that has no bold weight: its outlines are drawn, too."""

    @property
    def missing(self) -> str:
        """The character that addresses the empty box, which stands for a character without a glyph."""
        return chr(self.characters[0])


_LOADING = Lock()


def load_font(family: str, weight: Weight) -> Font:
    """Load a font and register it with reportlab. Symbol fonts have one weight; only Latin has italics."""
    with _LOADING:  # a second registration would replace a font that a document is using
        return _load_font(family, weight)


@cache
def _load_font(family: str, weight: Weight) -> Font:
    has_weight = family in WITH_BOLD if weight == "Bold" else family == LATIN
    name = f"{_FILES.get(family, f'NotoSans{family}')}-{weight if has_weight else 'Regular'}"
    is_emboldened = weight == "Bold" and not has_weight and family not in SYMBOLS
    return replace(_load_file(name), is_emboldened=is_emboldened)


@cache
def _load_file(name: str) -> Font:
    """The font of a file, which may stand for several weights."""
    path = str(_FOLDER / f"{name}.ttf")
    font = TTFont(name, path)
    pdfmetrics.registerFont(font)
    shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path)))
    codes = frozenset(font.face.charToGlyph)
    characters = tuple(_name_glyphs(font, shaper))
    widths = tuple(font.face.charWidths[character] for character in characters)
    return Font(name, shaper, characters, widths, codes)


def _name_glyphs(font: TTFont, shaper: uharfbuzz.Font) -> list[int]:
    """Assign a character to each glyph, because reportlab addresses glyphs by character.

    All glyphs are assigned at once: assignment in order of use would make a document depend on earlier documents.
    """
    face = font.face
    own = {glyph: code for code, glyph in sorted(face.charToGlyph.items(), reverse=True) if code < _PRIVATE_USE}
    unmapped = [glyph for glyph in range(shaper.face.glyph_count) if glyph not in own]
    for private, glyph in enumerate(unmapped, start=_PRIVATE_USE):
        own[glyph] = private
        face.charToGlyph[private] = glyph
        face.charWidths[private] = shaper.get_glyph_h_advance(glyph)
    return [own[glyph] for glyph in range(shaper.face.glyph_count)]
