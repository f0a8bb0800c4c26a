"""Types of text: `Text` may have several lines; `ShortText` and `Name` have one.

Text of a request is stored in Unicode normalization form C (NFC) and contains only characters that readers see or that
its script needs. Others are refused: with them, names that look alike would differ, and a name could print as a line of
its own. Stored text is not checked again. Text that a machine wrote (recognition, drafts) is `cleaned` instead of
refused: a stray character must not cost a recording.

Sources: Unicode Character Database; for joiners also RFC 5892, appendix A.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from shared.records.types import is_request

_MOST_NAMED = 5
"""Maximum number of refused characters that an error names."""

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
"""All line breaks but the line feed (Unicode Standard, section 5.8)."""
_NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_HIDDEN = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # controls but the line feed
    "\xad\u034f\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffc"  # formats without a glyph
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # controls of the bidirectional order
    "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and a symbol without a glyph
    "\u2028\u2029"  # line and paragraph separators
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"  # surrogates, private use, noncharacters
    "\U00013430-\U0001343f\U00016fe4"  # formats of hieroglyphs, a filler
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"  # formats of shorthand and music
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff"  # tags, private use
    f"{_NONCHARACTERS}]"
)

_IN_CONTEXT = re.compile("[\u180b-\u180f\u200b-\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters without a glyph that some scripts need, next to certain characters."""
_CURSIVE = re.compile("[\u0600-\u08ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc\U0001e900-\U0001e95f]")
"""Scripts whose letters join, such as Arabic, Syriac, Mongolian and Adlam."""
_UNSPACED = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17d3\u17d7-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer."""
_IDEOGRAPHS = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
"""Symbols and skin tones."""
_ENDS_WITH_EMOJI = re.compile(f"{_EMOJI.pattern}\ufe0f?\\Z")
"""An emoji may end with the selector of the emoji form."""
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_WITHOUT_FORMS = ("Lu", "Ll", "Zs", "Cc")
"""Categories of characters without a second form that a variation selector chooses."""
_VIRAMA = 9
"""Canonical combining class of the signs that join Indic consonants."""
_HEH = re.compile("[\u0647\u06be\u06c1]")
"""Letters that stand in their initial form as an abbreviation, such as that of Hijri years."""
_MOST_MARKS = 10
"""Combining marks on one letter of a one-line text; more would print over the lines above. Tibetan syllables have 8."""


def is_visible(text: str) -> bool:
    """True if the text contains a letter or digit that has a glyph."""
    return any(unicodedata.category(character)[0] in "LN" for character in _HIDDEN.sub("", text))


def refused_characters(text: str) -> list[str]:
    """The characters that readers do not see and the script does not need, each once. Line feeds are allowed."""
    return list(dict.fromkeys(text[at] for at in _refused(text)))


def cleaned(text: str) -> str:
    """The text in NFC, with line feeds for other line breaks, spaces for tabs, and without refused characters."""
    text = _normalized(text)
    while refused := set(_refused(text)):  # again: what is left may compose, and need a selector no longer
        text = unicodedata.normalize("NFC", "".join(c for at, c in enumerate(text) if at not in refused))
    return text


def _normalized(text: str) -> str:
    return unicodedata.normalize("NFC", _LINE_BREAKS.sub("\n", text).replace("\t", " "))


def _refused(text: str) -> Iterator[int]:
    """The positions of refused characters."""
    yield from (found.start() for found in _HIDDEN.finditer(text))
    yield from (found.start() for found in _IN_CONTEXT.finditer(text) if not _is_needed(text, found.start()))


def _is_needed(text: str, at: int) -> bool:
    """True if the script needs the character at this position, which has no glyph of its own."""
    character, before, after = text[at], text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    if character == "\u200b":
        return _both(_UNSPACED, before, after)
    if character in "\u200c\u200d":
        joins_emoji = _ENDS_WITH_EMOJI.search(text[max(at - 2, 0) : at]) and _EMOJI.match(after)
        return _joins(before, after) or (character == "\u200d" and bool(joins_emoji or _HEH.match(before)))
    if "\u180b" <= character <= "\u180f":
        return _MONGOLIAN.match(before) is not None and not _IN_CONTEXT.match(before)
    if character >= "\U000e0100":
        return _IDEOGRAPHS.match(before) is not None
    return before != "" and unicodedata.category(before) not in _WITHOUT_FORMS and not _IN_CONTEXT.match(before)


def _joins(before: str, after: str) -> bool:
    """True for a joiner at a virama, and in a cursive script."""
    at_virama = any(unicodedata.combining(character) == _VIRAMA for character in (before, after) if character)
    return at_virama or _both(_CURSIVE, before, after)


def _both(pattern: re.Pattern[str], before: str, after: str) -> bool:
    return pattern.match(before) is not None and pattern.match(after) is not None


def _lines(text: str, info: ValidationInfo) -> str:
    return _checked(_normalized(text)) if is_request(info) else text


def _one_line(text: str, info: ValidationInfo) -> str:
    if not is_request(info):
        return text
    text = unicodedata.normalize("NFC", text)
    if found := re.search(f"[\n\t]|{_LINE_BREAKS.pattern}", text):
        raise ValueError(f"must be one line without tabs; contains {_code_point(found[0][0])}")
    if not is_visible(_checked(text)):
        raise ValueError("must contain a visible letter or digit; leave it out if there is nothing to write")
    _check_marks(text)
    return text


def _check_marks(text: str) -> None:
    """Raises ValueError for a combining mark without a character to combine with, and for too many on one."""
    marks = _MOST_MARKS  # nothing at the beginning takes one
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf":  # a joiner between a letter and its mark
            continue
        marks = marks + 1 if category[0] == "M" else _MOST_MARKS if category[0] == "Z" else 0
        if marks > _MOST_MARKS:
            raise ValueError(
                f"a combining mark follows no letter, or more than {_MOST_MARKS} follow one: {_code_point(character)}"
            )


def _checked(text: str) -> str:
    """The text. Raises ValueError, with the code points, if it contains refused characters."""
    if refused := refused_characters(text):
        named = ", ".join(map(_code_point, refused[:_MOST_NAMED]))
        raise ValueError(f"contains invisible or control characters: {named}")
    return text


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _within(most: int) -> AfterValidator:
    """A bound on the length after normalisation, which can triple a text."""

    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"has more than {most} characters in Unicode normalization form C")
        return text

    return AfterValidator(check)


_LINES = (AfterValidator(_lines), Field(json_schema_extra={"format": "text"}))
_ONE_LINE = (AfterValidator(_one_line), Field(json_schema_extra={"format": "text-line"}))

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), *_LINES, _within(20_000)]
"""Free text; always Encrypted. Line breaks are stored as line feeds, tabs as spaces."""
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), *_ONE_LINE, _within(500)]
"""One line of free text with a letter or digit."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), *_ONE_LINE, _within(200)]
"""A name of a person."""
