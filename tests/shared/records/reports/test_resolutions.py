"""Resolutions: which findings are open, what a doctor may decide, and when a decision counts no longer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.problems import Invalid
from shared.records.record import Stamp
from shared.records.reports.content import LARGEST_CONTENT, ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.findings import Finding
from shared.records.reports.resolutions import MOST_RESOLVED, DoubtsUnresolved, Resolve, standing
from shared.records.reports.statements import Statement
from tests.support.factories import BY_DOCTOR, NOON, after, content, statement

LATER, COLLEAGUE = Stamp(BY_DOCTOR.by, after(minutes=5)), Stamp("doctor-2", after(minutes=9))
DOSE = Doubt.of(DoubtKind.DOSE_NOT_OF_DRUG, words=["850 mg"], segments=[4])
SIDE = Doubt.of(DoubtKind.SIDE_NOT_IN_EVIDENCE, words=["left"], segments=[5])
UNSURE = Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=["low"], segments=[4])
ALLERGY = Omission.of(OmissionKind.ALLERGY, 9, "penicillin")
SECTION = "assessment"


def report(*doubts: Doubt, omissions: Sequence[Omission] = ()) -> ReportContent:
    """A content with one statement for each doubt."""
    statements = [
        statement(number, SECTION, f"Statement {number}.", doubts=[doubt]) for number, doubt in enumerate(doubts, 1)
    ]
    return content(*statements).model_copy(update={"omissions": list(omissions)})


def decision(finding: Finding, how: str = "confirmed", reason: str = "I heard it.") -> Resolve:
    return Resolve(finding_id=finding.id, how=how, reason=reason)


def errors(held: ReportContent, *decisions: Resolve) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        held.resolved(decisions, BY_DOCTOR)
    return [(error.pointer, error.detail) for error in refused.value.errors]


def edited(held: ReportContent, number: int, text: str | None, doubts: list[Doubt]) -> ReportContent:
    """The content after an edit and its check, as a correction leaves it."""
    edit = Edit(statement_id=f"s{number}", text=text)
    changed = held.corrected(Corrections(edits=[edit]), LATER)
    return changed.rechecked(doubted(changed, number, doubts), changed.omissions, {}).without_lapsed(LATER)


def doubted(held: ReportContent, number: int, doubts: list[Doubt]) -> list[Statement]:
    """The statement with this number, if it is there, with these doubts."""
    return [one.model_copy(update={"doubts": doubts}) for one in held.statements if one.id == f"s{number}"]


def test_major_findings_are_unresolved_until_a_doctor_decides() -> None:
    held = report(DOSE, UNSURE, SIDE, omissions=[ALLERGY])
    dose, _, side, allergy = held.findings

    first = held.resolved([decision(side), decision(allergy, "not_relevant", "It is her sister's.")], BY_DOCTOR)
    second = first.resolved([decision(dose)], LATER)

    assert [one.kind for one in held.unresolved] == ["dose_not_of_drug", "side_not_in_evidence", "allergy"]
    assert first.unresolved == [dose]
    assert second.unresolved == []
    assert [(one.kind, one.how, one.reason, one.author_id, one.at) for one in second.resolutions] == [
        ("side_not_in_evidence", "confirmed", "I heard it.", BY_DOCTOR.by, NOON),
        ("allergy", "not_relevant", "It is her sister's.", BY_DOCTOR.by, NOON),
        ("dose_not_of_drug", "confirmed", "I heard it.", BY_DOCTOR.by, LATER.at),
    ]
    assert (second.resolutions[0].words, second.resolutions[0].statement_id) == (["left"], "s3")
    assert second.revision == held.revision + 2


def test_a_minor_finding_can_be_resolved_too() -> None:
    held = report(UNSURE)

    assert [one.how for one in held.resolved([decision(held.findings[0])], BY_DOCTOR).resolutions] == ["confirmed"]


def test_every_impossible_decision_is_named_and_none_is_recorded() -> None:
    held = report(DOSE, SIDE, omissions=[ALLERGY])
    dose, side, allergy = held.findings
    unknown = Resolve(finding_id="f0", how="confirmed", reason="I heard it.")

    found = errors(held, decision(dose, "not_relevant"), unknown, decision(allergy), decision(side), decision(side))

    assert found == [
        ("/resolutions/0/how", "confirmed is what resolves a finding of this type"),
        ("/resolutions/1/finding_id", "no such finding of the report as it is now"),
        ("/resolutions/2/how", "not_relevant is what resolves a finding of this type"),
        ("/resolutions/4/finding_id", "the finding is resolved twice"),
    ]


def test_a_decision_that_stands_changes_nothing_and_another_replaces_it() -> None:
    held = report(DOSE)
    first = held.resolved([decision(held.findings[0])], BY_DOCTOR)

    again = first.resolved([decision(held.findings[0])], LATER)
    other = first.resolved([decision(held.findings[0])], COLLEAGUE)

    assert again is first
    assert [(one.author_id, one.lapsed_at) for one in other.resolutions] == [
        (BY_DOCTOR.by, COLLEAGUE.at),
        (COLLEAGUE.by, None),
    ]
    assert other.unresolved == []


def test_a_resolution_survives_a_check_that_finds_the_same_and_an_edit_elsewhere() -> None:
    held = report(DOSE, SIDE)
    settled = held.resolved([decision(one) for one in held.findings], BY_DOCTOR)

    rechecked = settled.rechecked(doubted(settled, 1, [DOSE.model_copy()]), [], {}).without_lapsed(LATER)
    beside = edited(settled, 2, "Pain on the right.", [])

    assert rechecked.unresolved == []
    assert rechecked.resolutions == settled.resolutions
    assert [(one.statement_id, one.lapsed_at) for one in beside.resolutions] == [("s1", None), ("s2", LATER.at)]


def test_an_edit_that_is_doubted_again_must_be_resolved_again() -> None:
    held = report(DOSE)
    settled = held.resolved([decision(held.findings[0])], BY_DOCTOR)

    changed = edited(settled, 1, "Takes 850 mg of metformin.", [DOSE])
    back = edited(changed, 1, "Statement 1.", [DOSE])

    assert [one.kind for one in changed.unresolved] == ["dose_not_of_drug"]
    assert back.findings == held.findings
    assert back.unresolved == held.findings, "a resolution that lapsed does not come back"
    assert [one.lapsed_at for one in back.resolutions] == [LATER.at]


def test_an_edit_or_a_removal_resolves_what_it_mends() -> None:
    held = report(DOSE, SIDE)

    mended = edited(edited(held, 1, "Takes metformin 500 mg.", []), 2, None, [])

    assert (mended.unresolved, mended.resolutions) == ([], [])


def test_a_new_omission_after_a_removal_must_be_resolved() -> None:
    held = report(DOSE)
    settled = held.resolved([decision(held.findings[0])], BY_DOCTOR)

    removed = settled.corrected(Corrections(edits=[Edit(statement_id="s1", text=None)]), LATER)
    checked = removed.rechecked([], [ALLERGY], {}).without_lapsed(LATER)

    assert [one.kind for one in checked.unresolved] == ["allergy"]


def test_the_refusal_to_sign_names_ids_and_places_and_no_words() -> None:
    held = report(DOSE, omissions=[ALLERGY])

    members = DoubtsUnresolved(held.unresolved).members

    dose, allergy = held.findings
    assert members == {
        "findings": [
            {"id": dose.id, "type": "doubt", "kind": "dose_not_of_drug", "statement_id": "s1", "segments": [4]},
            {"id": allergy.id, "type": "omission", "kind": "allergy", "statement_id": None, "segments": [9]},
        ]
    }


def test_the_refusal_to_sign_is_bounded() -> None:
    doubts = [Doubt.of(DoubtKind.DRUG_NOT_IN_EVIDENCE, words=[str(number)]) for number in range(MOST_RESOLVED + 1)]

    assert len(DoubtsUnresolved(report(*doubts).unresolved).findings) == MOST_RESOLVED


def test_resolutions_take_room_of_the_report() -> None:
    doubts = [Doubt.of(DoubtKind.DRUG_NOT_IN_EVIDENCE, words=[f"drug {number}"]) for number in range(100)]
    held = report(*doubts)
    decisions = [decision(one, reason="😀" * 500) for one in held.findings]

    with pytest.raises(Invalid) as refused:
        held.resolved(decisions, BY_DOCTOR)

    (error,) = refused.value.errors
    assert (error.pointer, str(LARGEST_CONTENT) in error.detail) == ("/resolutions", True)


@given(st.lists(st.tuples(st.sampled_from(["confirm", "edit", "recheck", "remove"]), st.integers(1, 3)), max_size=8))
def test_a_finding_is_open_or_has_one_standing_resolution_that_names_it(steps: list[tuple[str, int]]) -> None:
    held = report(DOSE, SIDE, DOSE)
    for count, (step, number) in enumerate(steps):
        present: dict[str, Statement] = {one.id: one for one in held.statements}
        if (mine := present.get(f"s{number}")) is None:
            continue
        if step == "confirm":
            held = held.resolved([decision(one) for one in held.findings if one.statement_id == mine.id], LATER)
        elif step == "recheck":
            held = held.rechecked([mine], [], {}).without_lapsed(LATER)
        else:
            held = edited(held, number, None if step == "remove" else f"Edit {count}.", [SIDE])

        counting = standing(held.resolutions)
        assert counting.keys() <= {one.id for one in held.findings}
        assert {one.id for one in held.unresolved} == {one.id for one in held.findings} - counting.keys()
        assert len(counting) == sum(one.lapsed_at is None for one in held.resolutions)
