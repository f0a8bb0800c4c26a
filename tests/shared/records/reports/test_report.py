"""A report's lifecycle, its corrections and its scores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.claims.doubt import CHECKS_VERSION, DoubtKind
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections
from shared.records.reports.covering import Sources
from shared.records.reports.rejections import Rejection, RejectionReason
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.scores import Scores, scores_of
from shared.records.templates.sections import leaves_of
from shared.records.templates.shipped import default_sections
from tests.support.factories import DOCTOR, NOON, after, content, doubt, report, statement, transcription

Status = ReportStatus
SOON = after(seconds=30)
SCORES = Scores(confidence=0.9, support=1.0, quality=1.0, completeness=0.75)
REJECTED = [
    Rejection(reason=RejectionReason.ABOUT_CONSENT, count=2),
    Rejection(reason=RejectionReason.REPEATED, count=1),
]
HEARD = transcription(status="completed")
MOVES: dict[str, Callable[[Report], Report]] = {
    "generate": lambda one: one.generating(Stamp("system", SOON), model="gemini", prompt_version="1"),
    "write": lambda one: one.written(
        SCORES, Stamp("system", SOON), model="gemini-2", rejected=REJECTED, sources=Sources([])
    ),
    "fail": lambda one: one.failed("writer_busy", Stamp("system", SOON)),
    "retry": lambda one: one.retried(Stamp(DOCTOR, SOON), heard=[HEARD]),
    "correct": lambda one: one.corrected(None, Stamp(DOCTOR, SOON)),
    "resolve": lambda one: one.resolved(Stamp(DOCTOR, SOON)),
    "review": lambda one: one.reviewed(Stamp(DOCTOR, SOON)),
    "sign": lambda one: one.signed(Stamp(DOCTOR, SOON)),
    "cosign": lambda one: one.cosigned(Stamp("supervisor", SOON)),
    "return": lambda one: one.returned("the dose is wrong", Stamp("supervisor", SOON)),
}
RETRY_AFTER = timedelta(minutes=15)

WAITING = {"generate": Status.GENERATING, "write": Status.COMPLETED, "fail": Status.FAILED}
LEGAL = {
    Status.PENDING: WAITING,
    Status.GENERATING: WAITING,
    Status.COMPLETED: {**dict.fromkeys(("correct", "resolve", "review"), Status.COMPLETED), "sign": Status.SIGNED},
    Status.FAILED: {"retry": Status.PENDING},
    Status.COSIGNATURE_PENDING: {"cosign": Status.SIGNED, "return": Status.COMPLETED},
    Status.SIGNED: {},
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", Status)
def test_only_legal_moves_are_made_and_others_conflict(status: Status, move: str) -> None:
    one = report(status=status)

    if move in LEGAL[status]:
        assert MOVES[move](one).status == LEGAL[status][move]
    else:
        with pytest.raises(Conflict):
            MOVES[move](one)


@pytest.mark.parametrize("status", [Status.PENDING, Status.GENERATING])
def test_a_report_that_never_came_can_be_asked_for_again_after_a_while(status: Status) -> None:
    one = report(status=status)

    with pytest.raises(Conflict):
        one.retried(Stamp(DOCTOR, NOON + RETRY_AFTER), heard=[HEARD])
    retried = one.retried(Stamp(DOCTOR, NOON + RETRY_AFTER + timedelta(seconds=1)), heard=[HEARD])

    assert (retried.status, retried.attempt, retried.transcription_id) == (Status.PENDING, 2, HEARD.id)
    assert (one.requested_at, retried.requested_at) == (NOON, retried.updated_at), "its deadline restarts"


def test_a_retry_forgets_the_failure() -> None:
    failed = MOVES["fail"](report())

    retried = MOVES["retry"](failed)

    assert (failed.error_code, retried.error_code, retried.attempt) == ("writer_busy", None, 2)


def test_a_written_report_keeps_its_measures_and_names_the_model_that_wrote_it() -> None:
    written = MOVES["generate"](report()).written(
        SCORES, Stamp("system", after(seconds=70)), model="gemini-2", rejected=REJECTED, sources=Sources([])
    )

    assert (written.ai_model, written.rejected_statements, written.generation_duration_seconds) == ("gemini-2", 3, 40)
    assert (written.confidence_score, written.quality_score, written.completeness_score) == (0.9, 1.0, 0.75)
    assert (written.support_score, written.scores_checks_version) == (1.0, CHECKS_VERSION)
    assert written.rejections == REJECTED


def test_a_correction_makes_a_new_version_that_nobody_has_reviewed() -> None:
    reviewed = report(status=Status.COMPLETED, correction_notes="first").reviewed(Stamp(DOCTOR, SOON))

    corrected = reviewed.corrected(None, Stamp(DOCTOR, after(minutes=2)))

    assert (corrected.version, corrected.manually_edited, corrected.correction_notes) == (2, True, "first")
    assert (reviewed.reviewed_by, corrected.reviewed_by, corrected.reviewed_at) == (DOCTOR, None, None)


@pytest.mark.parametrize(("reviewer", "stands"), [(None, DOCTOR), ("colleague", "colleague")])
def test_a_signature_counts_as_review_where_there_is_none(reviewer: str | None, stands: str) -> None:
    one = report(status=Status.COMPLETED)
    read = one.reviewed(Stamp(reviewer, NOON)) if reviewer else one

    signed = read.signed(Stamp(DOCTOR, SOON))

    assert (signed.signed_by, signed.signed_at, signed.reviewed_by) == (DOCTOR, SOON, stands)
    assert signed.reviewed_at == (NOON if reviewer else SOON)


def corrected(before: ReportContent, *edits: dict[str, Any]) -> ReportContent:
    return before.corrected(Corrections.model_validate({"edits": edits}), Stamp(DOCTOR, SOON))


def test_a_changed_statement_keeps_its_segments_and_names_the_person() -> None:
    before = content(statement(1, doubts=[doubt()]), statement(2))

    after_it = corrected(before, {"statement_id": "s1", "text": "Sleeps six hours.", "reason": "misheard"})

    changed, other = after_it.statements
    assert (changed.id, changed.section, changed.text) == ("s1", "assessment", "Sleeps six hours.")
    assert (changed.segments, changed.doubts, changed.author_id, changed.reason) == ([1], [], DOCTOR, "misheard")
    assert other == before.statements[1]
    assert after_it.generated == before.generated


def test_a_statement_is_added_where_it_belongs_and_another_removed() -> None:
    before = content(statement(1), statement(2))
    addition = {"section": "plan.follow_up", "text": "Review in two weeks.", "reason": "not recorded"}

    after_it = corrected(before, {"statement_id": "s1", "text": None, "reason": "not said"}, addition)

    assert [(one.id, one.section) for one in after_it.statements] == [("s2", "assessment"), ("c2", "plan.follow_up")]
    assert after_it.statements[1].author_id == DOCTOR


def test_the_history_tells_what_every_correction_found_and_left() -> None:
    changed = corrected(content(statement(1)), {"statement_id": "s1", "text": "Six.", "reason": "misheard"})

    removed = corrected(changed, {"statement_id": "s1", "text": None, "reason": "doubled"})

    recorded = [(one.before, one.after, one.reason, one.author_id, one.at) for one in removed.corrections]
    assert recorded == [
        ("Sleeps five hours.", "Six.", "misheard", DOCTOR, SOON),
        ("Six.", None, "doubled", DOCTOR, SOON),
    ]


def test_a_moved_statement_keeps_its_text_and_evidence() -> None:
    before = content(statement(1, doubts=[doubt()]))
    text = before.statements[0].text
    move = {"statement_id": "s1", "section": "plan.follow_up", "reason": "wrong section"}

    for edit in (move, move | {"text": text}):
        after_it = corrected(before, edit)

        assert after_it.statements == [before.statements[0].model_copy(update={"section": "plan.follow_up"})]
        (recorded,) = after_it.corrections
        assert (recorded.before, recorded.after, recorded.moved_to) == (text, text, "plan.follow_up")


def test_a_statement_is_moved_and_rewritten_by_one_edit() -> None:
    edit = {"statement_id": "s1", "section": "plan.follow_up", "text": "Review.", "reason": "wrong section"}

    (after_it,) = corrected(content(statement(1)), edit).statements

    assert (after_it.section, after_it.text, after_it.segments) == ("plan.follow_up", "Review.", [1])


@pytest.mark.parametrize("section", ["plan", "no-such-section"])
def test_a_statement_is_not_moved_to_an_unknown_section(section: str) -> None:
    with pytest.raises(Invalid) as refusal:
        corrected(content(statement(1)), {"statement_id": "s1", "section": section, "reason": "r"})

    assert [error.pointer for error in refusal.value.errors] == ["/edits/0/section"]


def test_a_removal_with_a_section_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        corrected(content(statement(1)), {"statement_id": "s1", "text": None, "section": "assessment", "reason": "r"})

    assert [error.pointer for error in refusal.value.errors] == ["/edits/0/section"]


def test_an_edit_that_changes_nothing_leaves_the_content_as_it_is() -> None:
    before = content(statement(1))
    same_text = {"statement_id": "s1", "text": before.statements[0].text, "reason": "r"}
    same_section = {"statement_id": "s1", "section": before.statements[0].section, "reason": "r"}

    assert corrected(before, same_text, same_section) is before


def test_every_edit_that_cannot_be_done_is_named_at_once_and_none_is_done() -> None:
    before = content(statement(1))

    with pytest.raises(Invalid) as refusal:
        corrected(
            before,
            {"statement_id": "s9", "text": "x", "reason": "r"},
            {"statement_id": "s1", "text": "fine", "reason": "r"},
            {"section": "plan", "text": "plan has subsections", "reason": "r"},
            {"section": "assessment", "reason": "r"},
            {"text": "nowhere", "reason": "r"},
        )

    assert [error.pointer for error in refusal.value.errors] == [
        "/edits/0/statement_id",
        "/edits/2/section",
        "/edits/3/text",
        "/edits/4/section",
    ]
    assert before.statements == [statement(1)]


def test_a_statement_that_the_same_request_removed_cannot_be_changed_in_it() -> None:
    with pytest.raises(Invalid) as refusal:
        corrected(
            content(statement(1)),
            {"statement_id": "s1", "text": None, "reason": "r"},
            {"statement_id": "s1", "text": "again", "reason": "r"},
        )

    assert [error.pointer for error in refusal.value.errors] == ["/edits/1/statement_id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"edits": []},
        {"edits": [{"statement_id": "s1", "text": "x", "reason": ""}]},
        {"edits": [{"statement_id": "s1", "text": "x", "reason": "   "}]},
        {"edits": [{"statement_id": "s1", "text": "", "reason": "r"}]},
        {"edits": [{"statement_id": "s1", "text": "  ", "reason": "r"}]},
        {"edits": [{"statement_id": "s1", "text": "x", "reason": "r", "author_id": "another"}]},
    ],
)
def test_a_correction_needs_its_text_and_a_reason_is_not_empty(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Corrections.model_validate(wrong)


@st.composite
def edits(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """A sequence of requests with changes, removals and additions."""
    ids = st.sampled_from(["s1", "s2", "s3", "c1", "c2"])
    change = st.fixed_dictionaries({"statement_id": ids, "text": st.sampled_from(["x", None]), "reason": st.just("r")})
    add = st.fixed_dictionaries({"section": st.just("assessment"), "text": st.just("new"), "reason": st.just("r")})
    return draw(st.lists(st.lists(change | add, min_size=1, max_size=4), max_size=5))


@given(edits())
def test_statements_never_share_an_id_and_each_has_segments_or_an_author(requests: list[list[dict[str, Any]]]) -> None:
    body = content(statement(1), statement(2), statement(3))

    for request in requests:
        known = {one.id for one in body.statements}
        try:
            body = corrected(body, *request)
        except Invalid:
            assert {one.id for one in body.statements} == known
            continue
        ids = [one.id for one in body.statements]
        assert len(set(ids)) == len(ids)
        assert all(one.segments or one.author_id for one in body.statements)
        assert len([one for one in body.corrections if one.before is None]) >= len([i for i in ids if i[0] == "c"])


def test_scores_count_what_can_be_counted() -> None:
    statements = [
        statement(1, "chief_complaint"),
        statement(2, "plan.follow_up", doubts=[doubt(DoubtKind.NUMBER_NOT_IN_EVIDENCE)]),
        statement(3, "physical_examination.vital_signs", segments=[1, 2, 99]),
    ]

    scores = scores_of(default_sections(), statements, {1: 0.8, 2: 0.6})

    assert scores.completeness == 0.5, "two of the four required sections were spoken of"
    assert scores.support == 0.8333, "two of three statements have no doubt, and one a minor one"
    assert scores.quality == 0.5, "the lower one of support and completeness"
    assert scores.confidence == pytest.approx((0.8 + 0.6 + 0.8 + 0.6) / 4)


def test_a_major_doubt_counts_more_than_a_minor_one_and_a_consent_record_not_at_all() -> None:
    def support(*kinds: DoubtKind) -> float | None:
        recorded = statement(9, segments=[], consent_id="consent")
        return scores_of(default_sections(), [statement(1, doubts=[*map(doubt, kinds)]), recorded], {}).support

    minor, major = DoubtKind.SPEAKER_DIFFERS, DoubtKind.NEGATION_DIFFERS
    assert [support(), support(minor), support(minor, minor), support(minor, major)] == [1.0, 0.5, 0.5, 0.0]


def test_a_report_about_nothing_scores_nothing() -> None:
    assert scores_of(default_sections(), [statement()], {1: None}).confidence is None
    assert scores_of(default_sections(), [], {}) == Scores(
        confidence=None, support=None, quality=None, completeness=0.0
    )


def test_statements_go_into_sections_without_parts_and_into_the_parts_of_others() -> None:
    leaves = [leaf.id for leaf in leaves_of(default_sections())]

    assert "assessment" in leaves
    assert "plan" not in leaves
    assert {"plan.medications", "plan.follow_up", "plan.patient_education"} <= set(leaves)


def test_the_first_look_of_its_doctor_at_the_draft_counts_as_opening() -> None:
    drafted = report(status=Status.COMPLETED)

    other = drafted.opened(Stamp("doctor-2", NOON))
    opened = drafted.opened(Stamp(DOCTOR, NOON))
    again = opened.opened(Stamp(DOCTOR, SOON))

    assert other is drafted
    assert (opened.opened_at, opened.revision) == (NOON, drafted.revision), "who read it before may still change it"
    assert again is opened
    assert report(status=Status.PENDING).opened(Stamp(DOCTOR, NOON)).opened_at is None


def test_the_time_from_opening_to_signature_and_the_distance_are_recorded() -> None:
    opened = report(status=Status.COMPLETED).opened(Stamp(DOCTOR, NOON))

    signed = opened.signed(Stamp(DOCTOR, NOON + timedelta(minutes=4)), edit_distance=0.25)
    unread = report(status=Status.COMPLETED).signed(Stamp(DOCTOR, NOON))

    assert (signed.seconds_to_sign, signed.edit_distance) == (240.0, 0.25)
    assert (unread.seconds_to_sign, unread.edit_distance) == (None, None)


def test_another_draft_or_another_doctor_has_still_to_open_it() -> None:
    opened = report(status=Status.COMPLETED).opened(Stamp(DOCTOR, NOON))

    rewritten = MOVES["write"](opened.model_copy(update={"status": Status.GENERATING}))

    assert rewritten.opened_at is None
    assert opened.taken_over("doctor-2", Stamp("admin-1", SOON)).opened_at is None


def test_resolving_leaves_version_and_review_and_raises_the_revision() -> None:
    reviewed = MOVES["review"](report(status=Status.COMPLETED))

    resolved = MOVES["resolve"](reviewed)

    assert (resolved.version, resolved.reviewed_by, resolved.revision) == (1, DOCTOR, reviewed.revision + 1)
