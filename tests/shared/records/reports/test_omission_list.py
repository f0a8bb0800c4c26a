"""A report lists as many omissions as a doctor can decide about, and hides no major one behind them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.checks import Checker
from shared.records.claims.doubt import Severity
from shared.records.claims.omission import MOST_OMISSIONS, Omission, OmissionKind
from shared.records.reports.content import ReportContent
from shared.records.reports.findings import findings_of, listed
from shared.records.reports.resolutions import Resolve
from tests.shared.records.claims.test_checks import P, Turn
from tests.support.factories import BY_DOCTOR, content, statement


def found(majors: int, minors: int = 0) -> list[Omission]:
    """Omissions as the checks find them: the major first."""
    made = [Omission.of(OmissionKind.DRUG, at, "drug") for at in range(1, majors + 1)]
    return made + [Omission.of(OmissionKind.ORDER, at, "order") for at in range(1, minors + 1)]


def decided(held: ReportContent) -> ReportContent:
    """The content after a doctor decided about every open finding, and about what then appeared."""
    after = held.resolved(
        [Resolve(finding_id=one.id, how="not_relevant", reason="Of her sister.") for one in held.unresolved], BY_DOCTOR
    )
    return after.with_omissions(ALL)


ALL = found(70, 3)


def test_the_next_omissions_appear_once_those_before_are_settled() -> None:
    held = content(statement()).with_omissions(ALL)

    first, second = decided(held), decided(decided(held))

    assert (len(held.omissions), held.omissions_left_out, len(held.unresolved)) == (50, 23, 50)
    assert (len(first.omissions), first.omissions_left_out, len(first.unresolved)) == (73, 0, 20)
    assert (len(second.omissions), second.omissions_left_out, second.unresolved) == (73, 0, [])


def test_equal_omissions_are_one_and_settled_ones_stay() -> None:
    twice = [*found(2), *found(2)]
    (first, _) = findings_of([], [], found(2))

    assert listed(twice) == (found(2), 0)
    assert listed(found(60), {first.id})[0] == found(51)


@given(st.integers(0, 120), st.integers(0, 120), st.integers(0, 120))
def test_while_a_major_one_is_left_out_all_that_are_open_must_be_resolved(
    majors: int, minors: int, settled: int
) -> None:
    every = found(majors, minors)
    ids = {one.id for one in findings_of([], [], every)[:settled]}

    shown, left_out = listed(every, ids)
    open_ = [one for one in findings_of([], [], shown) if one.id not in ids]
    missing = [one for one in every if one not in shown]

    assert (len(shown) + left_out, len(missing)) == (len(every), left_out)
    assert len(open_) <= MOST_OMISSIONS
    if any(one.severity is Severity.MAJOR for one in missing):
        assert len(open_) == MOST_OMISSIONS
        assert all(one.is_major for one in open_)


def test_a_risk_is_not_hidden_by_many_diagnoses() -> None:
    turns = [Turn(1, "I have asthma and diabetes.", P), Turn(2, "I think of suicide.", P)]

    assert [one.kind for one in Checker(turns).omissions([])] == ["risk", "diagnosis", "diagnosis"]
