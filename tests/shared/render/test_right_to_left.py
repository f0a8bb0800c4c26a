"""Right-to-left text on paper: where the glyphs stand, by the Unicode bidirectional algorithm (UAX #9)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bidi import get_display  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.render import bidi
from shared.render.bidi import ISOLATES, isolated
from shared.render.paragraph import Paragraph, TextStyle, lay_out, text_width
from shared.render.pdf import bill_pdf, report_pdf
from tests.shared.render.test_pdf import BILL, PATIENT, shaped_texts, with_statements
from tests.support.pdf_glyphs import glyphs, visual_lines
from tests.support.thorough import examples

STYLE = TextStyle(size=10, leading=14, color="#000000", align="start")
UNJOINED = ["שלום", "אב", "metformin", "mg", "120", "12.5", "120/80", "(", ")", "[a]", ",", "-", "%"]
PIECES = [*UNJOINED, "تناول", "ملغ", "١٢٠", "नींद"]
"""With letters that change their form beside others."""


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("تناول 120 ملغ مرتين يوميا", "120"),
        ("الجرعة ١٢٠ ملغ", "١٢٠"),
        ("ضغط الدم 120/80", "120/80"),
        ("ضغط الدم ١٢٠/٨٠ اليوم", "١٢٠/٨٠"),
        ("يأخذ المريض metformin 500 mg مرتين", "metformin500mg"),
        ("מטופרולול 12.5 mg פעמיים", "12.5"),
        ("טלפון 054-1234567 בבית", "054-1234567"),
        ("120 מ״ג", "120"),
        ("سيرترالين ۵۰ میلی‌گرم", "۵۰"),
        ("דופק 72, לחץ 120/80, חום 36.6", "36.6"),
        ("درجة الحرارة 38.5°", "38.5"),
        ("السكر ١٢٫٥ مليمول", "١٢٫٥"),
        ("الموعد 31/12/2026 الساعة 10:30", "31/12/2026"),
        ("الموعد 31/12/2026 الساعة 10:30", "10:30"),
        ("التاريخ 2026.11.27", "2026.11.27"),
        ("משקל 1,250.75 גרם", "1,250.75"),
        ("תוספת 15% מהמנה", "15%"),
        ("מתחת ל־37.2 מעלות", "37.2"),
        ("قراءة 12٬345٫6 اليوم", "12٬345٫6"),
        ("נסיוב B12 140 pg/mL", "B12140pg/mL"),
        ("خون ۱۲۰/۸۰ میلی‌متر", "۱۲۰/۸۰"),
        ("دوا ۵۰ ملی گرام صبح ۷۵ شام", "۷۵"),
        ("𞤀𞤣 120 𞤤𞤢", "120"),
        ("ܐܒ 345 ܓܕ", "345"),
    ],
)
def test_a_number_is_printed_as_it_is_written(statement: str, number: str) -> None:
    lines = visual_lines(report_pdf(with_statements(statement)))

    assert [line for line in lines if number in line]
    assert not [line for line in lines if number != number[::-1] and number[::-1] in line]


def test_the_first_word_of_a_right_to_left_paragraph_is_at_the_right() -> None:
    (line,) = [line for line in visual_lines(report_pdf(with_statements("אב 120 metformin גד"))) if "120" in line]

    assert line == "דג" + "metformin" + "120" + "בא" + "•"


def test_right_to_left_words_in_a_left_to_right_paragraph_keep_their_place() -> None:
    (line,) = [line for line in visual_lines(report_pdf(with_statements("Take (אב) 120 daily"))) if "Take" in line]

    assert line == "•Take(בא)120daily"


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("אב (metformin 500 mg) גד", "דג" + "(metformin500mg)" + "בא"),
        ("אב [גד] הו", "וה" + "[דג]" + "בא"),
        ("אב (a) b", "b(a)" + "בא"),
        ("אב (א) <ג>", "<ג>" + "(א)" + "בא"),
    ],
)
def test_brackets_are_mirrored_and_enclose_their_content(statement: str, printed: str) -> None:
    seen = next(line for line in visual_lines(report_pdf(with_statements(statement))) if "בא" in line)

    assert seen.removesuffix("•") == printed


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.sampled_from(UNJOINED), min_size=1, max_size=12))
@example(["שלום", "(", "mg", ")", "120"])
def test_glyphs_stand_in_the_order_of_the_algorithm(pieces: list[str]) -> None:
    text = " ".join(pieces)
    parts = sorted(Paragraph(text, "Regular").segments(0, len(text)), key=lambda part: part.x)

    assert _unmirrored("".join(str(part.placed) for part in parts)) == _unmirrored(get_display(text))


def _unmirrored(text: str) -> str:
    """The text with one sign for each pair of brackets; `get_display` does not mirror them."""
    return text.translate(str.maketrans(")]", "(["))


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(60, 400))
@settings(max_examples=examples(40), deadline=None)
def test_lines_are_broken_in_the_order_in_which_they_are_read(pieces: list[str], width: int) -> None:
    text = " ".join(pieces)
    lines = lay_out(text, STYLE, width)

    assert " ".join(line.text for line in lines).split() == text.split()
    assert all("".join(part.text for part in line.segments()) == line.text for line in lines)


def test_a_paragraph_is_resolved_before_it_is_broken_into_lines() -> None:
    # After an Arabic letter a hyphen parts two numbers, even when the letter stands on the line above.
    text = "بعد " * 12 + "120-80"
    lines = lay_out(text, STYLE, 150)
    last = sorted(lines[-1].segments(), key=lambda part: part.x)

    assert len(lines) > 1
    assert "".join(str(part.placed) for part in last).split()[0] == "80-120"


def test_a_right_to_left_paragraph_ends_at_the_left_and_its_bullet_is_at_the_right() -> None:
    placed = glyphs(report_pdf(with_statements("שלום", "Hello")))
    bullets = [glyph.x for glyph in placed if glyph.character == "•"]
    (shin,) = [glyph.x for glyph in placed if glyph.character == "ש"]

    assert bullets[0] > shin > bullets[1]


def test_names_and_notes_on_a_bill_are_right_too() -> None:
    bill = replace(BILL, patient=replace(PATIENT, name="משה 2"), notes="לשלם 1,500 עד 31/12/2026")
    lines = visual_lines(bill_pdf(bill))

    assert any("31/12/2026" in line and "1,500" in line for line in lines)
    assert any("2השמ" in line for line in lines)


def test_right_to_left_text_is_copied_in_the_order_in_which_it_is_read() -> None:
    document = replace(with_statements("تناول 120 ملغ"), patient=replace(PATIENT, name="محمد"))
    texts = "".join(shaped_texts(report_pdf(document)))

    assert texts.index("محمد") < texts.index("تناول") < texts.index("ملغ")


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("סוכר 120–140 בצום", "םוצב140–120רכוס"),
        ("טמפרטורה -5 בחוץ", "ץוחב5-הרוטרפמט"),
        ("العمر 40-50", "50-40" + "رمعلا"),
        ("زيادة 15%", "%15" + "ةدايز"),
    ],
)
def test_a_range_and_a_sign_are_read_from_the_right_as_the_algorithm_has_it(statement: str, printed: str) -> None:
    """Both numbers of a range are printed as they are written, the first one at the right."""
    visual = get_display(statement).replace(" ", "")

    assert visual == printed
    parts = sorted(Paragraph(statement, "Regular").segments(0, len(statement)), key=lambda part: part.x)
    digits = [part.text for part in parts if any(map(str.isdigit, part.text))]
    assert [text.strip() for text in digits] == re.findall(r"\d+", visual)


def test_a_number_beside_a_name_stays_where_the_sentence_has_it() -> None:
    report = with_statements("Sleeps badly.")
    origin = f"Revised by {isolated('משה כהן')}, {isolated('محمد')}: 2 statements corrected."
    lines = visual_lines(report_pdf(replace(report, patient=replace(PATIENT, name="משה 2"), origin=origin)))

    assert f"Revisedby{'משהכהן'[::-1]}," in "".join(lines)
    assert any(line.endswith(":2statementscorrected.") for line in lines)
    assert any(line.startswith(f"2{'משה'[::-1]}·born7March1991·PAT-20260001") for line in lines)


def test_isolates_are_neither_printed_nor_measured() -> None:
    plain, marked = "a 120 b", f"a {ISOLATES[0]}120{ISOLATES[1]} b"

    assert text_width(marked, STYLE) == text_width(plain, STYLE)
    assert [line.text for line in lay_out(marked, STYLE, 300)] == [plain]
    assert isolated("Asha") == "Asha"
    assert isolated(isolated("משה")) == isolated("משה")


@pytest.mark.parametrize(("levels", "order"), [
    ([0], [0]),
    ([1], [0]),
    ([1, 2, 1], [2, 1, 0]),
    ([0, 1, 2, 1, 0], [0, 3, 2, 1, 4]),
    ([2, 1], [1, 0]),
    ([0, 2, 0], [0, 1, 2]),
    ([1, 2, 3, 2, 1], [4, 1, 2, 3, 0]),
    ([], []),
])  # fmt: skip
def test_runs_are_reversed_from_the_highest_level_to_the_lowest_odd_one(levels: list[int], order: list[int]) -> None:
    assert bidi.visual_order(levels) == order


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=40))
def test_every_character_has_a_level(text: str) -> None:
    levels = bidi.levels(text)
    assert levels is None or len(levels) == len(text)


def test_a_report_without_right_to_left_text_does_not_load_the_algorithm() -> None:
    assert bidi.levels("Sleeps नींद 120/80") is None
    assert not Paragraph("Sleeps नींद", "Regular").right_to_left
