"""Reported allergies: bounded, noted once, and in the chart only after a confirmation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.conflict_codes import ConflictCode
from shared.records.patients import allergies
from shared.records.patients.details import NewReportedAllergy
from shared.records.patients.patient import MOST_REPORTED, Patient
from shared.records.patients.update import MOST_ENTRIES, PatientPatch, PatientUpdate
from shared.records.problems import Conflict, NotFound
from shared.records.record import Stamp
from shared.records.reports.chart_changes import offers_of
from shared.records.templates.shipped import default_sections
from tests.support.factories import DOCTOR, NOON, patient, statement

DESK = Stamp("receptionist-1", NOON)
DECISION = Stamp(DOCTOR, NOON + timedelta(hours=1))


def waiting(*texts: str, **values: Any) -> Patient:
    """A patient with these reported allergies, whose ids are the texts."""
    made = patient(**values)
    for text in texts:
        made = allergies.reported(made, NewReportedAllergy(text=text), text, DESK)
    return made


def texts(of: Patient) -> list[str]:
    return [entry.text for entry in of.reported_allergies]


def test_a_report_has_its_author_and_is_no_allergy() -> None:
    one = waiting("latex", allergies=["penicillin"])

    (entry,) = one.reported_allergies
    assert (entry.text, entry.noted_by, entry.noted_at) == ("latex", "receptionist-1", NOON)
    assert (one.allergies, one.revision, one.updated_by) == (["penicillin"], 2, "receptionist-1")


def test_a_report_that_waits_is_not_noted_again() -> None:
    one = waiting("Latex")

    assert allergies.reported(one, NewReportedAllergy(text="LATEX"), "other", DESK) is one


def test_a_report_of_a_known_allergy_is_noted_like_any_other() -> None:
    """The front desk must not learn from the answer what the chart contains."""
    known, unknown = waiting("Penicillin", allergies=["penicillin"]), waiting("Penicillin")

    assert (texts(known), known.revision) == (texts(unknown), unknown.revision)


def test_only_so_many_reports_wait() -> None:
    full = waiting(*(f"allergen-{number}" for number in range(MOST_REPORTED)))

    with pytest.raises(Conflict) as refused:
        allergies.reported(full, NewReportedAllergy(text="one more"), "more", DESK)
    assert refused.value.code == ConflictCode.CHART_FULL


def test_a_confirmed_report_moves_to_the_chart_and_a_rejected_one_is_gone() -> None:
    one = waiting("latex", "nuts", allergies=["penicillin"])

    confirmed, rejected = allergies.confirmed(one, "latex", DECISION), allergies.rejected(one, "latex", DECISION)

    assert (confirmed.allergies, texts(confirmed)) == (["penicillin", "latex"], ["nuts"])
    assert (rejected.allergies, texts(rejected)) == (["penicillin"], ["nuts"])
    assert confirmed.updated_by == rejected.updated_by == DOCTOR
    for decided in (confirmed, rejected):
        for rule in (allergies.confirmed, allergies.rejected):
            with pytest.raises(NotFound):
                rule(decided, "latex", DECISION)


def test_a_confirmed_report_of_a_known_allergy_is_in_the_chart_once() -> None:
    confirmed = allergies.confirmed(waiting("LATEX", allergies=["latex"]), "LATEX", DECISION)

    assert (confirmed.allergies, texts(confirmed)) == (["latex"], [])


def test_a_full_chart_takes_no_other_allergy_and_keeps_the_report() -> None:
    full = waiting("latex", "allergen-1", allergies=[f"allergen-{number}" for number in range(MOST_ENTRIES)])

    with pytest.raises(Conflict) as refused:
        allergies.confirmed(full, "latex", DECISION)
    assert refused.value.code == ConflictCode.CHART_FULL
    assert texts(allergies.confirmed(full, "allergen-1", DECISION)) == ["latex"]


@given(st.lists(st.sampled_from(["report", "confirm", "reject"]), max_size=60), st.randoms())
def test_each_report_waits_is_confirmed_or_is_rejected(steps: list[str], random: Any) -> None:
    one, reported, rejected = patient(), set[str](), set[str]()
    for number, step in enumerate(steps):
        if step == "report" and len(one.reported_allergies) < MOST_REPORTED:
            one = allergies.reported(one, NewReportedAllergy(text=f"n{number}"), f"n{number}", DESK)
            reported.add(f"n{number}")
        elif step != "report" and one.reported_allergies:
            entry = random.choice(one.reported_allergies).id
            one = (allergies.confirmed if step == "confirm" else allergies.rejected)(one, entry, DECISION)
            rejected |= set() if step == "confirm" else {entry}

    assert sorted([*one.allergies, *texts(one), *rejected]) == sorted(reported)


def test_no_other_change_of_a_patient_touches_reports() -> None:
    one, again = waiting("latex"), {"first_name": "Asha", "date_of_birth": "1984-02-29", "allergies": []}

    for update in (PatientUpdate.model_validate(again), PatientPatch.model_validate({"allergies": []})):
        assert texts(one.rewritten(update.onto(one), DECISION, clinical=True)) == ["latex"]
    assert "reported_allergies" not in PatientUpdate.model_fields


def test_an_offered_chart_change_does_not_take_a_report_for_the_chart() -> None:
    said = [statement(1, "history_present_illness", "Patient is allergic to latex.")]

    (offer,) = offers_of(default_sections(), said, waiting("latex"), [])

    assert not offer.in_chart
