"""Corrections: what happens to the evidence, the reasons, and the counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.kinds import StatementKind
from shared.records.problems import Invalid
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Citable, CorrectionCounts, Corrections, EditReason
from shared.records.reports.notes import NoteSource
from tests.support.factories import DOCTOR, after, content, statement

CITABLE = Citable(frozenset(range(1, 31)), {NoteSource.SESSION_NOTES: "Looks tired.\nHusband waits outside."})
CITED = statement(1, text="Takes sartraline.", segments=[15, 16])


def corrected(before: ReportContent, *edits: dict[str, Any], **request: Any) -> ReportContent:
    wanted = Corrections.model_validate({"edits": edits, **request})
    return before.corrected(wanted, Stamp(DOCTOR, after(seconds=30)), CITABLE)


def pointers(before: ReportContent, *edits: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        corrected(before, *edits)
    return [error.pointer for error in refused.value.errors]


def test_a_corrected_word_keeps_the_evidence() -> None:
    after_it = corrected(content(CITED), {"statement_id": "s1", "text": "Takes sertraline."})

    (changed,), (correction,) = after_it.statements, after_it.corrections
    assert (changed.text, changed.segments, changed.author_id) == ("Takes sertraline.", [15, 16], DOCTOR)
    assert (correction.before, correction.before_segments) == ("Takes sartraline.", [15, 16])


@pytest.mark.parametrize("text", ["Takes sertraline.", "सरट्रालिन लेते हैं।", "செர்ட்ராலின் எடுக்கிறார்."])
def test_a_statement_moves_with_its_evidence_or_the_section_is_refused(text: str) -> None:
    before = content(statement(1, "assessment", text, segments=[15, 16]))
    move = {"statement_id": "s1", "text": text, "reason": "wrong section"}

    moved = corrected(before, move | {"section": "plan.medications"})
    with_text = corrected(before, move | {"section": "plan.medications", "text": f"{text} {text}"})

    for after_it in (moved, with_text):
        (changed,), (correction,) = after_it.statements, after_it.corrections
        assert (changed.section, changed.segments) == ("plan.medications", [15, 16])
        assert (correction.moved_to, correction.before) == ("plan.medications", text)
    for section in ("nowhere", "plan", "योजना", "திட்டம்"):
        assert pointers(before, move | {"section": section}) == ["/edits/0/section"]


@pytest.mark.parametrize(("sent", "cited"), [([17, 15, 15], [15, 17]), ([], [])])
def test_other_segments_replace_the_evidence_and_are_recorded(sent: list[int], cited: list[int]) -> None:
    after_it = corrected(content(CITED), {"statement_id": "s1", "segments": sent})

    (changed,), (correction,) = after_it.statements, after_it.corrections
    assert (changed.text, changed.segments, changed.author_id) == (CITED.text, cited, DOCTOR)
    assert (correction.before, correction.after, correction.before_segments) == (CITED.text, CITED.text, [15, 16])


def test_another_kind_is_recorded_and_the_same_one_changes_nothing() -> None:
    said = statement(1, kind="observed")

    after_it = corrected(content(said), {"statement_id": "s1", "kind": "assessed"})
    unchanged = corrected(content(said), {"statement_id": "s1", "kind": "observed"})
    reworded = corrected(content(said), {"statement_id": "s1", "text": "Sleeps badly."})

    (changed,), (correction,) = after_it.statements, after_it.corrections
    assert (changed.kind, changed.text, changed.author_id) == (StatementKind.ASSESSED, said.text, DOCTOR)
    assert (correction.before_kind, correction.before) == (StatementKind.OBSERVED, correction.after)
    assert unchanged.corrections == []
    assert reworded.statements[0].kind is StatementKind.OBSERVED


def test_a_statement_of_a_consent_record_that_a_person_rewrites_is_theirs() -> None:
    stated = statement(1, text="Consent to recording: given verbally.", segments=[], consent_id="consent")

    (moved,) = corrected(content(stated), {"statement_id": "s1", "section": "chief_complaint"}).statements
    (rewritten,) = corrected(content(stated), {"statement_id": "s1", "text": "Consent to treatment."}).statements

    assert (moved.consent_id, moved.author_id) == ("consent", None)
    assert (rewritten.consent_id, rewritten.author_id) == (None, DOCTOR)


def test_the_same_evidence_in_another_order_changes_nothing() -> None:
    before = content(CITED)

    assert corrected(before, {"statement_id": "s1", "segments": [16, 15, 16]}) is before


def test_typed_notes_are_cited_as_they_are_now() -> None:
    first = corrected(content(CITED), {"statement_id": "s1", "notes": ["session_notes"]})
    wanted = Corrections.model_validate({"edits": [{"section": "assessment", "text": "x", "notes": ["session_notes"]}]})
    later = Citable(frozenset(), {NoteSource.SESSION_NOTES: "Looks rested."})

    second = first.corrected(wanted, Stamp(DOCTOR, after(minutes=1)), later)

    assert [(note.number, note.text) for note in second.notes] == [
        (1, "Looks tired.\nHusband waits outside."),
        (2, "Looks rested."),
    ]
    assert [one.notes for one in second.statements] == [[1], [2]]


def test_notes_that_no_statement_cites_any_more_stay_for_the_record() -> None:
    cited = corrected(content(CITED), {"statement_id": "s1", "notes": ["session_notes"]})

    dropped = corrected(cited, {"statement_id": "s1", "notes": []})

    assert (dropped.statements[0].notes, dropped.corrections[-1].before_notes) == ([], [1])
    assert dropped.notes == cited.notes


def test_a_new_statement_may_cite_evidence() -> None:
    after_it = corrected(content(), {"section": "assessment", "text": "Sleeps badly.", "segments": [3]})

    assert [(one.id, one.segments, one.author_id) for one in after_it.statements] == [("c1", [3], DOCTOR)]


def test_unknown_evidence_is_refused_with_everything_else() -> None:
    wrong = {"statement_id": "s9", "text": "x", "section": "plan", "segments": [99], "notes": ["chief_complaint"]}

    assert pointers(content(CITED), wrong) == [
        "/edits/0/statement_id",
        "/edits/0/section",
        "/edits/0/segments",
        "/edits/0/notes",
    ]


def test_an_edit_with_a_reason_alone_removes_nothing() -> None:
    """Only a text that is sent as null removes a statement; one that was forgotten must not."""
    with pytest.raises(Invalid) as refused:
        corrected(content(CITED), {"statement_id": "s1", "reason": "misheard"})

    assert [error.pointer for error in refused.value.errors] == ["/edits/0/text"]


def test_a_removal_has_no_evidence() -> None:
    wrong = {"statement_id": "s1", "text": None, "segments": [1], "notes": ["session_notes"]}

    assert pointers(content(CITED), wrong) == ["/edits/0/segments", "/edits/0/notes"]


@pytest.mark.parametrize(
    ("edit", "request_reason", "recorded"),
    [
        (None, None, None),
        ("misheard", None, "misheard"),
        (None, "wording", "wording"),
        ("She said later that it is more.", "wording", "She said later that it is more."),
    ],
)
def test_a_reason_is_optional_and_one_may_be_for_all_edits(
    edit: str | None, request_reason: str | None, recorded: str | None
) -> None:
    wanted = {"statement_id": "s1", "text": "Takes sertraline.", "reason": edit}

    after_it = corrected(content(CITED), wanted, reason=request_reason)

    assert (after_it.statements[0].reason, after_it.corrections[0].reason) == (recorded, recorded)


def test_every_usual_reason_is_accepted() -> None:
    for reason in EditReason:
        after_it = corrected(content(CITED), {"statement_id": "s1", "text": "x", "reason": reason.value})
        assert after_it.corrections[0].reason == reason


def test_removals_and_additions_are_counted_and_each_statement_once() -> None:
    body = content(*(statement(number) for number in range(1, 5)))
    body = corrected(
        body,
        {"statement_id": "s1", "text": "x"},
        {"statement_id": "s2", "text": None},
        {"statement_id": "s3", "section": "plan.follow_up"},
        {"section": "assessment", "text": "new"},
    )
    body = corrected(body, {"statement_id": "s1", "text": "y"}, {"section": "assessment", "text": "twice"})
    body = corrected(body, {"statement_id": body.statements[-1].id, "text": None})

    assert CorrectionCounts.of(body.corrections) == CorrectionCounts(corrected=2, added=1, removed=1)


@given(st.lists(st.sampled_from(["s1", "s2", "s3", "new"]), max_size=12), st.data())
def test_the_counts_are_those_of_the_statements(targets: list[str], data: st.DataObject) -> None:
    draft = content(statement(1), statement(2), statement(3))
    body = draft
    for target in targets:
        edit: dict[str, Any] = {"text": data.draw(st.sampled_from(["x", "y", None]))}
        edit |= {"section": "assessment"} if target == "new" else {"statement_id": target}
        try:
            body = corrected(body, edit)
        except Invalid:
            continue

    before = {one.id for one in draft.statements}
    now = {one.id for one in body.statements}
    counts = CorrectionCounts.of(body.corrections)
    assert counts.removed == len(before - now)
    assert counts.added == len(now - before)
    assert counts.corrected == len([one for one in body.statements if one.id in before and one.author_id])
