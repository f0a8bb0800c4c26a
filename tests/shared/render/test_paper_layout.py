"""The layout of reports and bills: fixed places, what stays together, and the dates of the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from shared.render.documents import PatientBlock, ReportSection, ReportStatement
from shared.render.pdf import bill_pdf, report_pdf
from tests.shared.render.test_pdf import BILL, PATIENT, REPORT, pages, with_statements
from tests.support.pdf_glyphs import Glyph, glyphs

LABELS = ("Date of birth", "Age at the visit", "Sex / gender", "Kind of visit", "Length of visit", "Allergies")
COMPLETE = replace(
    REPORT, age="35 years", visit_kind="Follow-up", visit_minutes=34, allergies="penicillin", origin="Drafted by AI."
)
BARE = replace(COMPLETE, patient=PatientBlock(PATIENT.name, PATIENT.number), age="", visit_minutes=None, allergies="")


def place_of(label: str, drawn: list[Glyph]) -> tuple[int, float, float]:
    """Where the label begins, at its first occurrence."""
    text = "".join(glyph.character for glyph in drawn)
    first = drawn[text.index(label)]
    return first.page, round(first.x, 2), round(first.y, 2)


def test_each_fact_has_its_place_whether_it_is_recorded_or_not() -> None:
    complete, bare = glyphs(report_pdf(COMPLETE)), glyphs(report_pdf(BARE))

    assert [place_of(label, complete) for label in LABELS] == [place_of(label, bare) for label in LABELS]


def test_an_absent_fact_is_said_to_be_not_recorded() -> None:
    assert pages(report_pdf(COMPLETE))[0].count("not recorded") == 0
    assert pages(report_pdf(BARE))[0].count("not recorded") == 5


def test_a_referrer_has_a_line_only_where_there_is_one() -> None:
    assert "Referred by\nDr. Ravi Menon" in pages(report_pdf(replace(COMPLETE, referred_by="Dr. Ravi Menon")))[0]
    assert "Referred by" not in pages(report_pdf(COMPLETE))[0]


@pytest.mark.parametrize("name", ["Ananya Rao", "Venkatanarasimharajuvaripeta " * 6])
def test_the_header_of_a_page_fits_beside_the_mark(name: str) -> None:
    draft = replace(COMPLETE, signature=None, patient=replace(PATIENT, name=name))
    drawn = glyphs(report_pdf(draft))
    header = [glyph for glyph in drawn if glyph.y == max(each.y for each in drawn)]
    start = "".join(glyph.character for glyph in header).rindex("DRAFT")

    assert header[start - 1].character == "3", "the header ends with the number"
    assert max(glyph.x for glyph in header[:start]) + 10 < header[start].x
    assert "born 7 March 1991 · PAT-20260001 · REP-20260003" in pages(report_pdf(draft))[0]


def test_a_heading_its_first_part_and_a_statement_stay_together() -> None:
    part = ReportSection("Part", (ReportStatement("Three lines of text. " * 12),))
    for before in range(20, 44):
        filler = ReportSection("Before", (ReportStatement("One line."),) * before)
        texts = pages(report_pdf(replace(COMPLETE, sections=(filler, ReportSection("Whole", parts=(part,))))))
        (page,) = (text for text in texts if "Whole" in text)
        assert "Whole\nPart\n• Three lines" in page


def test_a_signature_does_not_stand_alone_on_a_page() -> None:
    for before in range(15, 44):
        document = replace(COMPLETE, sections=with_statements(*["One line."] * before).sections)
        (page,) = (text for text in pages(report_pdf(document)) if "Electronically signed" in text)
        assert "Drafted by AI." in page


def test_a_draft_has_the_doubts_below_their_statements_and_counts_them() -> None:
    doubtful = ReportStatement("Sertraline 100 mg.", doubts=("heard uncertainly",))
    sections = (ReportSection("Plan", parts=(ReportSection("Medications", (doubtful,)),)),)

    (text,) = pages(report_pdf(replace(COMPLETE, sections=sections, signature=None)))

    assert "Sertraline 100 mg.\nCheck: heard uncertainly." in text
    assert "1 statement has a doubt to check before signing." in text
    assert "Draft, not signed" in text


def test_a_revised_statement_is_marked() -> None:
    sections = (ReportSection("Plan", (ReportStatement("Review.", is_revised=True), ReportStatement("Rest."))),)

    (text,) = pages(report_pdf(replace(COMPLETE, sections=sections)))

    assert "Review. †" in text
    assert text.count("†") == 1


def test_sections_without_entry_take_one_line() -> None:
    assert (
        "Not discussed: Examination, Plan (Follow-up)."
        in pages(report_pdf(replace(COMPLETE, no_entry=("Examination", "Plan (Follow-up)"))))[0]
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_the_dates_of_the_files_are_those_of_the_records(zone: str) -> None:
    report = PdfReader(BytesIO(report_pdf(replace(COMPLETE, zone=zone)))).metadata
    bill = PdfReader(BytesIO(bill_pdf(BILL))).metadata

    assert report is not None
    assert report.creation_date == report.modification_date == datetime(2026, 11, 4, 10, 12, tzinfo=UTC)
    assert bill is not None
    assert (bill.creation_date, bill.modification_date) == (BILL.created_at, BILL.changed_at)
