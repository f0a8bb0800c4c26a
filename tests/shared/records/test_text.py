"""Text of requests: characters that nobody sees are refused, those that a script needs are accepted."""

from __future__ import annotations

import contextlib
import json
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.records.text import Name, ShortText, Text, cleaned, is_plain_line, is_visible, refused_characters

ONE_LINE = pytest.mark.parametrize("kind", [Name, ShortText])
ANY_TEXT = st.text(max_size=80) | st.text(
    st.sampled_from("aअ्ก\u200b\u200c\u200dب\ufe0f❤🔥中\U000e0100\n\t\r é"), max_size=20
)
"""Arbitrary text, often with joiners and selectors between letters."""


def came_in(kind: Any, value: str) -> Any:
    """Validate a text of a request. Raises ValidationError."""
    return TypeAdapter(kind).validate_json(json.dumps(value))


def refusal_of(kind: Any, value: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        came_in(kind, value)
    return str(refusal.value.errors()[0]["msg"])


HIDDEN = {
    "null": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "soft hyphen": "\xad",
    "grapheme joiner": "\u034f",
    "Arabic letter mark": "\u061c",
    "Hangul filler": "\u3164",
    "halfwidth Hangul filler": "\uffa0",
    "Khmer inherent vowel": "\u17b4",
    "zero width space": "\u200b",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "right-to-left isolate": "\u2067",
    "word joiner": "\u2060",
    "braille blank": "\u2800",
    "byte order mark": "\ufeff",
    "interlinear anchor": "\ufff9",
    "private use": "\ue000",
    "noncharacter": "\uffff",
    "noncharacter of another plane": "\U0001fffe",
    "tag letter": "\U000e0041",
    "supplementary private use": "\U000f0000",
    "musical format": "\U0001d173",
    "null notehead": "\U0001d159",
    "invisible times": "\u2062",
    "first strong isolate": "\u2068",
    "pop directional formatting": "\u202c",
    "language tag": "\U000e0001",
    "end of tags": "\U000e007f",
    "object replacement": "\ufffc",
    "hieroglyph joiner": "\U00013430",
    "filler of Khitan": "\U00016fe4",
}


@given(st.text(st.characters(max_codepoint=0x100), max_size=12))
def test_a_plain_line_is_what_no_check_refuses(text: str) -> None:
    if is_plain_line(text):
        assert is_visible(text)
        assert refused_characters(text) == []
        assert text == unicodedata.normalize("NFC", text)
        assert not {unicodedata.category(character)[0] for character in text} & {"M", "C"}
    elif text.isascii():
        assert not is_visible(text) or any(unicodedata.category(character)[0] == "C" for character in text)


@pytest.mark.parametrize("kind", [Name, ShortText, Text])
@pytest.mark.parametrize("character", HIDDEN.values(), ids=HIDDEN)
def test_an_invisible_character_is_refused_by_its_code_point(kind: Any, character: str) -> None:
    assert f"U+{ord(character):04X}" in refusal_of(kind, f"As{character}ha")


def test_an_error_names_every_refused_character_up_to_five() -> None:
    assert refusal_of(Name, "A\u202es\x00ha\u202e").endswith(": U+202E, U+0000")
    assert refusal_of(Name, "a\x01\x02\x03\x04\x05\x06").count("U+") == 5


@ONE_LINE
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\t"])
def test_a_one_line_text_has_no_line_break_and_no_tab(kind: Any, line_break: str) -> None:
    assert "one line" in refusal_of(kind, f"Asha{line_break}ALLERGIES: NONE")


@ONE_LINE
@pytest.mark.parametrize("value", [".", "-", "—", "…", "👍", "\u0301", "()", "\u115f\u1160", "₹"])
def test_a_one_line_text_has_a_letter_or_digit(kind: Any, value: str) -> None:
    assert "visible letter or digit" in refusal_of(kind, value) or "invisible" in refusal_of(kind, value)


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien-Smith",
        "José Ñúñez",
        "李小龍",
        "田中さくら",
        "김민준",
        "မောင်မြင့်",
        "شهربانو",
        "می\u200cخواهم",  # Persian: non-joiner between letters
        "क्\u200dष",  # Devanagari: joiner after the virama
        "র\u200d্য",  # Bengali: joiner before the virama
        "ക്\u200d",  # Malayalam: joiner after a final virama
        "ශ්\u200dරී",  # Sinhala
        "葛\U000e0100城",  # ideographic variation
        "ᠮᠣᠩᠭᠣᠯ\u180e\u1820",  # Mongolian vowel separator
        "สม\u200bชาย",  # Thai: word break
        "Anne  Marie",
        "Dr 3",
        "A",
        "李",
        "نرگس\u200cخاتون",
        "1405 ه\u200d. ش.",  # Arabic: joiner after an initial heh
        "र\u200d्य",  # Marathi: eyelash ra
        "क्\u200cष",  # Devanagari: non-joiner after the virama
        "ශ්\u200dරී ලංකා",
        "שָׁלוֹם",
        "مُحَمَّد",
        "བསྟན་འཛིན",
        "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82",  # Tibetan: eight marks on a letter
        "Nguye\u0302\u0303n",
        "q\u0307\u0323",
        "Nʼdiaye",
        "𞤀𞤣𞤤𞤢𞤥",
        "𠮷野",
    ],
)
def test_a_name_of_any_script_is_accepted_as_written(name: str) -> None:
    assert came_in(Name, name) == unicodedata.normalize("NFC", name)


