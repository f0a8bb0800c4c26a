"""Findings: what a doctor must look at, with ids that stay while statement and finding stay."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.reports.findings import Finding, findings_of
from shared.records.reports.statements import Statement
from shared.records.templates.instruments import InstrumentRef
from shared.records.templates.sections import Section, SectionType
from tests.support.factories import statement

PHQ9 = Section(id="phq9", title="PHQ-9", type=SectionType.INSTRUMENT, instrument=InstrumentRef(id="phq-9"))
DOSE = Doubt.of(DoubtKind.DOSE_NOT_OF_DRUG, words=["850 mg"], segments=[4])
UNSURE = Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=["low"], segments=[4])


def doubted(*doubts: Doubt, **values: Any) -> Statement:
    return statement(1, **{"text": "Takes metformin 850 mg.", "segments": [4], "doubts": list(doubts), **values})


def only(*statements: Statement) -> Finding:
    (found,) = findings_of([PHQ9], statements, [])
    return found


def test_each_doubt_omission_and_risk_answer_is_a_finding() -> None:
    answer = statement(2, "phq9.q9", "Several days", segments=[7])
    omitted = [Omission.of(OmissionKind.ALLERGY, 9, "penicillin"), Omission.of(OmissionKind.FOLLOW_UP, 11, "weeks")]

    found = findings_of([PHQ9], [doubted(DOSE, UNSURE), answer], omitted)

    assert [(one.type, one.kind, one.statement_id, one.words, one.segments, one.is_major) for one in found] == [
        ("doubt", "dose_not_of_drug", "s1", ["850 mg"], [4], True),
        ("doubt", "heard_uncertainly", "s1", ["low"], [4], False),
        ("risk_answer", "instrument_risk", "s2", ["Several days"], [7], True),
        ("omission", "allergy", None, ["penicillin"], [9], True),
        ("omission", "follow_up", None, ["weeks"], [11], False),
    ]
    assert len({one.id for one in found}) == len(found)


def test_a_check_that_finds_the_same_again_gives_the_same_id() -> None:
    again = Doubt.model_validate_json(DOSE.model_dump_json())

    assert only(doubted(again)).id == only(doubted(DOSE)).id
    assert only(doubted(DOSE, section="plan.medications")).id == only(doubted(DOSE)).id, "a move changes no claim"


@pytest.mark.parametrize(
    "changed",
    [
        doubted(DOSE, text="Takes metformin 850 mg daily."),
        doubted(DOSE, segments=[4, 5]),
        doubted(DOSE, notes=[1]),
        doubted(DOSE, id="s2"),
        doubted(DOSE.model_copy(update={"words": ["850"]})),
        doubted(DOSE.model_copy(update={"segments": [5]})),
        doubted(DOSE.model_copy(update={"kind": DoubtKind.NUMBER_NOT_IN_EVIDENCE})),
    ],
    ids=["text", "segments", "notes", "statement", "words", "segments of the doubt", "kind"],
)
def test_another_statement_or_doubt_has_another_id(changed: Statement) -> None:
    assert only(changed).id != only(doubted(DOSE)).id


def test_a_doubt_that_is_listed_twice_is_one_finding() -> None:
    assert len(findings_of([], [doubted(DOSE, DOSE)], [])) == 1


@pytest.mark.parametrize(
    ("section", "text", "risky"),
    [
        ("phq9.q9", "Not at all", False),
        ("phq9.q9", "Nearly every day", True),
        ("phq9.q8", "Nearly every day", False),
        ("phq9.q9", "Declined to answer", False),
    ],
)
def test_only_an_answer_above_0_to_an_item_of_risk_is_a_finding(section: str, text: str, risky: bool) -> None:
    assert bool(findings_of([PHQ9], [statement(1, section, text)], [])) == risky


def test_a_risk_answer_counts_though_another_contradicts_it_or_nothing_supports_it() -> None:
    denied = statement(1, "phq9.q9", "Not at all")
    risky = statement(2, "phq9.q9", "Several days", segments=[])

    assert [one.statement_id for one in findings_of([PHQ9], [denied, risky], [])] == ["s2"]
