"""Splitting text into font runs, shaping, and line breaking."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.render.families import FAMILIES, LATIN
from shared.render.font import Weight, load_font
from shared.render.paragraph import TextStyle, lay_out, text_width
from shared.render.shaping import runs_of, shape
from shared.render.typography import Run, can_break_before, clean, font_runs
from tests.support.thorough import examples

STYLE = TextStyle(size=10, leading=14, color="#000000")
ANY_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
MIXED_TEXT = st.lists(
    st.sampled_from(["sleep", "poorly,", "नींद", "क्षमा", "தூக்கம்", "(ঘুম)", "നിദ്ര", "නින්ද", "نوم", "12", "≥ 5", "AV."])
).map(" ".join)


def covers_all(family: str, character: str) -> bool:
    return True


def test_each_script_is_set_in_its_own_font() -> None:
    assert font_runs("Dr अनन्या தமிழ் Зоя", covers_all) == [
        Run(LATIN, "Dr "),
        Run("Devanagari", "अनन्या "),
        Run("Tamil", "தமிழ் "),
        Run(LATIN, "Зоя"),
    ]


def test_punctuation_stays_in_the_run_it_is_in() -> None:
    assert font_runs("नाम: (राव), 3", covers_all) == [Run("Devanagari", "नाम: (राव), 3")]


def test_punctuation_that_a_font_lacks_falls_to_one_that_has_it() -> None:
    def covers(family: str, character: str) -> bool:
        return family == LATIN or character != "&"

    assert font_runs("राव&राव", covers) == [Run("Devanagari", "राव"), Run(LATIN, "&"), Run("Devanagari", "राव")]


def test_indic_scripts_share_the_danda() -> None:
    assert font_runs("আমি।", covers_all) == [Run("Bengali", "আমি।")]


def test_what_no_font_has_falls_to_the_first() -> None:
    assert font_runs("睡眠", lambda family, character: False) == [Run(LATIN, "睡眠")]


def test_symbols_are_found_in_the_symbol_fonts() -> None:
    families = [run.family for run in runs_of("≥→✓", "Regular")]
    assert families == ["Math", "Symbols2"]


@given(ANY_TEXT)
def test_runs_joined_again_are_the_text(text: str) -> None:
    runs = runs_of(text, "Regular")
    assert "".join(run.text for run in runs) == text
    assert all(one.family != other.family for one, other in pairwise(runs))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_missing_glyph_is_a_visible_box(family: str) -> None:
    assert shape(Run(family, "睡"), "Regular").units > 100


def test_a_conjunct_is_one_glyph() -> None:
    assert len(shape(Run("Devanagari", "क्ष"), "Regular").placed) == 1
    assert len(shape(Run("Tamil", "ஸ்ரீ"), "Regular").placed) == 1


def test_a_prebase_vowel_sign_is_drawn_before_its_consonant() -> None:
    assert str(shape(Run("Devanagari", "कि"), "Regular").placed)[1] == "क"
    assert str(shape(Run("Tamil", "கெ"), "Regular").placed) == "ெக"


def test_digits_are_equally_wide() -> None:
    assert len({text_width(digit, STYLE) for digit in "0123456789"}) == 1


def broken(text: str, width: float) -> list[str]:
    return [line.text for line in lay_out(text, STYLE, width)]


@settings(max_examples=examples(60), deadline=None)
@given(st.one_of(ANY_TEXT, MIXED_TEXT), st.floats(30, 300))
@example("x" * 200, 50.0)
@example("क्षत्रिय" * 20, 40.0)
@example(":)\u09960000)))))) )\u09aa\u09aa\u09aa", 87.0)
def test_lines_fit_and_lose_nothing_but_spaces(text: str, width: float) -> None:
    lines = broken(text, width)
    assert all(text_width(line, STYLE) <= width + 0.5 or len(line) == 1 for line in lines)
    kept = "".join(lines).replace(" ", "")
    assert kept == clean(text).replace(" ", "").replace("\n", "")


def test_a_long_line_breaks_between_words() -> None:
    assert broken("one two three", text_width("one two", STYLE) + 1) == ["one two", "three"]


def test_newlines_stay() -> None:
    assert broken("14, 3rd Cross\nBengaluru", 400) == ["14, 3rd Cross", "Bengaluru"]


def test_a_word_is_not_cut_between_a_letter_and_its_marks() -> None:
    allowed = [index for index in range(1, len("क्षि")) if can_break_before("क्षि", index)]
    assert allowed == []
    assert can_break_before("कम", 1)


def test_hidden_direction_changes_and_control_characters_are_removed() -> None:
    assert clean("a\u202eb\u0007c\u200dd") == "ab c\u200dd"
    assert clean("Zoe\u0308") == "Zoë"
    assert clean("\ud800") == "\ufffd"


NAMES = {
    "Burmese": "မောင်မြင့်",
    "Khmer": "សុខា",
    "Georgian": "გიორგი ბერიძე",
    "Armenian": "Արամ Խաչատրյան",
    "Dhivehi": "ޢަލީ ޙަސަން",
    "Meitei": "ꯃꯩꯇꯩ",
    "Santali": "ᱥᱟᱱᱛᱟᱲ",
    "Sinhala": "නිමල්",
    "Thai": "สมชาย",
    "Lao": "ສົມສີ",
    "Amharic": "አበበ በቂላ",
    "Cherokee": "ᏣᎳᎩ",
}


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize("script", NAMES)
def test_a_name_of_each_script_prints_without_an_empty_box(script: str, weight: Weight) -> None:
    runs = runs_of(NAMES[script], weight)

    assert "".join(run.text for run in runs) == NAMES[script]
    for run in runs:
        placed = shape(run, weight).placed
        assert load_font(run.family, weight).missing not in placed
