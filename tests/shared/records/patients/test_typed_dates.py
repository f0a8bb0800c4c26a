"""Dates of birth as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.partial_date import PartialDate
from shared.records.patients.search import PatientSearch, Tier, tiers
from shared.records.patients.terms import terms_of
from shared.records.patients.typed_dates import dates
from tests.support.factories import patient

DAYS = st.dates(date(1880, 1, 1), date(2026, 11, 29))


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
        ("19500608", []),
    ],
)
def test_a_text_means_these_dates(text: str, meant: list[str]) -> None:
    assert dates(text) == meant


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


@given(st.text(max_size=30))
def test_any_text_is_read_or_means_none(text: str) -> None:
    assert all(isinstance(found, PartialDate) for found in dates(text))
