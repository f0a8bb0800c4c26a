"""A report by hand: its statements, and what replaces an earlier report."""

from __future__ import annotations

import pytest

from shared.records.problems import Invalid
from shared.records.record import Stamp
from shared.records.reports.new_report import NewReport, NewStatement
from shared.records.reports.report import ReportStatus
from shared.records.reports.types import ReportSource
from shared.records.templates.shipped import default_sections
from tests.support.factories import DOCTOR, after, report

LATER = Stamp(DOCTOR, after(minutes=5))


def by_hand(*statements: tuple[str, str]) -> NewReport:
    return NewReport(statements=[NewStatement(section=section, text=text) for section, text in statements])


def test_each_statement_has_its_author_and_no_other_evidence() -> None:
    content = by_hand(("assessment", "Better."), ("plan.follow_up", "Four weeks.")).content(
        "r", default_sections(), LATER
    )

    assert [(s.id, s.section, s.segments, s.author_id) for s in content.statements] == [
        ("h1", "assessment", [], DOCTOR),
        ("h2", "plan.follow_up", [], DOCTOR),
    ]
    assert (content.generated, content.corrections) == ([], [])


def test_every_unknown_section_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        by_hand(("nowhere", "?"), ("assessment", "Better."), ("plan", "!")).content("r", default_sections(), LATER)

    assert [error.pointer for error in refused.value.errors] == ["/statements/0/section", "/statements/2/section"]


def test_text_that_no_document_can_hold_is_refused_with_the_limit() -> None:
    with pytest.raises(Invalid) as refused:
        by_hand(*[("assessment", "x" * 20_000)] * 20).content("r", default_sections(), LATER)

    assert [error.pointer for error in refused.value.errors] == ["/statements"]


@pytest.mark.parametrize("status", [ReportStatus.PENDING, ReportStatus.GENERATING, ReportStatus.COMPLETED])
def test_replacement_is_the_next_version_and_attempt_and_keeps_nothing_of_the_draft(status: ReportStatus) -> None:
    before = report(
        status=status, version=3, attempt=2, ai_model="gemini-2", quality_score=1.0, reviewed_by=DOCTOR, revision=7
    )
    made = report(source=ReportSource.BY_HAND, status=ReportStatus.COMPLETED, transcription_id=None)

    replaced = before.replaced(made, LATER)

    assert (replaced.version, replaced.attempt, replaced.revision) == (4, 3, 8)
    assert (replaced.id, replaced.record_key) == (before.id, before.record_key)
    assert (replaced.source, replaced.status, replaced.transcription_id) == ("by_hand", "completed", None)
    assert (replaced.ai_model, replaced.quality_score, replaced.reviewed_by) == (None, None, None)
    assert not replaced.is_current(2), "a draft that is being written no longer counts"
