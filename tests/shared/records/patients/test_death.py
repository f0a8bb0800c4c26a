"""The death of a patient: what dates it can have, and what age and visits follow from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.conflict_codes import ConflictCode
from shared.records.partial_date import PartialDate
from shared.records.patients.age import EstimatedAge
from shared.records.patients.death import NewDeath
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict
from shared.records.record import Stamp
from tools.openapi import factories

TODAY = date(2026, 11, 29)
BORN = PartialDate("1950-06-08")
_STAMP = Stamp("desk", datetime(2026, 11, 29, tzinfo=UTC))
dates = st.dates(date(1950, 6, 8), TODAY)


def dead(died: str, recorded_on: date = TODAY) -> Patient:
    patient = factories.patient("doctor", _STAMP, date_of_birth=BORN)
    return patient.died(NewDeath(date=PartialDate(died)).recorded(recorded_on), _STAMP)


@pytest.mark.parametrize(
    ("died", "wrong"),
    [
        ("2026-11-29", []),
        ("2026-11", []),
        ("2026", []),
        ("1950", []),
        ("1950-06-08", []),
        ("2026-11-30", ["is in the future"]),
        ("2026-12", ["is in the future"]),
        ("2027", ["is in the future"]),
        ("1950-06-07", ["is before the date of birth"]),
        ("1950-05", ["is before the date of birth"]),
    ],
)
def test_a_date_is_wrong_if_the_patient_cannot_have_died_on_any_of_its_days(died: str, wrong: list[str]) -> None:
    assert [one.detail for one in NewDeath(date=PartialDate(died)).errors(BORN, TODAY)] == wrong


def test_without_a_date_of_birth_only_the_future_is_wrong() -> None:
    assert [*NewDeath(date=PartialDate("1800")).errors(None, TODAY)] == []


@given(dates, st.integers(0, 40_000))
def test_the_age_stays_that_at_death(died: date, days: int) -> None:
    patient = dead(died.isoformat())

    assert patient.age_on(died + timedelta(days=days)) == patient.living(_STAMP).age_on(died)


@given(dates, st.integers(1, 20_000))
def test_before_the_death_the_age_is_that_of_the_day(died: date, days: int) -> None:
    patient, day = dead(died.isoformat()), died - timedelta(days=days)

    assert patient.age_on(day) == patient.living(_STAMP).age_on(day)


@given(dates, st.sampled_from([4, 7]))
def test_of_a_death_that_is_known_in_part_the_age_holds_that_of_every_day(died: date, length: int) -> None:
    patient = dead(died.isoformat()[:length])

    told, on_the_day = patient.age_on(TODAY), patient.living(_STAMP).age_on(died)
    assert told.age_years_min is not None
    assert told.age_years_max is not None
    assert on_the_day.age is not None
    assert told.age_years_min <= on_the_day.age <= told.age_years_max <= told.age_years_min + 1
    assert (told.age is None) == (told.age_years_min != told.age_years_max)


@pytest.mark.parametrize(
    ("born", "died", "text"),
    [
        ("1950-06-08", "2026-06-07", "75 years"),
        ("1950-06-08", "2026-06", "75 or 76 years"),
        ("1950-06-08", "2010", "59 or 60 years"),
        ("1950-06-08", "1950-06-20", "12 days"),
        ("1950-06-08", "1950", "0 years"),
        (None, "2020-06-08", "about 70 years"),
        (None, "2020", "about 71 years"),
    ],
)
def test_the_age_at_death_as_people_say_it(born: str | None, died: str, text: str) -> None:
    estimate = None if born else EstimatedAge(years=76, as_of=date(2026, 6, 8))
    patient = factories.patient("doctor", _STAMP, date_of_birth=born, estimated_age=estimate)

    death = NewDeath(date=PartialDate(died)).recorded(TODAY)
    assert patient.died(death, _STAMP).age_on(TODAY).age_text == text


@pytest.mark.parametrize(
    ("died", "recorded_on", "last"),
    [
        ("2026-06-08", TODAY, date(2026, 6, 8)),
        ("2026-06", TODAY, date(2026, 6, 30)),
        ("2026", TODAY, TODAY),
        ("2026-11", date(2026, 11, 10), date(2026, 11, 10)),
    ],
)
def test_a_visit_is_possible_until_the_last_day_that_the_patient_can_have_lived(
    died: str, recorded_on: date, last: date
) -> None:
    patient, noon = dead(died, recorded_on), datetime(last.year, last.month, last.day, 12, tzinfo=UTC)

    patient.must_have_lived_at(noon, "UTC")
    patient.living(_STAMP).must_have_lived_at(noon + timedelta(days=1), "UTC")
    with pytest.raises(Conflict) as refused:
        patient.must_have_lived_at(noon + timedelta(days=1), "UTC")

    assert refused.value.code == ConflictCode.PATIENT_DECEASED


def test_the_day_of_a_visit_is_that_of_the_clinic() -> None:
    evening = datetime(2026, 6, 8, 20, tzinfo=UTC)

    dead("2026-06-08").must_have_lived_at(evening, "UTC")
    with pytest.raises(Conflict):
        dead("2026-06-08").must_have_lived_at(evening, "Asia/Kolkata")


def test_the_same_death_again_changes_nothing() -> None:
    patient = dead("2026-06")

    assert patient.died(NewDeath(date=PartialDate("2026-06")).recorded(TODAY), _STAMP) is patient
    assert patient.living(_STAMP).deceased is None
