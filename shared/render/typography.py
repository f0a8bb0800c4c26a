"""Font selection: the font family of each part of a text.

The bundled families are Noto Sans, one for each script. A text is split into runs of one family each. A character
without a glyph in any family is assigned to the first family, whose empty box makes the gap visible.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from shared.render.bidi import ISOLATES

LATIN = ""
"""The family for Latin, Greek and Cyrillic; `NotoSans` without a suffix."""

_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0000, 0x052F, LATIN),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x06FF, "Arabic"),
    (0x0750, 0x077F, "Arabic"),
    (0x0780, 0x07BF, "Thaana"),
    (0x08A0, 0x08FF, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B00, 0x0B7F, "Oriya"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1200, 0x139F, "Ethiopic"),
    (0x13A0, 0x13FF, "Cherokee"),
    (0x1780, 0x17FF, "Khmer"),
    (0x19E0, 0x19FF, "Khmer"),
    (0x1C50, 0x1C7F, "OlChiki"),
    (0x1C90, 0x1CBF, "Georgian"),
    (0x2D00, 0x2D2F, "Georgian"),
    (0x2D80, 0x2DDF, "Ethiopic"),
    (0xA8E0, 0xA8FF, "Devanagari"),
    (0xA9E0, 0xA9FF, "Myanmar"),
    (0xAA60, 0xAA7F, "Myanmar"),
    (0xAAE0, 0xAAFF, "MeeteiMayek"),
    (0xAB00, 0xAB2F, "Ethiopic"),
    (0xAB70, 0xABBF, "Cherokee"),
    (0xABC0, 0xABFF, "MeeteiMayek"),
    (0xFB13, 0xFB17, "Armenian"),
    (0xFB1D, 0xFB4F, "Hebrew"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFF, "Arabic"),
)
_BLOCK_STARTS = [first for first, _, _ in _BLOCKS]
_SYMBOLS = ("Math", "Symbols2")
_DANDAS = "\u0964\u0965"  # full stops of all Indic scripts, although in the Devanagari block
_VIRAMA = 9  # its canonical combining class; a virama joins two consonants
_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = ("\u200c", _ZERO_WIDTH_JOINER)
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters with a glyph, such as the Arabic number sign (Prepended_Concatenation_Mark)."""
_KEPT = _VISIBLE_FORMATS.union(_JOINERS, ISOLATES)

SCRIPTS = tuple(dict.fromkeys(family for _, _, family in _BLOCKS))
"""The families with a regular and a bold weight."""

FAMILIES = (*SCRIPTS, *_SYMBOLS)
"""All bundled families, in order of preference for characters that belong to no script."""

Covers = Callable[[str, str], bool]
"""Predicate: the family (first argument) has a glyph for the character (second argument)."""


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text in one font family."""

    family: str
    text: str


def font_runs(text: str, covers: Covers) -> list[Run]:
    """Split `text` into the longest runs of one family each; concatenated, the runs equal `text`.

    Letters determine the family. Marks and joiners stay with their base character. Spaces, digits and punctuation stay
    in the current run if its family covers them.
    """
    if text.isascii():  # the common case
        return [Run(LATIN, text)] if text else []
    runs: list[Run] = []
    current = LATIN
    start = 0
    for index, character in enumerate(text):
        family = _family(character, current, covers)
        if family != current:
            if index > start:
                runs.append(Run(current, text[start:index]))
            current, start = family, index
    if start < len(text):
        runs.append(Run(current, text[start:]))
    return runs


def clean(text: str) -> str:
    """Prepare `text` for printing: composed (NFC), without control characters and hidden direction changes.

    Isolates are kept: they end with the paragraph.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(_printable(character) for character in composed)


def can_break_before(text: str, index: int) -> bool:
    """True if an overlong word may be cut before `text[index]`: never between a letter and its marks."""
    character, before = text[index], text[index - 1]
    is_joined = unicodedata.combining(before) == _VIRAMA or before == _ZERO_WIDTH_JOINER
    return not (is_joined or _is_attached(character))


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n" or character in _KEPT:
        return character
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return ""
    return "\ufffd" if category == "Cs" else character


def _is_attached(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character).startswith("M")


def _family(character: str, current: str, covers: Covers) -> str:
    if _is_attached(character) and covers(current, character):
        return current
    script = _script(character)
    if script is not None:
        return script if covers(script, character) else _any_family(character, covers)
    return current if covers(current, character) else _any_family(character, covers)


def _any_family(character: str, covers: Covers) -> str:
    return next((family for family in FAMILIES if covers(family, character)), LATIN)


def _script(character: str) -> str | None:
    """The family of a letter's script; None for characters of all scripts, or of a script without a font."""
    if character in _DANDAS:
        return None
    code = ord(character)
    _, last, family = _BLOCKS[bisect_right(_BLOCK_STARTS, code) - 1]
    if code > last:
        return LATIN if 0x1E00 <= code <= 0x1FFF and character.isalpha() else None
    if family == LATIN and not character.isalpha():
        return None
    return family
