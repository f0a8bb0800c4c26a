"""Dates of birth that are known in part, or not at all: registered, read, searched and changed without a filler."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.clinics import TestClinic
from tests.support.patients import in_zone, path_of
from tests.support.problems import pointers

NAME = {"first_name": "Suharto"}


def _today(clinic: TestClinic) -> date:
    """Today at the clinic, in UTC from now on."""
    in_zone(clinic, "UTC")
    return datetime.now(UTC).date()


@pytest.mark.parametrize("born", ["1950", "1950-06", "1950-06-08"])
def test_a_birth_date_stays_as_it_is_known(own_clinic: TestClinic, born: str) -> None:
    patient = own_clinic.doctor.post("/patients", NAME | {"date_of_birth": born}).ok(201)

    for read in (patient, own_clinic.doctor.get(path_of(patient)).ok()):
        assert (read.body["date_of_birth"], read.body["estimated_age"]) == (born, None)
        assert read.body["age_years_max"] - read.body["age_years_min"] == (read.body["age"] is None)
    better = own_clinic.doctor.send("PATCH", path_of(patient), {"date_of_birth": "1950-06-09"}, etag=patient.etag).ok()
    assert (better.body["date_of_birth"], better.body["age"]) == ("1950-06-09", better.body["age_years_min"])


def test_who_has_no_known_birth_date_may_have_an_estimated_age(own_clinic: TestClinic) -> None:
    as_of = (_today(own_clinic) - timedelta(days=10)).isoformat()
    estimate = {"years": 40, "as_of": as_of}
    patient = own_clinic.doctor.post("/patients", NAME | {"estimated_age": estimate}).ok(201)

    ages = ("age", "age_text", "age_years_min", "age_years_max")
    assert [patient.body[name] for name in ages] == [None, "about 40 years", None, None]
    assert (patient.body["date_of_birth"], patient.body["estimated_age"]) == (None, estimate)
    both = own_clinic.doctor.send("PATCH", path_of(patient), {"date_of_birth": "1986"}, etag=patient.etag)
    assert pointers(both.refused(422, "invalid")) == {"/estimated_age"}
    known = {"date_of_birth": "1986", "estimated_age": None}
    changed = own_clinic.doctor.send("PATCH", path_of(patient), known, etag=patient.etag).ok()
    assert (changed.body["date_of_birth"], changed.body["estimated_age"]) == ("1986", None)


def test_a_baby_is_so_many_days_or_months_old(own_clinic: TestClinic) -> None:
    born = _today(own_clinic) - timedelta(days=5)

    baby = own_clinic.doctor.post("/patients", NAME | {"date_of_birth": born.isoformat()}).ok(201).body

    assert (baby["age"], baby["age_text"]) == (0, "5 days")


def test_a_date_typed_in_full_finds_who_is_known_in_part_after_who_is_known_exactly(own_clinic: TestClinic) -> None:
    doctor, ids = own_clinic.doctor, {}
    for born in ("1950", "1950-06-08", "1950-06", "1950-07", "1951", None):
        new: dict[str, Any] = {"first_name": f"Amina {born or 'Noor'}", "date_of_birth": born, "allow_duplicate": True}
        ids[doctor.post("/patients", new).ok(201).body["id"]] = born

    def found(text: str) -> list[str | None]:
        items = doctor.post("/patients/search", {"text": text, "kinds": ["date_of_birth"]}).ok().body["items"]
        return [ids[one["id"]] for one in items]

    assert found("8/6/1950") == ["1950-06-08", "1950-06", "1950"]
    assert found("1950-06-08") == ["1950-06-08", "1950-06", "1950"]
    assert found("1950-06") == found("June 1950") == found("06/1950") == ["1950-06", "1950"]
    assert found("1950") == ["1950", "1950-07", "1950-06"]
    assert found("1952") == []


def test_two_people_of_one_name_and_year_of_birth_need_not_be_one(own_clinic: TestClinic) -> None:
    own_clinic.doctor.post("/patients", NAME | {"date_of_birth": "1950"}).ok(201)

    own_clinic.doctor.post("/patients", NAME | {"date_of_birth": "1950"}).ok(201)
