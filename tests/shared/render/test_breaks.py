"""Where lines break in text without spaces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.scripts import TEXTS
from shared.render import rules
from shared.render.breaks import breaks_in
from shared.render.paragraph import TextStyle, lay_out
from tests.support.thorough import examples

STYLE = TextStyle(size=10, leading=14, color="#000000")
ALL = " ".join(text for _, text in TEXTS.values())


@pytest.mark.parametrize("divided", [
    "患|者|报|告|不|佳，|每|天|120毫|克|（早|晚）。",
    "B12为|１２０，|血|压|120/80mmHg|正|常",
    "田|中|さ|ん|は|「眠|れ|な|い」|と|言っ|た。|ファー|ス|ト",
    "환자는 잠을 못 잔다",
    "ผู้ป่วยนอน|ไม่หลับ|เป็น|เวลาสองสัปดาห์|และ|รับประ|ทานยา",
    "ຄົນ|ເຈັບນອນບໍ່ຫຼັບ|ເປັນ|ເວລາ",
    "အိပ်|မ|ပျော်|တာ နှစ်|ပတ်|ရှိ|ပြီ ကျန်း|မာ|ရေး|ဝန်|ထမ်း",
    "អ្នកជំ|ងឺ|គេង|មិនលក់",
    "ནད་|པ་|གཉིད་|མི་|ཁུག་|པ།",
    "ក្រុម\u200b|ហ៊ុន",
    "王\u3000|伟",
    "plain words, आज रात, سلام",
])  # fmt: skip
def test_a_line_may_begin_at_the_bars(divided: str) -> None:
    parts = divided.split("|")
    starts = [sum(map(len, parts[:count])) for count in range(1, len(parts))]

    assert breaks_in("".join(parts)) == starts


@given(st.lists(st.sampled_from([*ALL, " "]), max_size=80).map("".join), st.integers(12, 200))
@settings(max_examples=examples(60), deadline=None)
def test_no_character_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = lay_out(text, STYLE, width)

    assert "".join(line.text for line in lines).replace(" ", "") == "".join(text.split())
    assert all(line.width(STYLE.size) <= width for line in lines if len(line.text) > 10)


@given(st.lists(st.sampled_from(TEXTS["simplified Chinese"][1] + "「」、。！"), min_size=1, max_size=80).map("".join))
@settings(max_examples=examples(40), deadline=None)
def test_a_line_of_ideographs_is_full_and_begins_with_no_closing_mark(text: str) -> None:
    lines = [line.text for line in lay_out(f"患{text}", STYLE, 200)]

    for index, line in enumerate(lines[1:]):
        assert line[0] not in "，。、」）！" or not breaks_in(lines[index]), "no place to break in the line above"


def test_a_zero_width_space_is_neither_seen_nor_there_in_papers_of_before() -> None:
    with rules.of_edition(3):
        (before,) = lay_out("ក្រុម\u200bហ៊ុន", STYLE, 200)
    (now,) = lay_out("ក្រុម\u200bហ៊ុន", STYLE, 200)

    assert before.text == "ក្រុមហ៊ុន"
    assert now.width(10) == before.width(10)
