"""Reports as Word documents, read back with python-docx."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from infra.catalogue import ROOT
from shared.records.report_type import ReportType
from shared.render import bidi
from shared.render.documents import PatientBlock, ReportDocument, ReportSection, ReportStatement
from shared.render.docx import report_docx
from shared.render.report_blocks import printed_report
from shared.render.word.script import pieces
from shared.render.words.languages import words_of
from tests.shared.render.test_any_text import ANY_TEXT
from tests.support.printed_reports import LANGUAGES, document, signed
from tests.support.thorough import examples

MARKS = str.maketrans("", "", "\u200e\u200f")


def opened(report: ReportDocument) -> Any:
    return Document(BytesIO(report_docx(report)))


def body(found: Any) -> str:
    """The whole text, tables too, in reading order."""
    return "\n".join(
        "".join(part.text or "" for part in paragraph.iter(qn("w:t"))).translate(MARKS)
        for paragraph in found.element.body.iter(qn("w:p"))
    )


def part(report: ReportDocument, name: str) -> str:
    with zipfile.ZipFile(BytesIO(report_docx(report))) as file:
        return file.read(name).decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_has_every_word_of_the_blocks_in_their_order(language: str) -> None:
    report = signed(language)
    text = body(opened(report))
    words = words_of(language)
    position = -1
    for expected in (
        report.letterhead.clinic_name,
        words.marks.copy_title,
        report.title,
        words.marks.superseded,
        report.patient.name,
        *(section.title for section in report.sections),
        words.findings.title,
        words.signature.title,
        words.addendum.format(number=1),
        report.addenda[0].lines[0],
        report.addenda[0].content_digest,
    ):
        position = text.find(expected, position + 1)
        assert position >= 0, expected


def test_headings_lists_and_tables_are_real_ones() -> None:
    found = opened(signed("en"))
    styles = [(paragraph.style.name, paragraph.text) for paragraph in found.paragraphs]

    assert ("Title", "Follow-up report") in styles
    assert ("Heading 1", "History") in styles
    assert ("Heading 2", "Visit") in styles
    assert ("List Bullet", "Low mood") in [(name, text[:8]) for name, text in styles]
    answers = next(table for table in found.tables if table.style.name == "Table Grid")
    assert [[cell.text for cell in row.cells] for row in answers.rows] == [
        ["Item", "Answer"],
        ["Little interest or pleasure in doing things", "More than half the days"],
        ["Total", "14 of 27"],
    ]
    assert answers.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_every_page_has_the_patient_the_mark_and_the_page_of_all() -> None:
    section = opened(document("en")).sections[0]
    footer = section.footer.paragraphs[0]._p
    fields = [each.text for each in footer.iter(qn("w:instrText"))]

    assert section.header.paragraphs[0].text == (
        "Ananya Rao · born 7 March 1991 · PAT-20260001 · REP-20260003\tDRAFT – not signed"
    )
    assert fields == ["PAGE", "NUMPAGES"]
    assert section.footer.paragraphs[0].text.startswith("Follow-up report REP-20260003\tPage ")


def test_kinds_and_doubts_have_styles_of_their_own() -> None:
    found = opened(document("en"))
    kinds = [run.text for one in found.paragraphs for run in one.runs if run.style.name == "Statement kind"]
    doubts = [one.text for one in found.paragraphs if one.style.name == "Check"]

    assert kinds == ["said by the patient", "said by others", "observed", "assessed", "planned"]
    assert doubts == ["Check: heard uncertainly."]


def test_the_properties_name_the_document_but_not_the_patient() -> None:
    properties = opened(signed("hi-IN")).core_properties

    assert properties.title == f"{words_of('hi').titles[ReportType.FOLLOWUP]} REP-20260003"
    assert properties.language == "hi-IN"
    assert properties.created.isoformat() == properties.modified.isoformat() == "2026-11-04T10:12:00+00:00"
    core = part(signed("en"), "docProps/core.xml")
    assert "Ananya" not in core
    assert "python-docx" not in core


def test_a_copy_of_a_signed_report_has_the_digest_of_the_original() -> None:
    report = signed("en")
    assert report.signature is not None
    text = body(opened(report))

    assert text.index("not the original") < text.index(report.signature.content_digest) < text.index(report.title)


@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_reports_have_equal_bytes(language: str) -> None:
    assert report_docx(signed(language)) == report_docx(signed(language))


def test_equal_bytes_in_another_process_at_another_time() -> None:
    program = (
        "import sys, time; time.time = lambda: 1e9\n"
        "from shared.render.docx import report_docx\n"
        "print('docx' in sys.modules, 'reportlab' in sys.modules)\n"
        "from tests.support.printed_reports import signed\n"
        "import hashlib; print(hashlib.sha256(report_docx(signed('ar'))).hexdigest())\n"
        "print('reportlab' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    import hashlib

    digest = hashlib.sha256(report_docx(signed("ar"))).hexdigest()
    assert ran.stdout.splitlines() == ["False False", digest, "False"]


def test_paragraphs_and_columns_of_an_arabic_report_begin_at_the_right() -> None:
    found = opened(signed("ar"))
    texts = [one for one in found.element.body.iter(qn("w:p")) if any(part.text for part in one.iter(qn("w:t")))]

    assert all(one.pPr.find(qn("w:bidi")) is not None for one in texts)
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in found.tables)
    assert opened(signed("en")).element.body.find(f".//{qn('w:bidi')}") is None


def test_latin_words_and_numbers_keep_their_place_in_an_arabic_line() -> None:
    line = "Sertraline 50 mg مرة واحدة يوميًا، 120/80."

    found = list(pieces(line, right_to_left=True))

    assert [(piece.text, piece.right_to_left) for piece in found] == [
        ("Sertraline 50 mg", False),
        (" مرة واحدة يوميًا، 120/80.", True),
    ]


def test_a_hebrew_name_in_an_english_report_goes_from_right_to_left() -> None:
    report = replace(document("en"), patient=PatientBlock("נועה כהן", "PAT-20260001"))
    runs = [
        run
        for run in opened(report).element.body.iter(qn("w:r"))
        if run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None
    ]

    assert ["".join(part.text for part in run.iter(qn("w:t"))) for run in runs] == ["נועה כהן"]


@pytest.mark.parametrize(("name", "font", "language"), [
    ("王伟", "Microsoft YaHei", "zh-CN"),
    ("田中さくら", "Yu Gothic", "ja-JP"),
    ("김민준", "Malgun Gothic", "ko-KR"),
    ("สมชาย", "Leelawadee UI", None),
    ("မောင်မြင့်", "Myanmar Text", None),
    ("བསྟན་འཛིན", "Microsoft Himalaya", None),
    ("ܐܦܪܝܡ", "Estrangelo Edessa", None),
])  # fmt: skip
def test_a_name_has_a_font_of_its_script_and_the_words_around_it_keep_theirs(
    name: str, font: str, language: str | None
) -> None:
    report = replace(document("en"), patient=PatientBlock(f"Dr {name}", "PAT-20260001"))
    runs = [run for run in opened(report).element.body.iter(qn("w:r")) if run.find(f".//{qn('w:rFonts')}") is not None]

    assert {"".join(part.text for part in run.iter(qn("w:t"))) for run in runs} == {name}
    for run in runs:
        named = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
        assert {named.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "eastAsia", "cs")} == {font}
        marked = run.find(f"{qn('w:rPr')}/{qn('w:lang')}")
        assert (None if marked is None else marked.get(qn("w:eastAsia"))) == language
        is_right_to_left = run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None
        assert is_right_to_left == (font == "Estrangelo Edessa")


def test_a_name_without_kana_has_the_font_of_a_japanese_report() -> None:
    report = replace(document("en"), language="ja", patient=PatientBlock("田中", "PAT-20260001"))
    named = opened(report).element.body.iter(qn("w:rFonts"))

    assert {fonts.get(qn("w:eastAsia")) for fonts in named} == {"Yu Gothic"}


@pytest.mark.parametrize(("language", "font"), [("hi-IN", "Nirmala UI"), ("ta-IN", "Nirmala UI"), ("ar", "Arial")])
def test_complex_scripts_have_a_font_a_size_and_a_language(language: str, font: str) -> None:
    found = opened(signed(language))
    heading = found.styles["Heading 1"].element.rPr

    assert heading.find(qn("w:rFonts")).get(qn("w:cs")) == font
    assert heading.find(qn("w:szCs")).get(qn("w:val")) == "23"
    assert heading.find(qn("w:bCs")) is not None
    defaults = found.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert defaults.get(qn("w:bidi")) == language


def test_a_logo_has_a_text_that_stands_for_it() -> None:
    logo = BytesIO()
    Image.new("RGB", (400, 200), "teal").save(logo, "PNG")
    found = opened(document("en", logo=logo.getvalue()))
    (picture,) = found.element.body.iter(qn("wp:docPr"))

    assert picture.get("descr") == "Banyan Mind Clinic"


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(LANGUAGES), ANY_TEXT)
@example("ar", "\ud800\x00\ufffe\uffff\u202e\n1")
def test_any_text_is_written(language: str, text: str) -> None:
    report = replace(
        signed(language),
        title=text,
        patient=PatientBlock(text, "PAT-20260001", None, text),
        sections=(ReportSection(text, (ReportStatement(text, kind=text, doubts=(text,)),), nothing=text),),
        origin=text,
    )

    assert body(opened(report))


@given(ANY_TEXT, st.booleans())
def test_the_pieces_of_a_line_are_the_line(text: str, mirrored: bool) -> None:
    assert "".join(piece.text for piece in pieces(text, right_to_left=mirrored)) == "".join(
        character for character in text if character not in bidi.ISOLATES
    )


def test_a_draft_and_a_signed_report_differ_in_what_they_say_of_the_copy() -> None:
    assert printed_report(document("en")).copy_notice.lines[0] in body(opened(document("en")))
