"""What a signed report offers for the patient's chart."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict
from shared.records.reports.chart_changes import (
    MOST_OFFERS,
    ChartDecisions,
    ChartField,
    Verdict,
    accepted,
    offers_of,
)
from shared.records.templates.shipped import default_sections
from tests.support.factories import BY_DOCTOR, patient, report, statement
from tools.openapi.factories import chart_offer

HISTORY, MEDICATIONS, ASSESSMENT = "history_present_illness", "plan.medications", "assessment"


def offered(section: str, text: str, **chart: Any) -> list[tuple[str, str]]:
    offers = offers_of(default_sections(), [statement(4, section, text)], patient(**chart), [])
    assert all((one.statement_id, one.segments) == ("s4", [4]) for one in offers)
    return [(one.field.value, one.value) for one in offers]


@pytest.mark.parametrize(
    ("text", "allergens"),
    [
        ("Patient is allergic to penicillin.", ["penicillin"]),
        ("Allergy to the sulfa drugs and latex.", ["sulfa drugs", "latex"]),
        ("Patient reports they are allergic to peanuts, shellfish, and eggs.", ["peanuts", "shellfish", "eggs"]),
        ("Allergic to aspirin which gives hives.", ["aspirin"]),
        ("Patient is not allergic to penicillin.", []),
        ("No known allergy to latex.", []),
        ("Patient denies allergy to latex.", []),
        ("Asked whether they are allergic to anything.", []),
        ("Mother is allergic to penicillin.", []),
        ("Possibly allergic to penicillin.", []),
        ("Patient isn't allergic to eggs.", []),
        ("Allergic rhinitis.", []),
    ],
)
def test_allergies_are_offered_unless_denied_uncertain_or_of_a_relative(text: str, allergens: list[str]) -> None:
    assert offered(HISTORY, text) == [("allergies", allergen) for allergen in allergens]


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Increase sertraline to 75 mg.", ["sertraline 75 mg"]),
        ("Increase sertraline from 50 mg to 75 mg.", ["sertraline 75 mg"]),
        ("Start Lithium 300 mg at night and Metformin 500mg.", ["lithium 300 mg", "metformin 500mg"]),
        ("Take sertraline.", []),
        ("Stop sertraline 50 mg.", []),
        ("Do not take ibuprofen 400 mg.", []),
        ("Take about 50 mg.", []),
        ("Review in 4 weeks.", []),
    ],
)
def test_medications_with_a_dose_are_offered_from_their_sections_only(text: str, drugs: list[str]) -> None:
    assert offered(MEDICATIONS, text) == [("current_medications", drug) for drug in drugs]
    assert offered(HISTORY, text) == []


@pytest.mark.parametrize(
    ("text", "diagnoses"),
    [
        ("Impression: moderate depressive episode.", ["moderate depressive episode"]),
        ("Diagnosis is generalised anxiety disorder.", ["generalised anxiety disorder"]),
        ("Diagnosed with type 2 diabetes.", ["type 2 diabetes"]),
        ("Impression: probable bipolar disorder.", []),
        ("Diagnosis: rule out hypothyroidism, not confirmed.", []),
        ("PHQ-9 score is 14.", []),
    ],
)
def test_diagnoses_are_offered_from_the_assessment_only(text: str, diagnoses: list[str]) -> None:
    assert offered(ASSESSMENT, text) == [("diagnoses", diagnosis) for diagnosis in diagnoses]
    assert offered(HISTORY, text) == []


def test_a_new_dose_replaces_the_entry_of_the_same_drug() -> None:
    before = patient(current_medications=["Sertraline 50 mg", "lithium 300 mg"])
    (offer,) = offers_of(default_sections(), [statement(1, MEDICATIONS, "Increase sertraline to 75 mg.")], before, [])

    after = accepted(offer, before, BY_DOCTOR)

    assert offer.replaces == "Sertraline 50 mg"
    assert after.current_medications == ["lithium 300 mg", "sertraline 75 mg"]


def test_what_the_chart_has_is_not_added_again() -> None:
    before = patient(allergies=["Penicillin"])
    (offer,) = offers_of(default_sections(), [statement(1, HISTORY, "Allergic to penicillin.")], before, [])

    assert offer.in_chart
    assert accepted(offer, before, BY_DOCTOR) is before


def test_a_full_list_is_a_conflict() -> None:
    before = patient(allergies=[f"allergen {number}" for number in range(100)])
    (offer,) = offers_of(default_sections(), [statement(1, HISTORY, "Allergic to penicillin.")], before, [])

    with pytest.raises(Conflict):
        accepted(offer, before, BY_DOCTOR)


def test_a_decision_is_shown_and_a_later_one_replaces_it() -> None:
    decisions = ChartDecisions.new(report().id, BY_DOCTOR)
    decisions = decisions.with_decision(chart_offer("s1-1"), Verdict.DISMISSED, BY_DOCTOR)
    decisions = decisions.with_decision(chart_offer("s1-1"), Verdict.ACCEPTED, BY_DOCTOR)

    (offer,) = offers_of(
        default_sections(), [statement(1, HISTORY, "Allergic to eggs.")], patient(), decisions.decisions
    )

    assert len(decisions.decisions) == 1
    assert offer.decision == decisions.decisions[0]
    assert (offer.decision.verdict, offer.decision.by) == (Verdict.ACCEPTED, BY_DOCTOR.by)


WORDS = ["allergic to", "allergy to", "eggs", "and", ",", "sertraline", "75 mg", "not", "diagnosis:", "x"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=8)


@given(TEXTS, st.sampled_from([HISTORY, MEDICATIONS, ASSESSMENT]))
def test_offers_are_the_same_each_time_and_accepting_all_leaves_none_to_add(texts: list[str], section: str) -> None:
    statements = [statement(number, section, text or "-") for number, text in enumerate(texts, start=1)]
    chart = patient()
    offers = offers_of(default_sections(), statements, chart, [])
    for offer in offers:
        chart = accepted(offer.model_copy(update={"replaces": None}), chart, BY_DOCTOR)

    again = offers_of(default_sections(), statements, chart, [])
    assert [one.id for one in again] == [one.id for one in offers]
    assert len({one.id for one in offers}) == len(offers)
    assert all(one.in_chart for one in again)
    assert {one.field for one in offers} <= set(ChartField)


@pytest.mark.parametrize("text", ["allergic to ", "allergic to a, ", "sertraline 75 mg ", "diagnosis is ", "x " * 9])
def test_number_and_cost_of_offers_are_bounded(text: str) -> None:
    long = [statement(number, MEDICATIONS, (text * 10_000)[:20_000]) for number in range(1, 21)]

    began = time.process_time()
    offers = offers_of(default_sections(), long, patient(), [])

    assert len(offers) <= MOST_OFFERS
    assert time.process_time() - began < 2
