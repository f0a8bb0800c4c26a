"""Scores of instruments: from answers, never from the writer; a missing answer is unknown, never zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.instrument_scores import scores_in
from shared.records.templates.instruments import Instrument, InstrumentRef, find, known, score
from shared.records.templates.sections import Section, SectionType, leaves_of
from tests.support.factories import DOCTOR, statement

PHQ9, PHQ2, GAD7 = (find(InstrumentRef(id=name)) for name in ("phq-9", "phq-2", "gad-7"))
LABELS = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
SECTION = Section(id="phq9", title="PHQ-9", type=SectionType.INSTRUMENT, instrument=PHQ9.ref)


def answers(instrument: Instrument, *points: int) -> dict[str, str]:
    return {item.id: LABELS[point] for item, point in zip(instrument.items, points, strict=False)}


@pytest.mark.parametrize("instrument", known().values(), ids=lambda one: one.id)
def test_an_instrument_has_a_licence_a_source_and_a_band_for_every_total(instrument: Instrument) -> None:
    totals = [total for band in instrument.bands for total in range(band.lowest, band.highest + 1)]

    assert totals == list(range(instrument.highest_total + 1))
    assert instrument.licence
    assert instrument.source
    assert len({item.id for item in instrument.items}) == len(instrument.items)


@pytest.mark.parametrize(
    ("instrument", "points", "total", "band"),
    [
        (PHQ9, [0] * 9, 0, "None-minimal"),
        (PHQ9, [1] * 9, 9, "Mild"),
        (PHQ9, [2, 2, 2, 2, 2, 0, 0, 0, 0], 10, "Moderate"),
        (PHQ9, [3, 3, 3, 3, 3, 0, 0, 0, 0], 15, "Moderately severe"),
        (PHQ9, [3] * 9, 27, "Severe"),
        (PHQ2, [1, 1], 2, "Below the cut-off of 3"),
        (PHQ2, [1, 2], 3, "Positive screen"),
        (GAD7, [2] * 7, 14, "Moderate"),
        (GAD7, [3] * 7, 21, "Severe"),
    ],
)
def test_the_total_is_the_sum_with_its_band(instrument: Instrument, points: list[int], total: int, band: str) -> None:
    found = score(instrument, answers(instrument, *points))

    assert (found.total, found.band, found.unanswered) == (total, band, [])


@given(st.lists(st.none() | st.integers(0, 3), min_size=9, max_size=9))
def test_there_is_a_total_only_if_every_item_is_answered(points: list[int | None]) -> None:
    given_points = {item.id: point for item, point in zip(PHQ9.items, points, strict=True) if point is not None}

    found = score(PHQ9, {id: LABELS[point] for id, point in given_points.items()})

    assert found.at_least == sum(given_points.values())
    assert found.unanswered == [item.id for item in PHQ9.items if item.id not in given_points]
    assert found.total == (None if found.unanswered else found.at_least)
    assert (found.band is None) == (found.total is None)
    assert found.risks == (["q9"] if given_points.get("q9", 0) > 0 else [])


def test_a_text_that_is_no_option_is_no_answer() -> None:
    found = score(PHQ2, {"q1": "Sometimes", "q2": "3"})

    assert (found.total, found.unanswered) == (None, ["q1", "q2"])


def test_the_score_of_a_report_counts_only_answers_with_evidence() -> None:
    cited = [statement(n, f"phq9.q{n}", "Several days") for n in range(1, 9)]
    last = statement(9, "phq9.q9", "Nearly every day")

    (complete,) = scores_in([SECTION], [*cited, last])
    (uncited,) = scores_in([SECTION], [*cited, last.model_copy(update={"segments": []})])
    (by_hand,) = scores_in([SECTION], [*cited, last.model_copy(update={"segments": [], "author_id": DOCTOR})])

    assert (complete.section, complete.total, complete.risks) == ("phq9", 11, ["q9"])
    assert (uncited.total, uncited.at_least, uncited.unanswered, uncited.risks) == (None, 8, ["q9"], [])
    assert by_hand.total == 11


def test_answers_that_contradict_each_other_are_no_answer() -> None:
    two = [statement(1, "phq9.q1", "Not at all"), statement(2, "phq9.q1", "Several days")]

    (found,) = scores_in([SECTION], two)

    assert "q1" in found.unanswered


def test_each_item_takes_the_answers_of_the_instrument_alone() -> None:
    leaves = list(leaves_of([SECTION]))

    assert [leaf.id for leaf in leaves] == [f"phq9.q{number}" for number in range(1, 10)]
    assert all(leaf.takes(label) for leaf in leaves for label in LABELS)
    assert not leaves[0].takes("14")
