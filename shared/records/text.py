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
from functools import cache, lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from shared.records.types import is_request

_MOST_NAMED = 5
"""Maximum number of refused characters that an error names."""

_USUAL = re.compile(r"[ -~\n]+")
_LETTER_OR_DIGIT = re.compile("[0-9A-Za-z]")
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

_WITHOUT_GLYPH = re.compile("[\u180b-\u180f\u200b-\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters that some scripts need, next to certain characters."""
_CURSIVE = "[\u0600-\u08ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc\U0001e900-\U0001e95f]"
"""Scripts whose letters join, such as Arabic, Syriac, Mongolian and Adlam."""
_HEH = "[\u0647\u06be\u06c1]"
"""Letters that stand in their initial form as an abbreviation, such as that of Hijri years."""
_UNSPACED = "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17d3\u17d7-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]"
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer."""
_IDEOGRAPHS = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_EMOJI = "[\u2190-\u2bff\U0001f000-\U0001faff]"
"""Symbols and skin tones."""
_MONGOLIAN = "[\u1800-\u180a\u1810-\u18af]"
_VIRAMA = (
    "[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b-\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039-\u103a"
    "\u1714-\u1715\u1734\u17d2\u1a60\u1b44\u1baa-\u1bab\u1bf2-\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6"
    "\uabed\U00010a3f\U00011046\U00011070\U0001107f\U000110b9\U00011133-\U00011134\U000111c0\U00011235\U000112ea"
    "\U0001134d\U000113ce-\U000113d0\U00011442\U000114c2\U000115bf\U0001163f\U000116b6\U0001172b\U00011839\U0001193d-\U0001193e"
    "\U000119e0\U00011a34\U00011a47\U00011a99\U00011c3f\U00011d44-\U00011d45\U00011d97\U00011f41-\U00011f42\U0001612f]"
)
"""Signs that join Indic consonants: those of canonical combining class 9 in Unicode 16."""
_WITHOUT_FORMS = ("Lu", "Ll", "Zs", "Cc")
"""Categories of characters without a second form that a variation selector chooses."""
_MOST_MARKS = 10
"""Combining marks on one letter of a one-line text; more would print over the lines above. Tibetan syllables have 8."""


@cache
def _in_context() -> re.Pattern[str]:
    """These characters: where the script needs them, and as `other` elsewhere.

    Compiled for the first text that has one: it takes 3 ms, more than any other pattern.
    """
    return re.compile(
        f"(?={_WITHOUT_GLYPH.pattern})(?:(?<={_UNSPACED})\u200b(?={_UNSPACED})"
        f"|(?<={_VIRAMA})[\u200c\u200d]|[\u200c\u200d](?={_VIRAMA})"
        f"|(?<={_CURSIVE})[\u200c\u200d](?={_CURSIVE})|(?<={_HEH})\u200d"
        f"|(?:(?<={_EMOJI})|(?<={_EMOJI}\ufe0f))\u200d(?={_EMOJI})"
        f"|(?<={_MONGOLIAN})[\u180b-\u180f]|(?<={_IDEOGRAPHS})[\U000e0100-\U000e01ef]|(?<={_EMOJI})[\ufe00-\ufe0f]"
        "|(?P<other>.))"
    )


def is_plain_line(text: str) -> bool:
    """True for printable ASCII with a letter or digit, as most texts of a line are: no check can refuse it."""
    return text.isascii() and text.isprintable() and _LETTER_OR_DIGIT.search(text) is not None


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


def _unusual(text: str) -> str:
    """The characters that are neither printable ASCII nor line feeds, each once: what a short search needs to see."""
    return "".join(set(_USUAL.sub("", text)))


def _normalized(text: str) -> str:
    if _LINE_BREAKS.search(unusual := _unusual(text)):
        text = _LINE_BREAKS.sub("\n", text)
    return unicodedata.normalize("NFC", text.replace("\t", " ")) if unusual else text


def _refused(text: str) -> Iterator[int]:
    """The positions of refused characters."""
    unusual = _unusual(text)
    if _HIDDEN.search(unusual):
        yield from (found.start() for found in _HIDDEN.finditer(text))
    if _WITHOUT_GLYPH.search(unusual):
        others = (found.start() for found in _in_context().finditer(text) if found.lastgroup)
        yield from (at for at in others if not _chooses_form(text, at))


def _chooses_form(text: str, at: int) -> bool:
    """True for a variation selector after a character that has a second form."""
    return at > 0 and "\ufe00" <= text[at] <= "\ufe0f" and _has_forms(text[at - 1])


@lru_cache(maxsize=1024)
def _has_forms(character: str) -> bool:
    return unicodedata.category(character) not in _WITHOUT_FORMS and not _WITHOUT_GLYPH.match(character)


def _lines(text: str, info: ValidationInfo) -> str:
    return _checked(_normalized(text)) if is_request(info) else text


def _one_line(text: str, info: ValidationInfo) -> str:
    if not is_request(info) or is_plain_line(text):
        return text
    text = unicodedata.normalize("NFC", text)
    if found := re.search(f"[\n\t]|{_LINE_BREAKS.pattern}", text):
        raise ValueError(f"must be one line without tabs; contains {code_point(found[0][0])}")
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
                f"a combining mark follows no letter, or more than {_MOST_MARKS} follow one: {code_point(character)}"
            )


def _checked(text: str) -> str:
    """The text. Raises ValueError, with the code points, if it contains refused characters."""
    if refused := refused_characters(text):
        named = ", ".join(map(code_point, refused[:_MOST_NAMED]))
        raise ValueError(f"contains invisible or control characters: {named}")
    return text


def code_point(character: str) -> str:
    """As the Unicode Standard writes it: U+200E."""
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
