"""Whether two records may be of one person: names, dates and contacts, symmetric and bounded."""

from __future__ import annotations

import string
from datetime import date
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.partial_date import PartialDate
from shared.records.patients import birth_likeness
from shared.records.patients.birth_likeness import BirthMatch
from shared.records.patients.likeness import HIGHEST, Likeness, likeness_of
from shared.records.patients.likeness_terms import terms_of
from shared.records.patients.name_likeness import alike, distance
from shared.records.patients.update import PatientUpdate

ALI = {"first_name": "Mohammed", "last_name": "Ali", "date_of_birth": "1985-06-07"}
PHONE = {"primary_phone": "+919845012345"}


def person(**values: Any) -> PatientUpdate:
    return PatientUpdate.model_validate(values)


def compared(one: dict[str, Any], **changes: Any) -> Likeness:
    """The likeness of a person with one who differs in the changes, which is the same the other way round."""
    ones, others = person(**one), person(**{**one, **changes})
    found, back = likeness_of(ones, others), likeness_of(others, ones)
    assert (found.score, codes(found)) == (back.score, codes(back))
    return found


def codes(found: Likeness) -> list[str]:
    return [reason.code.value for reason in found.reasons]


def outcome(found: Likeness) -> str:
    return "exact" if found.exact else "near" if found.told else "other"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "exact"),
        ({"first_name": "Mohammad"}, "exact"),
        ({"first_name": "Ali", "last_name": "Muhamad"}, "exact"),
        ({"first_name": "मोहम्मद", "last_name": "अली"}, "exact"),
        ({"first_name": "محمد", "last_name": "علي"}, "exact"),
        ({"first_name": "Dr Mohammed"}, "exact"),
        ({"first_name": "Mohammedali", "last_name": None}, "exact"),
        ({"first_name": "Mohamadali", "last_name": None}, "exact"),
        ({"first_name": "X", "preferred_name": "Mohammed"}, "exact"),
        ({"first_name": "李", "latin_name": {"first_name": "Mohammed", "last_name": "Ali"}}, "exact"),
        ({"date_of_birth": "1985-07-06"}, "exact"),
        ({"first_name": "Mohammad", "date_of_birth": "1985-07-06"}, "near"),
        ({"date_of_birth": "1985"}, "near"),
        ({"date_of_birth": "1985-06"}, "near"),
        ({"first_name": "Mohammad", "date_of_birth": "1985-06"}, "near"),
        ({"date_of_birth": "1985-06-08"}, "near"),
        ({"date_of_birth": "1986-06-07"}, "near"),
        ({"date_of_birth": "1958-06-07"}, "near"),
        ({"first_name": "Mohammad", "date_of_birth": "1984-06-07"}, "near"),
        ({"date_of_birth": None, "estimated_age": {"years": 41, "as_of": "2026-11-01"}}, "near"),
        ({"date_of_birth": None, "estimated_age": {"years": 61, "as_of": "2026-11-01"}}, "other"),
        ({"first_name": "M"}, "near"),
        ({"first_name": None}, "near"),
        ({"first_name": "Mohammed Iqbal"}, "near"),
        ({"first_name": None, "date_of_birth": "1985"}, "other"),
        ({"first_name": "Fatima"}, "other"),
        ({"date_of_birth": None}, "other"),
        ({"date_of_birth": "1984"}, "other"),
        ({"date_of_birth": "1985-05"}, "other"),
        ({"date_of_birth": "1991-12-24"}, "other"),
        ({"first_name": None, "last_name": None, "name_unknown": True}, "other"),
    ],
)
def test_likeness_without_a_contact(changes: dict[str, Any], expected: str) -> None:
    assert outcome(compared(ALI, **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date_of_birth": None}, "exact"),
        ({"first_name": "Mohammad", "date_of_birth": None}, "exact"),
        ({"date_of_birth": "1991-12-24"}, "exact"),
        ({"first_name": "Mohammad", "date_of_birth": "1991-12-24"}, "near"),
        ({"first_name": None}, "exact"),
        ({"first_name": None, "date_of_birth": None}, "near"),
        ({"first_name": "Fatima"}, "near"),
        ({"first_name": "Fatima", "date_of_birth": "2019-12-24"}, "near"),
        ({"first_name": None, "last_name": None, "name_unknown": True}, "near"),
    ],
)
@pytest.mark.parametrize("contact", [PHONE, {"email": "ali@mail.example"}, PHONE | {"email": "ali@mail.example"}])
def test_likeness_with_a_contact(contact: dict[str, str], changes: dict[str, Any], expected: str) -> None:
    assert outcome(compared({**ALI, **contact}, **changes)) == expected


@pytest.mark.parametrize("born", ["1990", "1990-02"])
def test_equal_dates_that_are_known_in_part_are_a_warning_beside_the_same_name(born: str) -> None:
    assert outcome(compared(ALI | {"date_of_birth": born})) == "near"
    assert outcome(compared(ALI | {"date_of_birth": born}, date_of_birth="1990-02-01")) == "near"


def test_two_unknown_names_are_not_one_name() -> None:
    unknown = {"name_unknown": True, "date_of_birth": "1990-01-01"}

    assert codes(compared(unknown)) == ["same_birth_date"]
    assert outcome(compared(unknown)) == "other"
    assert outcome(compared(unknown | PHONE)) == "near"


