"""Text in any script: what goes from right to left, and fonts and languages of complex scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from shared.render import bidi
from shared.render.typography import clean
from shared.render.word.elements import element
from shared.render.word.fonts import fonted, set_font

_NO_XML = re.compile("[\ufffe\uffff]")
_LEFT_TO_RIGHT_MARK, _RIGHT_TO_LEFT_MARK = "\u200e", "\u200f"
_FONT = "Arial"
_INDIC_FONT = "Nirmala UI"
"""Has all scripts of India; a program without it takes another font."""
_ARABIC_LANGUAGES = ("ar", "he", "ur", "fa")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line in one direction."""

    text: str
    right_to_left: bool


def plain(text: str) -> str:
    """The text without characters that a document may not have."""
    return _NO_XML.sub("\ufffd", clean(text))


def pieces(text: str, *, right_to_left: bool) -> Iterator[Piece]:
    """A line in pieces of one direction each. Numbers in right-to-left text belong to it: programs know how to place
    them."""
    line, levels = bidi.resolved(text, right_to_left=right_to_left)
    if levels is None:
        if line:
            yield Piece(line, right_to_left=False)
        return
    start = 0
    directions = list(_directions(line, levels))
    for index in range(1, len(line) + 1):
        if index == len(line) or directions[index] != directions[start]:
            yield Piece(line[start:index], directions[start])
            start = index


def _directions(line: str, levels: list[int]) -> Iterator[bool]:
    """Of each character: True from right to left."""
    start = 0
    for index in range(1, len(line) + 1):
        if index == len(line) or levels[index] != levels[start]:
            run = line[start:index]
            is_latin = any(unicodedata.bidirectional(character) == "L" for character in run)
            yield from [bool(levels[start] % 2) or (levels[start] > 0 and not is_latin)] * (index - start)
            start = index


def put(paragraph: Any, text: str, *, mirrored: bool, style: Any = None) -> list[Any]:
    """Add a text to a paragraph, and give the runs. A newline is a line break."""
    runs: list[Any] = []
    for number, line in enumerate(plain(text).strip("\n").split("\n")):
        if number:
            runs.append(paragraph.add_run())
            runs[-1].add_break()
        for piece in _marked(list(pieces(line, right_to_left=mirrored)), mirrored=mirrored):
            for font, part in fonted(piece.text):
                runs.append(paragraph.add_run(part, style))
                if piece.right_to_left:
                    runs[-1].font.rtl = True
                if font:
                    set_font(runs[-1], font)
    if mirrored or bidi.is_right_to_left(plain(text)):
        turned(paragraph)
    return runs


def _marked(line: list[Piece], *, mirrored: bool) -> Iterator[Piece]:
    """The pieces with invisible marks where programs, which see no isolates, would place numbers and full stops
    elsewhere: after a Latin piece, and around a line without a right-to-left letter."""
    if mirrored and len(line) == 1 and not line[0].right_to_left:
        yield Piece(f"{_LEFT_TO_RIGHT_MARK}{line[0].text}{_LEFT_TO_RIGHT_MARK}", right_to_left=False)
        return
    for number, piece in enumerate(line):
        is_weak = unicodedata.bidirectional(piece.text[0]) not in ("R", "AL")
        needs_mark = number > 0 and piece.right_to_left and is_weak
        yield Piece(f"{_RIGHT_TO_LEFT_MARK}{piece.text}", right_to_left=True) if needs_mark else piece


def turned(paragraph: Any) -> None:
    """Let the paragraph begin at the right."""
    properties = paragraph._p.get_or_add_pPr()
    if properties.find(qn("w:bidi")) is None:
        properties.insert_element_before(
            element("w:bidi"), "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
            "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:outlineLvl",
            "w:rPr", "w:sectPr",
        )  # fmt: skip


def complex_font(style: Any, language: str) -> None:
    """Font, size and weight of the complex scripts in a style: those that it has for Latin."""
    primary = language.partition("-")[0].casefold()
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    for kind in ("ascii", "hAnsi"):
        fonts.set(qn(f"w:{kind}"), _FONT)
    fonts.set(qn("w:cs"), _FONT if primary in (*_ARABIC_LANGUAGES, "en") else _INDIC_FONT)
    style.font.cs_bold = style.font.bold
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    size = element("w:szCs", val=properties.find(qn("w:sz")).get(qn("w:val")))
    properties.find(qn("w:sz")).addnext(size)
