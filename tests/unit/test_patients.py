"""A patient: age by the calendar, and what a registration may say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.patient import NewPatient, Patient
from shared.records.problems import Invalid
from tests.unit.samples import DOCTOR, patient

BIRTHS = st.dates(date(1900, 1, 1), date(2026, 1, 1))
REQUIRED = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1984-02-29"}


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2000, 2, 29), 0),
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 2, 29), date(2004, 2, 28), 3),
        (date(2000, 2, 29), date(2004, 2, 29), 4),
        (date(2000, 2, 28), date(2004, 2, 28), 4),
        (date(2000, 3, 1), date(2004, 2, 29), 3),
        (date(1999, 12, 31), date(2000, 1, 1), 0),
        (date(1999, 12, 31), date(2000, 12, 31), 1),
    ],
)
def test_age_is_in_completed_years_across_leap_days(born: date, day: date, age: int) -> None:
    assert patient(date_of_birth=born).age_on(day).age == age


@given(BIRTHS, st.integers(0, 40_000))
def test_a_day_makes_nobody_younger_and_at_most_a_year_older(born: date, days: int) -> None:
    one, today = patient(date_of_birth=born), born + timedelta(days=days)

    aged = one.age_on(today + timedelta(days=1)).age - one.age_on(today).age

    assert aged in (0, 1)
    assert one.age_on(today).age == pytest.approx(days / 365.2425, abs=1.01)


def test_a_birth_in_the_future_is_refused_by_name() -> None:
    today = date(2026, 9, 14)

    NewPatient.model_validate(REQUIRED | {"date_of_birth": "2026-09-14"}).check(today)
    with pytest.raises(Invalid) as refusal:
        NewPatient.model_validate(REQUIRED | {"date_of_birth": "2026-09-15"}).check(today)

    assert [error.pointer for error in refusal.value.errors] == ["/date_of_birth"]


def test_a_registration_becomes_a_patient_with_all_it_said() -> None:
    said: dict[str, Any] = {
        "primary_phone": "+919845012345",
        "address": {"lines": ["12 Residency Road"], "city": "Bengaluru", "country": "IN"},
        "emergency_contact": {"name": "Ravi", "phone": "+919845012346", "relationship": "brother"},
        "tags": ["new"],
        "blood_group": "AB-",
        "allergies": ["penicillin"],
    }

    made = patient(**said)

    shown = made.model_dump(mode="json", exclude_unset=True)
    assert {name: shown[name] for name in ("primary_phone", "tags", "blood_group", "allergies")} == {
        name: said[name] for name in ("primary_phone", "tags", "blood_group", "allergies")
    }
    assert shown["address"]["lines"] == ["12 Residency Road"]
    assert shown["emergency_contact"] == said["emergency_contact"]
    assert (made.owner_id, made.created_by, made.revision) == (DOCTOR, DOCTOR, 1)


def test_every_field_of_a_registration_is_one_of_the_patient() -> None:
    assert set(NewPatient.model_fields) <= set(Patient.model_fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "   "),
        ("last_name", "x" * 201),
        ("primary_phone", "98450 12345"),
        ("email", "asha at example"),
        ("date_of_birth", "29/02/1984"),
        ("preferred_language", "English please"),
        ("address", {"lines": []}),
        ("address", {"lines": ["x"], "country": "India"}),
        ("blood_group", "C+"),
        ("number", "PAT-20260001"),
        ("unheard_of", 1),
    ],
)
def test_a_wrong_or_unknown_field_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        NewPatient.model_validate(REQUIRED | {field: value})

    assert {str(error["loc"][0]) for error in refusal.value.errors()} == {field}
