"""What is printed of a report in each language, and what an export adds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.record import Stamp
from shared.records.reports.resolutions import ResolutionKind, Resolve, resolved
from shared.records.reports.signed import Meaning
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.types import ReportType
from shared.records.templates.instruments import InstrumentRef
from shared.records.templates.sections import Section, SectionType
from shared.render.annexes import Superseded
from shared.render.report_blocks import printed_report
from shared.render.words.languages import LANGUAGES, words_of
from shared.workflows.reports import paper
from tests.shared.workflows.reports.test_paper import PLAN, PRESSURE, SLEEP, snapshot
from tests.support.factories import DOCTOR, NOON, after, content, doubt, report, statement
from tools.openapi import factories as plain_factories

TAGS = {"en": "en-IN", "hi": "hi-IN", "ta": "ta", "ar": "ar-EG"}
DOUBTFUL = PLAN.model_copy(update={"doubts": [doubt(DoubtKind.DOSE_NOT_OF_DRUG, "50 mg")]})
MISSED = Omission.of(OmissionKind.ALLERGY, 3, "penicillin")


def whole(*statements: Any, language: str = "en", **changes: Any) -> ReportSnapshot:
    return snapshot(content(*statements), language=TAGS[language], **changes)


def signature(meaning: Meaning = Meaning.AUTHOR) -> Any:
    return plain_factories.signature(Stamp(DOCTOR, after(hours=1))).model_copy(update={"meaning": meaning})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fixed_words_are_in_the_language_of_the_report(language: str) -> None:
    words = words_of(language)
    document = paper.draft_document(whole(SLEEP, DOUBTFUL, language=language), NOON)

    assert document.language == TAGS[language]
    assert document.title == words.titles[ReportType(whole(SLEEP).report_type)]
    assert document.visit_kind == words.visit_kinds[whole(SLEEP).visit_type]
    assert document.age == words.years.of(36)
    assert words.origin.unchanged in document.origin
    printed = document.sections[-1].parts[0].statements[0]
    assert printed.doubts == (f"{words.findings.doubts[DoubtKind.DOSE_NOT_OF_DRUG]} (50 mg)",)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("meaning", Meaning)
def test_the_meaning_of_a_signature_is_in_the_language_of_the_report(language: str, meaning: Meaning) -> None:
    document = paper.signed_document(whole(SLEEP, language=language), signature(meaning))

    assert document.signature is not None
    assert document.signature.meaning == words_of(language).meanings[meaning]


@pytest.mark.parametrize("language", LANGUAGES)
def test_warnings_about_all_of_a_draft_are_in_its_language(language: str) -> None:
    covered = report(unreported_recordings=["r1", "r2"], transcript_changed=True)
    origin = words_of(language).origin

    assert paper.warnings_of(covered, TAGS[language]) == [origin.lacking_recordings.of(2), origin.transcript_changed]
    assert paper.warnings_of(report(), TAGS[language]) == []


@pytest.mark.parametrize("kind", [*StatementKind, None])
def test_a_statement_has_its_kind_in_words(kind: StatementKind | None) -> None:
    document = paper.draft_document(whole(SLEEP.model_copy(update={"kind": kind})), NOON)

    (said,) = (one for section in document.sections for one in section.statements)
    assert said.kind == (words_of("en").kinds[kind] if kind else "")


def test_the_order_is_that_of_the_template_not_of_the_statements() -> None:
    document = paper.draft_document(whole(PLAN, PRESSURE, SLEEP), NOON)
    titles = [section.title for section in document.sections]

    assert titles.index("History of Present Illness") < titles.index("Physical Examination") < titles.index("Plan")


def decided(**changes: Any) -> ReportSnapshot:
    """A doubt that was confirmed, a second one that nobody decided, and an omission that was."""
    unsure = SLEEP.model_copy(update={"doubts": [doubt(DoubtKind.HEARD_UNCERTAINLY)]})
    held = whole(unsure, DOUBTFUL, omissions=[MISSED], **changes)
    _, dose, missed = held.findings
    decisions = [
        Resolve(finding_id=dose.id, how=ResolutionKind.CONFIRMED, reason="I prescribed it."),
        Resolve(finding_id=missed.id, how=ResolutionKind.NOT_RELEVANT, reason="It is in the chart."),
    ]
    settled = resolved([], held.findings, decisions, Stamp(DOCTOR, after(minutes=30)))
    return held.model_copy(update={"resolutions": settled})


def test_findings_have_the_statement_the_doubt_the_decision_its_reason_author_and_time() -> None:
    signed = paper.signed_document(decided(), signature(), paper.Annexes(with_findings=True))
    name = signature().signer_name

    assert signed.findings is not None
    assert [(one.about, one.reasons, one.decision) for one in signed.findings] == [
        ("Sleeps five hours.", "heard uncertainly", "Not decided."),
        (
            "Review in two weeks.",
            "the dose was not said of this drug (50 mg)",
            f"Confirmed: I prescribed it. ({name}, 14 September 2026, 18:00 IST)",
        ),
        (
            "Said, and in none of the statements: penicillin",
            "an allergy",
            f"Not relevant to the report: It is in the chart. ({name}, 14 September 2026, 18:00 IST)",
        ),
    ]
    assert paper.signed_document(decided(), signature()).findings is None
    assert paper.draft_document(decided(), NOON, annexes=paper.Annexes(with_findings=True)).findings is not None


def test_a_decision_that_lapsed_is_none() -> None:
    held = decided()
    lapsed = [one.model_copy(update={"lapsed_at": after(minutes=40)}) for one in held.resolutions]
    document = paper.draft_document(
        held.model_copy(update={"resolutions": lapsed}), NOON, annexes=paper.Annexes(with_findings=True)
    )

    assert {one.decision for one in document.findings or ()} == {"Not decided."}


def test_an_answer_that_is_a_risk_is_a_finding_and_an_instrument_a_table() -> None:
    scale = Section(id="phq9", title="PHQ-9", type=SectionType.INSTRUMENT, instrument=InstrumentRef(id="phq-9"))
    risk = statement(1, "phq9.q9", "Several days")
    document = paper.draft_document(whole(risk, sections=[scale]), NOON, annexes=paper.Annexes(with_findings=True))

    (section,) = document.sections
    assert section.is_scored
    assert section.parts[-1].statements[0].text == "unknown, 8 items without an answer"
    (finding,) = document.findings or ()
    assert (finding.about, finding.reasons) == ("Several days", "the answer is a risk")


def test_what_an_export_adds_is_printed() -> None:
    later = Superseded("REP-20260002", NOON + timedelta(days=2), "A laboratory value was corrected.")
    annexes = paper.Annexes(superseded=later, has_part_2_notice=True)

    document = paper.signed_document(whole(SLEEP), signature(), annexes)

    assert (document.superseded, document.has_part_2_notice, document.addenda) == (later, True, ())
    assert printed_report(document).full_mark == "SUPERSEDED"


def test_file_names_have_the_extension_of_their_format() -> None:
    assert paper.filename(whole(SLEEP), None, "docx") == "REP-20260001.docx"
