"""Dates of birth as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.partial_date import PartialDate
from shared.records.patients.search import PatientSearch, Tier, tiers
from shared.records.patients.terms import terms_of
from shared.records.patients.typed_dates import MOST_DATES, dates
from tests.support.factories import patient

DAYS = st.dates(date(1880, 1, 1), date(2025, 12, 31))
"""Before the year of the patient's number, PAT-20260001, which 2026-01 finds too."""


def tier_of(text: str, born: str | None) -> int | None:
    """The first tier in which a search by this text finds who was born then."""
    terms = terms_of(patient(first_name="Asha", date_of_birth=born))
    found = (tier.groups and all(terms & set(group) for group in tier.groups) for tier in _tiers(text))
    return next((number for number, matches in enumerate(found) if matches), None)


def _tiers(text: str) -> tuple[Tier, ...]:
    return tiers(PatientSearch(text=text), "IN")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1950", ["1950"]),
        ("1950-06", ["1950-06"]),
        ("1950/6", ["1950-06"]),
        ("06/1950", ["1950-06"]),
        ("6.1950", ["1950-06"]),
        ("June 1950", ["1950-06"]),
        ("jun. 1950", ["1950-06"]),
        ("1950-06-08", ["1950-06-08"]),
        ("8/6/1950", ["1950-06-08", "1950-08-06"]),
        ("13/6/1950", ["1950-06-13"]),
        ("6/6/1950", ["1950-06-06"]),
        ("31/31/1950", []),
        ("13/1950", []),
        ("1950-13", []),
        ("0000", []),
        ("Juno 1950", []),
        ("June", []),
        ("06", []),
        ("19500608", ["1950-06-08"]),
        ("Sept 76", ["1976-09", "2076-09"]),
        ("जून 1950", ["1950-06"]),
        ("8 June", []),
        ("Asha 1950", []),
        ("29.2.1900", []),
        ("98450 12345", []),
        ("4501", []),
        ("1/2/3/1950", []),
        ("8 June May 1950", []),
    ],
)
def test_a_text_means_these_dates(text: str, meant: list[str]) -> None:
    assert dates(text) == meant


EIGHTH_OF_JUNE = "1950-06-08"


@pytest.mark.parametrize(
    "typed",
    [
        "1950-06-08",
        "1950/6/8",
        "8 June 1950",
        "June 8, 1950",
        "8th of June 1950",
        "8. Jun 1950",
        "8-JUN-1950",
        "08.06.1950",
        "8/6/1950",
        "8/6/50",
        "8-Jun-50",
        "8 June '50",
        "08061950",
        "19500608",
        "50/06/08",
        "dob 8.6.50",
        "१९५०-०६-०८",
        "८ जून १९५०",
        "8 ஜூன் 1950",
        "٨ يونيو ١٩٥٠",
        "٨ حزيران ١٩٥٠",
        "1950年6月8日",
        "1950년 6월 8일",
        "\u20668/6/1950\u2069",
    ],
)
def test_a_birthday_is_read_however_it_is_written(typed: str) -> None:
    assert EIGHTH_OF_JUNE in dates(typed)


FORMS = st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y", "%d%m%Y"])


@given(DAYS, FORMS)
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    assert day.isoformat() in dates(day.strftime(form))


@given(DAYS)
def test_a_day_finds_the_exact_date_first_and_then_its_month_and_year(born: date) -> None:
    for text in (f"{born:%d/%m/%Y}", f"{born:%Y-%m-%d}", f"{born:%d.%m.%Y}"):
        assert tier_of(text, f"{born:%Y-%m-%d}") == 0
        assert tier_of(text, f"{born:%Y-%m}") == tier_of(text, f"{born:%Y}") == 3
        assert tier_of(text, f"{born.year - 1}") is None
        assert tier_of(text, None) is None


@given(DAYS)
def test_a_month_and_a_year_find_what_is_known_so_far_first(born: date) -> None:
    for text in (f"{born:%B} {born:%Y}", f"{born:%m/%Y}", f"{born:%Y-%m}"):
        assert [tier_of(text, f"{born:{known}}") for known in ("%Y-%m", "%Y", "%Y-%m-%d")] == [0, 3, None]
    assert [tier_of(f"{born:%Y}", f"{born:{known}}") for known in ("%Y", "%Y-%m", "%Y-%m-%d")] == [0, 3, None]


@given(st.text(max_size=200) | st.from_regex(r"[0-9a-zA-Z ./-]{0,20}", fullmatch=True))
def test_any_text_means_few_dates_or_none(text: str) -> None:
    found = dates(text)

    assert all(isinstance(one, PartialDate) for one in found)
    assert len(found) <= MOST_DATES
