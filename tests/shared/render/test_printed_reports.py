"""What a report prints besides its sections, and in which order: the same in PDF and DOCX."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.render.annexes import PART_2_NOTICE
from shared.render.blocks import Answers, Block, Box, Facts, Heading, Item, Remark, Together, Tone
from shared.render.documents import ReportDocument
from shared.render.pdf import report_pdf
from shared.render.report_blocks import printed_report
from shared.render.words.languages import words_of
from tests.shared.render.test_pdf import pages
from tests.support.printed_reports import LANGUAGES, document, signature, signed


def blocks(report: ReportDocument) -> list[Block]:
    return list(printed_report(report).blocks)


def flat(found: list[Block]) -> list[Block]:
    return [one for block in found for one in (block.blocks if isinstance(block, Together) else (block,))]


def headings(report: ReportDocument) -> list[str]:
    return [block.text for block in flat(blocks(report)) if isinstance(block, Heading)]


def box(report: ReportDocument, title: str) -> Box:
    (found,) = (one for one in flat(blocks(report)) if isinstance(one, Box) and one.title == title)
    return found


def test_notices_facts_sections_findings_signature_and_addenda_follow_each_other() -> None:
    report = signed("en")
    order = [type(block).__name__ for block in flat(blocks(report)) if isinstance(block, Box | Facts | Answers)]

    assert order == ["Box", "Box", "Facts", "Answers", "Box", "Box"]
    assert headings(report) == [
        "Follow-up report",
        "History",
        "Examination",
        "Visit",
        "Kind of visit",
        "Assessment",
        "Plan",
        "PHQ-9",
        "What was doubted, and how it was decided",
        "Addendum 1",
    ]


def test_a_signature_has_time_in_the_clinics_zone_and_in_utc_and_says_how_to_verify() -> None:
    signature = box(replace(signed("en"), addenda=()), "Electronically signed")
    rows = {row.label: row.value for row in signature.rows}

    assert rows["Signed"] == "4 November 2026, 15:42 IST (Asia/Kolkata)\n2026-11-04 10:12:00 UTC"
    assert rows["Name"] == "Dr. Meera Iyer"
    assert rows["Licence no."] == "KMC-48213"
    assert rows["Account"] == "uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3"
    assert rows["Meaning"].startswith("Author")
    assert rows["Key"] == "report-signing, version 3"
    assert len(rows["SHA-256"]) == 64
    assert "SHA-256" in rows["To verify"]
    assert "://" not in rows["To verify"]


def test_utc_is_another_day_where_the_clinic_is_ahead() -> None:
    report = signed("en")
    assert report.signature is not None
    late = replace(report.signature, signed_at=datetime(2026, 11, 4, 20, 0, tzinfo=UTC))
    rows = {row.label: row.value for row in box(replace(report, signature=late, addenda=()), late_title()).rows}

    assert rows["Signed"] == "5 November 2026, 01:30 IST (Asia/Kolkata)\n2026-11-04 20:00:00 UTC"


def late_title() -> str:
    return words_of("en").signature.title


def test_findings_are_printed_on_request_with_their_decisions() -> None:
    asked = signed("en")
    (item,) = (one for one in blocks(asked) if isinstance(one, Item) and one.note)

    assert item.note == "heard uncertainly. Confirmed: heard in the recording (Dr. Meera Iyer, 4.11.2026)"
    assert item.note_tone is Tone.MUTED
    assert words_of("en").findings.title not in headings(replace(asked, findings=None))
    nothing = [one.text for one in blocks(replace(asked, findings=())) if isinstance(one, Remark)]
    assert nothing[-1:] == ["The checks found nothing to decide."]


def test_an_addendum_has_its_lines_author_time_and_digest() -> None:
    report = signed("en")
    (first,) = report.addenda
    second = replace(first, lines=("One.", "Two."), printed_name="Dr. Ravi Menon")
    found = flat(blocks(replace(report, addenda=(first, second))))
    start = found.index(Heading("Addendum 2", 2))

    assert found[start + 1 : start + 3] == [Item("One."), Item("Two.")]
    signature = found[start + 3]
    assert isinstance(signature, Box)
    assert [row.value for row in signature.rows] == [
        "Dr. Ravi Menon",
        "KMC-48213",
        "uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3",
        "5 November 2026, 11:00 IST (Asia/Kolkata)\n2026-11-05 05:30:00 UTC",
        first.content_digest,
    ]


def test_a_superseded_report_says_so_on_every_page_and_by_what() -> None:
    report = printed_report(signed("en"))

    assert report.full_mark == "SUPERSEDED"
    lines = box(signed("en"), "SUPERSEDED").lines
    assert lines[0] == "Superseded by REP-20260009 on 9 November 2026, 10:30 IST. Reason: heard in the recording"
    assert printed_report(replace(signed("en"), superseded=None)).full_mark == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_that_waits_for_its_co_signature_says_so_on_every_page_and_below_the_signature(language: str) -> None:
    marks = words_of(language).marks
    waiting = replace(signed(language), superseded=None, addenda=(), awaits_cosignature=True)

    assert printed_report(waiting).full_mark == f"{marks.not_final} – {marks.waits_for_cosignature}"
    assert blocks(waiting)[-1] == box(waiting, marks.not_final)
    assert box(waiting, marks.not_final).lines == (marks.not_final_advice,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_co_signature_has_a_box_of_its_own_after_the_author_s(language: str) -> None:
    labels, whole = words_of(language).signature, signed(language)
    supervisor = replace(signature(language), printed_name="Dr. Ravi Menon")
    cosigned = replace(whole, cosignature=supervisor, superseded=None)

    titles = [one.title for one in flat(blocks(cosigned)) if isinstance(one, Box)]

    assert box(cosigned, labels.cosigned).rows[0].value == "Dr. Ravi Menon"
    assert titles.index(labels.title) < titles.index(labels.cosigned) < len(titles) - 1, "addenda are last"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_of_42_cfr_part_2_is_in_the_words_of_the_law(language: str) -> None:
    assert box(signed(language), "").lines == (PART_2_NOTICE,)
    without = replace(signed(language), has_part_2_notice=False)
    assert PART_2_NOTICE not in str(blocks(without))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_is_marked_on_each_page_in_its_language(language: str) -> None:
    draft, marks = document(language), words_of(language).marks
    many = replace(draft, sections=draft.sections * 12)

    printed = pages(report_pdf(many))

    assert len(printed) > 2
    assert printed_report(draft).full_mark == f"{marks.draft} – {marks.not_signed}"
    last = flat(blocks(draft))[-1]
    assert isinstance(last, Box)
    assert (last.title, last.lines[0]) == (marks.draft_title, marks.draft_advice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_can_be_edited_says_that_it_is_no_original(language: str) -> None:
    marks = words_of(language).marks
    signed_copy, draft_copy = (
        printed_report(signed(language)).copy_notice,
        printed_report(document(language)).copy_notice,
    )

    assert (signed_copy.title, signed_copy.lines) == (marks.copy_title, (marks.copy_advice,))
    assert [len(row.value) for row in signed_copy.rows] == [64]
    assert (draft_copy.lines, draft_copy.rows) == ((marks.draft_copy_advice,), ())


def test_an_answer_keeps_its_doubts_and_marks() -> None:
    draft = document("en")
    scored = draft.sections[-1]
    answer = replace(scored.parts[0].statements[0], is_revised=True, doubts=("heard uncertainly",))
    parts = (replace(scored.parts[0], statements=(answer,)), scored.parts[1])
    (table,) = (
        one for one in blocks(replace(draft, sections=(replace(scored, parts=parts),))) if isinstance(one, Answers)
    )

    assert table.rows[0][1] == "More than half the days †\nCheck: heard uncertainly."