@ONE_LINE
@pytest.mark.parametrize(
    "value",
    ["\u0301Asha", "Asha \u0301Rao", "Asha\u00a0\u0345", "\u093f", "a" + "\u0335" * 11, "\u20ddAsha"],
    ids=ascii,
)
def test_a_combining_mark_of_a_line_stands_on_a_letter(kind: Any, value: str) -> None:
    assert "combining mark" in refusal_of(kind, value) or "visible" in refusal_of(kind, value)


def test_a_text_may_show_a_combining_mark_alone() -> None:
    assert came_in(Text, "The accent \u0301 is missing.") == "The accent \u0301 is missing."


@pytest.mark.parametrize("tag", ["👩🏽\u200d⚕️ team", "❤️\u200d🔥 club", "1️⃣ first"])
def test_emoji_beside_a_letter_are_accepted(tag: str) -> None:
    assert came_in(ShortText, tag) == tag


@pytest.mark.parametrize(
    "name",
    [
        "As\u200dha",
        "As\u200cha",
        "\u200dAsha",
        "As\ufe0fha",
        "अ\u200d\u200dब",
        "中\U000e0100\U000e0101",
        "علی\u200c",
        "رضا\u200d",
        "سمه\u200c",
    ],
)
def test_a_joiner_or_selector_that_the_script_does_not_need_is_refused(name: str) -> None:
    assert "invisible" in refusal_of(Name, name)


def test_a_joiner_is_needed_at_every_sign_that_joins_consonants() -> None:
    viramas = [character for character in map(chr, range(0x11FFF)) if unicodedata.combining(character) == 9]

    assert [
        found for found in viramas if refused_characters(f"{found}\u200d") or refused_characters(f"\u200c{found}")
    ] == []
    assert refused_characters("\u093c\u200d") == ["\u200d"]  # class 7


HOSTILE = [
    "x",
    "é",
    "தூ",
    "क्\u200d",
    "می\u200cخ",
    "👩\u200d",
    "❤\ufe0f",
    "\u0f40\ufe00",
    "e\u0301",
    "x\u2028",
    "x\u202e",
]


@pytest.mark.parametrize("part", HOSTILE, ids=ascii)
def test_a_megabyte_of_texts_is_checked_in_a_short_time(part: str) -> None:
    text = part * (20_000 // len(part))
    count = 1_000_000 // len(text.encode())

    assert min(seconds_to_check(text, count) for _ in range(2)) < 2  # a tenth of it on a quiet machine


def seconds_to_check(text: str, count: int) -> float:
    """The processor time of this many texts."""
    sent, adapter = json.dumps(text), TypeAdapter[str](Text)
    began = time.process_time()
    for _ in range(count):
        with contextlib.suppress(ValidationError):
            adapter.validate_json(sent)
    return time.process_time() - began


def test_names_are_stored_in_normalization_form_c() -> None:
    assert came_in(Name, "Jose\u0301") == "José"


def test_lines_of_a_text_end_with_line_feeds() -> None:
    assert came_in(Text, "one\r\ntwo\rthree\u2028four\tfive") == "one\ntwo\nthree\nfour five"


def test_the_bound_holds_after_normalisation() -> None:
    tripled = "\ufb2c" * 200  # becomes three characters in NFC

    assert "has more than 200" in refusal_of(Name, tripled)


@given(ANY_TEXT)
def test_stored_text_is_read_back_and_sent_again_without_a_change(text: str) -> None:
    for kind in (Name, ShortText, Text):
        try:
            stored = came_in(kind, text)
        except ValidationError:
            continue
        assert TypeAdapter(kind).validate_python(stored) == stored == came_in(kind, stored)


@given(ANY_TEXT)
@example("\u2190\u200d\ufe0f")  # without the selector, the joiner joins nothing
@example("a\ufe0f\u200d\U0001f525")
@example("\u0628\u200d\u061c")  # a neighbour that is removed itself
@example("a\u200b\u0301\ufe0f")  # without the space, the accent composes, and the letter has one form
def test_cleaned_text_has_no_refused_character_and_keeps_every_visible_letter(text: str) -> None:
    clean = cleaned(text)

    assert refused_characters(clean) == []
    assert cleaned(clean) == clean
    assert is_visible(clean) == is_visible(text)
