"""Font selection: the font family of each part of a text.

The bundled families are Noto Sans, one for each script. A text is split into runs of one family each. A character
without a glyph in any family is assigned to the first family, whose empty box makes the gap visible.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.render.bidi import ISOLATES
from shared.render.families import BLOCKS, CHINESE, FAMILIES, JAPANESE, LATIN

_BLOCK_STARTS = [first for first, _, _ in BLOCKS]
_DANDAS = "\u0964\u0965"  # full stops of all Indic scripts, although in the Devanagari block
_VIRAMA = 9  # its canonical combining class; a virama joins two consonants
_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = ("\u200c", _ZERO_WIDTH_JOINER)
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters with a glyph, such as the Arabic number sign (Prepended_Concatenation_Mark)."""
ZERO_WIDTH_SPACE = "\u200b"
"""Says where a line may break in a script without spaces."""
_KEPT = _VISIBLE_FORMATS.union(_JOINERS, ISOLATES, ZERO_WIDTH_SPACE)
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]")

Covers = Callable[[str, str], bool]
"""Predicate: the family (first argument) has a glyph for the character (second argument)."""


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text in one font family."""

    family: str
    text: str


def font_runs(text: str, covers: Covers, families: Sequence[str] = FAMILIES, *, is_japanese: bool = False) -> list[Run]:
    """Split `text` into the longest runs of one of the families each; concatenated, the runs equal `text`.

    Letters determine the family. Marks and joiners stay with their base character. Spaces, digits and punctuation stay
    in the current run if its family covers them. `is_japanese` says that the document is, whatever the text.
    """
    if text.isascii():  # the common case
        return [Run(LATIN, text)] if text else []
    choice = _Choice(covers, families, is_japanese=is_japanese or bool(_KANA.search(text)))
    runs: list[Run] = []
    current = LATIN
    start = 0
    for index, character in enumerate(text):
        family = choice.family(character, current)
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


class _Choice:
    """Chooses the families of one text."""

    def __init__(self, covers: Covers, families: Sequence[str], *, is_japanese: bool) -> None:
        self._covers = covers
        self._families = families
        self._ideographs = JAPANESE if is_japanese else CHINESE

    def family(self, character: str, current: str) -> str:
        """The family of a character after one of the current family."""
        covers = self._covers
        if character == ZERO_WIDTH_SPACE or (_is_attached(character) and covers(current, character)):
            return current
        script = self._script(character)
        if script is not None:
            return script if covers(script, character) else self._any(character)
        return current if covers(current, character) else self._any(character)

    def _any(self, character: str) -> str:
        return next((family for family in self._families if self._covers(family, character)), LATIN)

    def _script(self, character: str) -> str | None:
        """The family of a letter's script; None for characters of all scripts, or of a script without a font."""
        family = _script(character)
        if family == CHINESE:
            family = self._ideographs
        return family if family in self._families else None


def _script(character: str) -> str | None:
    """The family of a letter's script; None for characters of all scripts, or of a script without a font."""
    if character in _DANDAS:
        return None
    code = ord(character)
    _, last, family = BLOCKS[bisect_right(_BLOCK_STARTS, code) - 1]
    if code > last:
        return LATIN if 0x1E00 <= code <= 0x1FFF and character.isalpha() else None
    if family == LATIN and not character.isalpha():
        return None
    return family