def test_two_who_are_called_alike_are_not_one_name() -> None:
    baby = {"first_name": "Asha", "last_name": "Rao", "preferred_name": "Baby", "date_of_birth": "2026-01-01"}

    assert outcome(compared(baby, first_name="Meera")) == "other"


def test_reasons_name_the_fields_of_the_first() -> None:
    mother = person(**ALI, **PHONE, email="Ali@mail.example")
    child = person(first_name="Zoya", secondary_phone=PHONE["primary_phone"], email="ali@MAIL.example")

    assert [(one.code.value, one.fields) for one in likeness_of(child, mother).reasons] == [
        ("same_phone", ["secondary_phone"]),
        ("same_email", ["email"]),
    ]
    both = likeness_of(mother, mother).reasons
    assert [one.fields for one in both][:2] == [["first_name", "last_name"], ["date_of_birth"]]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("mohammed", "mohammad", True),
        ("lakshmi", "laxmi", True),
        ("ananya", "अनन्या", True),
        ("अनन्या", "अनीता", False),
        ("मोहम्मद", "محمد", True),
        ("kulkarni", "kulkrani", True),
        ("catherine", "kathryn", True),
        ("lee", "li", True),
        ("marina", "martina", True),
        ("ravi", "rupa", False),
        ("zoe", "zelda", False),
        ("x", "zoe", False),
    ],
)
def test_words_are_alike_by_sound_and_spelling(one: str, other: str, expected: bool) -> None:
    assert alike(one, other) is alike(other, one) is expected


WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=14)
NAMES = st.lists(st.one_of(WORDS, st.sampled_from(["मोहम्मद", "अली", "محمد", "ali", "李", "Dr", "r"])), max_size=3)
DAYS = st.dates(date(1900, 1, 1), date(2026, 1, 1)).map(PartialDate.of)
BIRTHS = st.one_of(st.none(), DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4]))
PEOPLE = st.builds(
    lambda first, last, called, born, phone, email: person(
        first_name=" ".join(first) or None,
        last_name=" ".join(last) or None,
        preferred_name=" ".join(called) or None,
        date_of_birth=born,
        primary_phone=phone,
        email=email,
    ),
    NAMES,
    NAMES,
    NAMES,
    BIRTHS,
    st.sampled_from([None, "+919845012345", "+919845054321"]),
    st.sampled_from([None, "a@mail.example", "b@mail.example"]),
)


@given(PEOPLE, PEOPLE)
def test_likeness_is_symmetric_and_bounded(one: PatientUpdate, other: PatientUpdate) -> None:
    there, back = likeness_of(one, other), likeness_of(other, one)

    assert (there.score, codes(there)) == (back.score, codes(back))
    assert 0 <= there.score <= HIGHEST
    assert likeness_of(one, one).score >= there.score or not one.full_name or one.date_of_birth is None


@given(st.lists(WORDS, min_size=1, max_size=4), DAYS)
def test_the_order_of_the_words_of_a_name_does_not_matter(words: list[str], born: PartialDate) -> None:
    ones = person(first_name=" ".join(words), date_of_birth=born)

    assert all(
        likeness_of(ones, person(last_name=" ".join(order), date_of_birth=born)).score == HIGHEST
        for order in permutations(words)
    )


@given(DAYS)
def test_a_swapped_date_is_exact_beside_the_same_name(born: PartialDate) -> None:
    for other in birth_likeness.swapped(born):
        assert birth_likeness.compared(born, other) == BirthMatch.SWAPPED
        assert birth_likeness.swapped(other) == [born]
        assert compared(ALI | {"date_of_birth": born}, date_of_birth=other).exact


@given(BIRTHS.filter(bool), BIRTHS.filter(bool))
def test_dates_that_are_alike_are_among_those_that_are_searched(one: str, other: str) -> None:
    first, second = PartialDate(one), PartialDate(other)
    found = birth_likeness.compared(first, second)

    assert found == birth_likeness.compared(second, first)
    assert (found > BirthMatch.UNKNOWN) == (second in set(birth_likeness.alike(first)))


@given(DAYS)
def test_each_slip_is_mended_by_a_slip(born: PartialDate) -> None:
    assert all(born in birth_likeness.slips(other) for other in birth_likeness.slips(born))


@given(WORDS, WORDS)
def test_distance_is_a_distance(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one) <= max(len(one), len(other))
    assert (distance(one, other) == 0) == (one[:12] == other[:12])


@given(WORDS, WORDS)
def test_one_slip_is_a_distance_of_one(one: str, other: str) -> None:
    slipped = [one[1:], other[0] + one, one[:-1] + other[0], one[:-2] + one[:-3:-1]]

    for word in (other, *slipped):
        if word != one and min(len(word), len(one)) >= 5:
            assert alike(one, word) is alike(word, one)
            assert distance(one, word, letters=40) > 1 or alike(one, word)


@given(PEOPLE)
def test_queries_are_bounded_and_narrow_down(one: PatientUpdate) -> None:
    terms = terms_of(one)

    for lists in (terms.by_person, terms.by_name):
        assert all(set(narrower) < set(wider) for wider, narrower in pairwise(lists))
        assert all(0 < len(queried) <= 30 for queried in lists)
    assert all(value for _, value in terms.certain | terms.names | terms.births)


def test_a_name_that_nobody_knows_is_not_searched() -> None:
    terms = terms_of(person(name_unknown=True, date_of_birth="1990-01-01", **PHONE))

    assert terms.by_person == ((("phone", PHONE["primary_phone"]),),)
    assert terms.by_name == ()
