"""Titles: they hide nobody, and belong to no name's key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.patients.names import words
from shared.records.patients.terms import terms_of
from shared.records.patients.titles import untitled
from tests.shared.records.patients.test_search import NAME, tier_of
from tests.support.factories import patient

TITLES = [
    *("Mrs", "Dr.", "DR", "Smt", "Smt.", "Shri", "Prof. Dr.", "(Miss)", "Herr"),
    *("श्रीमती", "डॉ.", "திருமதி", "శ్రీ", "ಶ್ರೀಮತಿ", "السيدة", "ڈاکٹر", "господин"),
]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_hides_nobody(title: str) -> None:
    asha = patient(first_name="Asha", last_name="Rao")
    registered = patient(first_name=f"{title} Asha", last_name="Rao")

    assert tier_of(f"{title} Asha Rao", asha) == tier_of("Asha Rao", registered) == 0
    assert tier_of(f"{title} ash ra", asha) == tier_of("rao ash", registered) == 1
    assert ("name_squeezed", "raoasha") in terms_of(registered)


@pytest.mark.parametrize("typed", ["Dr.Asha Rao", "Smt.Asha Rao", "Prof.Dr.Asha Rao", "Rao, Dr. Asha"])
def test_a_title_is_seen_before_a_dot_without_a_space(typed: str) -> None:
    assert tier_of(typed, patient(first_name="Asha", last_name="Rao")) == 0


@pytest.mark.parametrize(("name", "kept"), [("M.S. Rao", "M.S. Rao"), ("M.R.Rao", "M.R.Rao"), ("D.Souza", "D.Souza")])
def test_initials_are_no_titles(name: str, kept: str) -> None:
    assert untitled(name) == kept


def test_who_has_a_title_for_a_name_is_found_by_it_and_by_the_other_names() -> None:
    sri = patient(first_name="Sri", last_name="Mulyani")

    assert [tier_of(typed, sri) for typed in ("Sri Mulyani", "Mulyani", "sri", "sri mul")] == [0, 0, 1, 1]
    assert tier_of("Sri", patient(first_name="Sri", last_name=None)) == 0


@given(NAME, st.sampled_from(TITLES))
def test_a_name_with_a_title_has_the_words_of_the_name(name: str, title: str) -> None:
    assert words(untitled(f"{title} {name}")) == words(untitled(name))
