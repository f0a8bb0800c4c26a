"""The age of a person by a date of birth that is known, known in part, or estimated."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.partial_date import PartialDate
from shared.records.patients.age import Age, EstimatedAge, age_span, span_of

BIRTHS = st.dates(date(1900, 1, 1), date(2026, 1, 1))
TODAY = date(2026, 11, 29)


def age(born: str, day: date = TODAY) -> Age:
    return Age.of(PartialDate(born), None, day)


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        ("2000-02-29", date(2000, 2, 29), 0),
        ("2000-02-29", date(2001, 2, 28), 0),
        ("2000-02-29", date(2001, 3, 1), 1),
        ("2000-02-29", date(2004, 2, 28), 3),
        ("2000-02-29", date(2004, 2, 29), 4),
        ("2000-02-28", date(2004, 2, 28), 4),
        ("2000-03-01", date(2004, 2, 29), 3),
        ("1999-12-31", date(2000, 1, 1), 0),
        ("1999-12-31", date(2000, 12, 31), 1),
    ],
)
def test_age_is_in_completed_years_across_leap_days(born: str, day: date, years: int) -> None:
    found = age(born, day)

    assert (found.age, found.age_years_min, found.age_years_max) == (years, years, years)


@pytest.mark.parametrize(
    ("born", "text"),
    [
        ("2026-11-29", "0 days"),
        ("2026-11-28", "1 day"),
        ("2026-11-02", "27 days"),
        ("2026-10-30", "30 days"),
        ("2026-10-29", "1 month"),
        ("2026-08-21", "3 months"),
        ("2024-11-30", "23 months"),
        ("2024-11-29", "2 years"),
        ("1950-06-08", "76 years"),
        ("1950", "75 or 76 years"),
        ("1950-06", "76 years"),
        ("1950-11", "75 or 76 years"),
        ("2026", "0 to 10 months"),
        ("2026-11", "0 to 28 days"),
        ("2026-10", "0 or 1 month"),
        ("2025", "10 to 22 months"),
        ("2024", "1 or 2 years"),
    ],
)
def test_an_age_is_told_as_people_tell_it(born: str, text: str) -> None:
    assert age(born).age_text == text


@pytest.mark.parametrize(
    ("born", "least", "most"), [("1950", 75, 76), ("1950-11", 75, 76), ("1950-06", 76, 76), ("2025", 0, 1)]
)
def test_an_uncertain_age_is_no_number(born: str, least: int, most: int) -> None:
    found = age(born)

    assert (found.age_years_min, found.age_years_max) == (least, most)
    assert found.age == (least if least == most else None)


@given(BIRTHS, st.integers(0, 40_000))
def test_a_day_makes_nobody_younger_and_at_most_a_year_older(born: date, days: int) -> None:
    today = born + timedelta(days=days)

    before, after = (age(born.isoformat(), day).age for day in (today, today + timedelta(days=1)))

    assert before is not None
    assert after is not None
    assert after - before in (0, 1)
    assert before == pytest.approx(days / 365.2425, abs=1.01)


@given(BIRTHS, st.sampled_from([4, 7]), st.integers(0, 40_000))
def test_the_true_age_is_among_those_that_a_part_of_the_date_allows(born: date, known: int, days: int) -> None:
    day = born + timedelta(days=days)

    true, told = age(born.isoformat(), day), age(born.isoformat()[:known], day)

    assert true.age is not None
    assert told.age_years_min is not None
    assert told.age_years_max is not None
    assert told.age_years_min <= true.age <= told.age_years_max <= told.age_years_min + 1
    assert told.age in (None, true.age)


@given(BIRTHS, st.sampled_from([4, 7, 10]), st.integers(1, 40_000))
def test_before_the_birth_there_is_no_age(born: date, known: int, days: int) -> None:
    birth = PartialDate(born.isoformat()[:known])

    assert span_of(birth, birth.earliest - timedelta(days=days)) is None
    assert Age.of(birth, None, birth.earliest - timedelta(days=days)) == Age()


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 29), "about 76 years"),
        (date(2027, 11, 28), "about 76 years"),
        (date(2027, 11, 29), "about 77 years"),
        (date(2026, 1, 1), "about 76 years"),
        (date(2024, 11, 29), "about 74 years"),
        (date(1930, 1, 1), "about 0 years"),
    ],
)
def test_an_estimate_grows_with_the_years_and_is_never_certain(day: date, text: str) -> None:
    found = Age.of(None, EstimatedAge(years=76, as_of=TODAY), day)

    assert found == Age(age_text=text)


def test_nothing_known_is_no_age() -> None:
    assert Age.of(None, None, TODAY) == Age()
    assert age_span(None, None, TODAY) is None


@pytest.mark.parametrize("years", [0, -1, 131, 7.5, "many"])
def test_an_estimate_is_in_whole_years_of_a_life(years: object) -> None:
    with pytest.raises(ValidationError):
        EstimatedAge.model_validate({"years": years, "as_of": "2026-11-29"})
