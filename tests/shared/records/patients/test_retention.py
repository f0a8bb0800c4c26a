"""Until when the records of a patient are kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.settings import MOST_RETENTION_YEARS
from shared.records.patients.retention import anniversary, kept_until
from tests.support.factories import patient, settings

LAST = date(2026, 9, 14)
days, years = st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, MOST_RETENTION_YEARS)


@pytest.mark.parametrize(
    ("born", "years", "until_age", "until"),
    [
        ("1984-02-29", None, None, None),
        ("1984-02-29", 7, None, date(2033, 9, 14)),
        (None, 7, None, date(2033, 9, 14)),
        (None, 7, 25, None),
        ("1984-02-29", 7, 25, date(2033, 9, 14)),
        ("2020-03-01", 7, 25, date(2045, 3, 1)),
        ("2020-02-29", 7, 25, date(2045, 3, 1)),
        ("2020-03", 7, 25, date(2045, 3, 31)),
        ("2020", 7, 25, date(2045, 12, 31)),
        ("2008-09-14", 7, 25, date(2033, 9, 14)),
    ],
)
def test_the_later_of_both_days_counts(
    born: str | None, years: int | None, until_age: int | None, until: date | None
) -> None:
    clinic = settings(retention_years=years, retention_until_age=until_age)

    assert kept_until(patient(date_of_birth=born), LAST, clinic) == until


@given(days, years)
def test_an_anniversary_is_so_many_years_later_and_never_earlier(day: date, years: int) -> None:
    after = anniversary(day, years)

    assert after.year == day.year + years
    assert (after.month, after.day) in {(day.month, day.day), (3, 1)}
    assert anniversary(day, years - 1) < after


def test_the_last_year_there_is_is_not_exceeded() -> None:
    assert anniversary(date(9998, 2, 28), 100) == date(9999, 2, 28)
