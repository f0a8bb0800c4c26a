"""Each script prints as letters: in fonts that have them, at the right height, and as fast as Latin."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from itertools import groupby

import pytest
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from bench import paper
from bench.measure import broken
from bench.scripts import TEXTS
from infra.catalogue import ROOT
from shared.render import rules
from shared.render.coverage import missing
from shared.render.documents import ReportSection, ReportStatement
from shared.render.font import Weight, load_font
from shared.render.paragraph import TextStyle, single_line
from shared.render.pdf import bill_pdf, report_pdf
from shared.render.shaping import runs_of
from shared.render.text import draw_line
from tests.shared.render.test_pdf import BILL, CONSULTATION, LETTERHEAD, PATIENT, with_statements
from tests.shared.render.test_tagged_pdf import fonts_of

WEIGHTS: tuple[Weight, ...] = ("Regular", "Bold", "Italic")


def drawn(text: str, weight: Weight = "Regular", edition: int = 4) -> str:
    """The operators that draw a line."""
    canvas = Canvas(BytesIO())
    before = len(canvas._code)  # type: ignore[attr-defined]  # not in the stubs
    with rules.of_edition(edition):
        draw_line(canvas, 10, 10, text, TextStyle(10, 14, "#112233", weight))
    return " ".join(canvas._code[before:])  # type: ignore[attr-defined]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("script", TEXTS)
def test_a_font_has_every_character(script: str, weight: Weight) -> None:
    for text in TEXTS[script]:
        assert missing(text) == ""
        for one in single_line(text, weight).segments():
            assert load_font(one.family, weight).missing not in one.placed


@pytest.mark.parametrize("script", TEXTS)
def test_every_text_of_a_bill_and_a_report_prints(script: str) -> None:
    name, text = TEXTS[script]
    letterhead = replace(LETTERHEAD, practitioner_name=name, clinic_name=name, clinic_address=text)
    who = replace(PATIENT, name=name)
    said = ReportSection(name, (ReportStatement(text, kind=name, doubts=(text,)),))
    report = replace(with_statements(text), letterhead=letterhead, patient=who, sections=(said,), allergies=text)
    line = replace(CONSULTATION, description=text)
    bill = replace(BILL, letterhead=letterhead, patient=who, lines=(line,), notes=text, address=text)

    for pdf in (report_pdf(report), report_pdf(replace(report, signature=None)), bill_pdf(bill)):
        assert b"<pdfaid:part>" in pdf, "no character is a box: the file claims PDF/A"


@pytest.mark.parametrize("script", TEXTS)
def test_each_glyph_has_its_own_height(script: str) -> None:
    for text in TEXTS[script]:
        placed = [one.placed for one in single_line(text, "Regular").segments()]
        offsets = [at.y_offset for one in placed for at in getattr(one, "__shapeData__", [])]
        rise, seen = 0.0, []
        for found in re.finditer(r"(-?[\d.]+) Ts|T[jJ]", drawn(text)):
            rise = float(found[1]) if found[1] else rise
            seen += [] if found[1] else [round(rise, 1)]

        heights = [round(offset / 100, 1) for offset in offsets]
        assert [key for key, _ in groupby(seen)] == [key for key, _ in groupby(heights)]


def test_ideographs_have_the_form_of_japanese_beside_kana() -> None:
    assert [run.family for run in runs_of("骨が直る", "Regular")] == ["JP"]
    assert [run.family for run in runs_of("骨直", "Regular")] == ["SC"]
    assert [run.family for run in runs_of("王𠀡", "Regular")] == ["SC", "TC"]


@pytest.mark.parametrize(("language", "font"), [("ja", "NotoSansJP"), ("ja-JP", "NotoSansJP"), ("zh", "NotoSansSC")])
def test_ideographs_have_the_form_of_the_language_of_a_report(language: str, font: str) -> None:
    pdf = report_pdf(replace(with_statements("骨"), language=language))

    used = {str(one.get_object()["/BaseFont"]) for one in fonts_of(PdfReader(BytesIO(pdf)).pages[0])}
    assert [name.partition("+")[2].partition("-")[0] for name in used if "JP" in name or "SC" in name] == [font]


def test_a_font_without_a_bold_weight_is_drawn_with_outlines() -> None:
    for text, is_outlined in (("王伟", True), ("ܐܦܪܝܡ", True), ("Wang", False), ("नींद", False), ("≥", False)):
        assert (" 2 Tr" in drawn(text, "Bold")) == is_outlined
        assert " Tr" not in drawn(text, "Regular")


def test_italic_letters_beside_ascii_have_glyphs() -> None:
    (line,) = [single_line("Zoë Łukasiewicz née Ångström", "Italic")]

    assert {one.family for one in line.segments()} == {"", "Italic"}
    assert all(load_font(one.family, "Italic").missing not in one.placed for one in line.segments())


def test_papers_of_the_third_edition_keep_their_fonts() -> None:
    bill = replace(BILL, patient=replace(PATIENT, name="王伟"))

    assert b"<pdfaid:part>" not in bill_pdf(replace(bill, edition=3))
    assert b"<pdfaid:part>" in bill_pdf(bill)


def test_only_the_fonts_of_the_text_are_loaded() -> None:
    program = (
        "from shared.render import font; from tests.shared.render.test_pdf import *\n"
        "report_pdf(with_statements('Sleeps well ≥ 5 ሰ 王'))\n"
        "from reportlab.pdfbase import pdfmetrics; print(*sorted(n for n in pdfmetrics._fonts if 'Noto' in n))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)

    latin = ["NotoSans-Bold", "NotoSans-Italic", "NotoSans-Regular"]
    others = ["NotoSansEthiopic-Regular", "NotoSansMath-Regular", "NotoSansSC-Regular"]
    assert loaded.stdout.split() == [*latin, *others]


def test_a_page_of_each_script_takes_about_as_long_as_one_of_latin() -> None:
    assert broken(paper.compare(3)) == []
