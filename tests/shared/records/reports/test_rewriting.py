"""A report that is written anew: the next version of itself, or as it was."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.reports.covering import Sources
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.scores import Scores
from shared.records.reports.types import ReportSource
from tests.support.factories import DOCTOR, after, report, session
from tools.openapi.factories import transcript_source, transcription

SOON = Stamp(DOCTOR, after(seconds=30))
LATER = Stamp("system", after(seconds=60))
SCORES = Scores(confidence=0.9, support=1.0, quality=1.0, completeness=0.75)
FACTS = {"template_version": 3, "prompt_hash": "a" * 64, "ai_model": "gemini-1", "ai_prompt_version": "1"}


def requested(*sections: str, **values: Any) -> Report:
    """A report in version 4 that a doctor lets be written anew with another template."""
    before = report(status=ReportStatus.COMPLETED, version=4, reviewed_by="colleague", **{**FACTS, **values})
    return before.to_be_rewritten([*sections], SOON, template_id="other", source=ReportSource.RECORDING)


def generating(one: Report) -> Report:
    return one.generating(LATER, model="gemini-2", prompt_version="2", template_version=9, prompt_hash="b" * 64)


def written(one: Report, *places: str) -> Report:
    """The report after its draft; it has these places for statements."""
    draft = one.written(SCORES, LATER, model="gemini-2", rejected=[], sources=Sources([transcript_source(session())]))
    return draft.rewritten(one, edited=False, written=places)


@pytest.mark.parametrize("status", sorted(set(ReportStatus) - {ReportStatus.COMPLETED}))
def test_only_a_written_unsigned_report_is_written_anew(status: ReportStatus) -> None:
    with pytest.raises(Conflict):
        report(status=status).to_be_rewritten([], SOON)


def test_it_waits_for_another_attempt_and_no_correction_or_signature_comes_between() -> None:
    one = requested()

    assert (one.status, one.attempt, one.version, one.requested_at) == ("pending", 2, 4, SOON.at)
    with pytest.raises(Conflict):
        one.corrected(None, SOON)
    with pytest.raises(Conflict):
        one.signed(SOON)
    with pytest.raises(Conflict):
        one.to_be_rewritten([], SOON)


def test_what_is_written_is_the_next_version_that_nobody_has_reviewed() -> None:
    one = written(generating(requested(transcript_changed=True, unreported_recordings=["patient-visit-a1"])))

    assert (one.status, one.version, one.reviewed_by, one.rewrite, one.template_id) == (
        "completed",
        5,
        None,
        None,
        "other",
    )
    assert (one.ai_model, one.template_version, one.transcript_changed) == ("gemini-2", 9, False)
    assert one.unreported_recordings == []


MARKS: dict[str, Any] = {"transcript_changed": True, "unreported_recordings": ["patient-visit-a1"]}
PLACES = ("assessment", "plan.follow_up", "plan.medications")


def marks_of(one: Report) -> dict[str, Any]:
    return {name: getattr(one, name) for name in MARKS}


def test_marks_stay_while_other_sections_are_as_they_were_and_fall_with_the_last() -> None:
    first = written(generating(requested("assessment", **MARKS)), *PLACES)
    again = first.to_be_rewritten(["plan.follow_up", "plan.medications"], SOON)
    last = written(generating(again), *PLACES)

    assert (marks_of(first), first.outdated(PLACES)) == (MARKS, ["plan.follow_up", "plan.medications"])
    assert (last.transcript_changed, last.unreported_recordings, last.outdated(PLACES)) == (False, [], [])
    assert last.renewed_sections == []


def test_a_report_without_marks_has_no_outdated_sections() -> None:
    one = written(generating(requested("assessment")), *PLACES)

    assert (one.outdated(PLACES), one.renewed_sections) == ([], [])


@pytest.mark.parametrize("change", ["corrected", "arrived"])
def test_another_change_of_the_transcript_outdates_what_was_written_anew(change: str) -> None:
    def changed(one: Report) -> Report:
        heard = transcription(session(), SOON)
        if change == "corrected":
            return one.with_changed_transcript(heard, LATER)
        return one.without_recording("patient-visit-a2", LATER)

    first = written(generating(requested("assessment", transcript_changed=True)), *PLACES)
    after = changed(first)
    meanwhile = written(changed(generating(requested("assessment", transcript_changed=True))), *PLACES)

    assert after.revision == first.revision + 1
    assert after.outdated(PLACES) == meanwhile.outdated(PLACES) == [*PLACES]
    assert after.transcript_changed
    assert meanwhile.transcript_changed


def test_a_change_meanwhile_keeps_the_marks_of_a_report_of_which_all_sections_are_written() -> None:
    one = generating(requested(*PLACES, transcript_changed=True)).with_changed_transcript(
        transcription(session(), SOON), LATER
    )

    assert (written(one, *PLACES).transcript_changed, written(one, *PLACES).outdated(PLACES)) == (True, [*PLACES])


@pytest.mark.parametrize("reach", [lambda one: one, generating])
def test_a_failure_leaves_it_as_it_was_and_says_why(reach: Any) -> None:
    one = reach(requested(transcript_changed=True)).failed("writer_busy", LATER)

    assert (one.status, one.error_code, one.rewrite_failed, one.rewrite) == ("completed", None, "writer_busy", None)
    assert {name: getattr(one, name) for name in FACTS} == FACTS
    assert (one.version, one.reviewed_by, one.template_id) == (4, "colleague", report().template_id)
    assert one.transcript_changed
    assert one.to_be_rewritten([], SOON).rewrite_failed is None


def test_a_transcript_that_is_corrected_meanwhile_is_marked_after_a_failure() -> None:
    one = generating(requested()).model_copy(update={"transcript_changed": True})

    assert one.failed("writer_busy", LATER).transcript_changed


def test_it_can_be_asked_for_again_when_it_never_came() -> None:
    silent = Stamp(DOCTOR, after(minutes=60))

    again = requested("assessment").requested_again(silent, status=ReportStatus.PENDING)

    assert (again.attempt, again.rewrite and again.rewrite.sections) == (3, ["assessment"])


def test_a_cancelled_session_discards_it_and_a_reopened_one_has_it_back_as_it_was() -> None:
    discarded = generating(requested(generation_completed_at=after(seconds=1))).discarded("session_cancelled", LATER)
    back = discarded.reinstated(LATER)

    assert (discarded.status, discarded.error_code, discarded.rewrite) == ("failed", "session_cancelled", None)
    assert (back.status, back.template_id, back.ai_model) == ("completed", report().template_id, "gemini-1")


def test_a_report_that_is_written_anew_has_both_templates_until_it_is_written() -> None:
    before = report(status=ReportStatus.COMPLETED)
    anew = {"template_id": "shipped-soap", "report_type": "referral", "type_from": "template"}
    asked = before.to_be_rewritten([], SOON, **anew)

    assert asked.templates == {"shipped-soap", "shipped-consultation"}
    assert written(generating(asked)).templates == {"shipped-soap"}
    back = asked.discarded("session_cancelled", LATER)
    assert (back.templates, back.report_type, back.type_from) == ({"shipped-consultation"}, "consultation", "visit")
