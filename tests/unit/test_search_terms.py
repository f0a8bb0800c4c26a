"""What a patient is found by, and what a search asks for: together they must meet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.names import words
from shared.records.patient import Patient
from shared.records.search import (
    ANY,
    LONGEST_PREFIX,
    SHORTEST_PREFIX,
    PatientSearch,
    SearchKind,
    Tier,
    born,
    terms_of,
    tiers,
)
from tests.unit.samples import patient

LETTERS = "abcdefghijklmnopqrstuvwxyzéşłमरावன"
WORD = st.text(LETTERS, min_size=1, max_size=20)
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)


def matches(tier: Tier, found: Patient) -> bool:
    """Whether the tier finds the patient, by terms as the store does by their tokens."""
    terms = terms_of(found)
    return bool(tier.groups) and all(terms & set(group) for group in tier.groups) and tier.holds(found)


def tier_of(text: str, found: Patient, *kinds: SearchKind) -> int | None:
    """The first tier in which a search finds the patient."""
    wanted = PatientSearch(text=text, kinds=list(kinds or SearchKind))
    return next((number for number, tier in enumerate(tiers(wanted, "IN")) if matches(tier, found)), None)


ZOE = patient(
    first_name="Zoë",
    last_name="D'Souza",
    primary_phone="+919845012345",
    secondary_phone="+919845067890",
    email="Zoe@clinic.example",
    tags=["High Risk", "new"],
)


def test_a_patient_has_a_term_for_every_searchable_field() -> None:
    parts = ("name_prefix", "name_pair", "name_squeezed", "sound", "sound_pair")

    assert {term for term in terms_of(ZOE) if term[0] not in parts} == {
        ANY,
        ("name", "dsouza zoe"),
        ("name_born", "dsouza zoe 1984-02-29"),
        ("number", "PAT-20260001"),
        ("date_of_birth", "1984-02-29"),
        ("phone", "+919845012345"),
        ("phone", "+919845067890"),
        ("phone_last4", "2345"),
        ("phone_last4", "7890"),
        ("email", "zoe@clinic.example"),
        ("tag", "high risk"),
        ("tag", "new"),
    }


def test_no_clinical_word_is_a_term() -> None:
    plain = patient()
    told = patient(notes="Panic", allergies=["Penicillin"], medical_history="Asthma", occupation="Baker")

    assert terms_of(told) == terms_of(plain)


def test_a_name_and_a_date_of_birth_make_one_term() -> None:
    assert born("souza  ZOE D", ZOE.date_of_birth) != born("zoe dsouza", ZOE.date_of_birth)
    assert born("DSouza ZOE", ZOE.date_of_birth) in terms_of(ZOE)


@given(st.lists(WORD, min_size=2, max_size=4))
def test_prefixes_start_at_three_letters_and_are_beginnings_of_words(typed: list[str]) -> None:
    terms = terms_of(patient(first_name=typed[0], last_name=" ".join(typed[1:])))

    own = words(" ".join(typed))
    long = {word[:length] for word in own for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1)}
    short = {word for word in own if len(word) < SHORTEST_PREFIX}
    assert {value for kind, value in terms if kind == "name_prefix"} == long | short


# Meeting


@given(NAME, NAME)
def test_the_whole_name_is_found_first_in_any_order(first: str, last: str) -> None:
    found = patient(first_name=first, last_name=last)
    if words(f"{first} {last}"):
        assert tier_of(f"{last.upper()}  {first}", found) == 0
        assert tier_of(f"{first} {last}", found, SearchKind.NAME) == 0


@given(NAME, NAME, st.data())
def test_the_beginnings_of_any_words_find_the_patient(first: str, last: str, data: st.DataObject) -> None:
    found = patient(first_name=first, last_name=last)
    long = [word for word in words(f"{first} {last}") if len(word) >= SHORTEST_PREFIX]
    if not long:
        return
    chosen = data.draw(st.lists(st.sampled_from(long), min_size=1, max_size=3, unique=True))
    typed = [word[: data.draw(st.integers(SHORTEST_PREFIX, len(word)))] for word in chosen]

    assert tier_of(" ".join(typed), found) in (0, 1)


@given(NAME, NAME, WORD)
def test_the_second_tier_finds_only_those_whose_words_begin_so(first: str, last: str, typed: str) -> None:
    found = patient(first_name=first, last_name=last)
    _, beginning, _ = tiers(PatientSearch(text=typed), None)

    asked, own = words(typed), words(f"{first} {last}")
    begins = all(any(word.startswith(start) for word in own) for start in asked)
    whole = all(len(start) >= SHORTEST_PREFIX or start in own for start in asked)
    assert matches(beginning, found) == (bool(asked) and begins and whole)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("zoe dsouza", 0),
        ("D’Souza, Zoë", 0),  # noqa: RUF001 - as phones type it
        ("zoedsouza", 0),
        ("dsouzazoe", 0),
        ("zoe d souza", 0),
        ("zoe d", 1),
        ("zoe dso", 1),
        ("dso", 1),
        ("zo", 2),
        ("zoe kapoor", None),
        ("zowe desouza", 2),
        ("desousa", 2),
        ("+91 98450 12345", 0),
        ("98450-67890", 0),
        ("(098450) 12345", 0),
        ("2345", 0),
        ("345", None),
        ("5012345", None),
        ("ZOE@clinic.example", 0),
        ("zoe@clinic", None),
        ("pat-20260001", 0),
        ("PAT-20260002", None),
        ("1984-02-29", 0),
        ("29/2/1984", 0),
        ("2.29.1984", 0),
        ("30/2/1984", None),
        ("HIGH  risk", 0),
        ("risk", None),
        ("!!", None),
    ],
)
def test_what_is_typed_finds_the_patient_in_its_tier(text: str, tier: int | None) -> None:
    assert tier_of(text, ZOE) == tier


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("zoe dsouza", SearchKind.NAME),
        ("2345", SearchKind.PHONE),
        ("zoe@clinic.example", SearchKind.EMAIL),
        ("PAT-20260001", SearchKind.NUMBER),
        ("1984-02-29", SearchKind.DATE_OF_BIRTH),
        ("new", SearchKind.TAG),
    ],
)
def test_a_search_looks_only_where_it_is_told_to(text: str, kind: SearchKind) -> None:
    assert tier_of(text, ZOE, kind) == 0
    assert tier_of(text, ZOE, *(other for other in SearchKind if other != kind)) is None


def test_a_number_without_its_country_code_is_taken_for_the_clinics_country() -> None:
    def phones(region: str | None) -> list[str]:
        exact, *_ = tiers(PatientSearch(text="98450 12345", kinds=[SearchKind.PHONE]), region)
        return [value for group in exact.groups for kind, value in group if kind == "phone"]

    assert phones("IN") == ["+919845012345"]
    assert phones("DE") == ["+499845012345"]
    assert phones(None) == []


@pytest.mark.parametrize(("first", "last", "typed"), [("伟", "王", "王伟"), ("伟", "王", "王"), ("Wei", "Li", "li")])
def test_names_of_short_words_are_found_whole(first: str, last: str, typed: str) -> None:
    assert tier_of(typed, patient(first_name=first, last_name=last)) in (0, 1)


@given(st.text(max_size=200).filter(str.strip))
def test_a_query_asks_for_few_terms(text: str) -> None:
    """Firestore takes thirty values in a query, and each may be stored under two versions of the search key."""
    asked = tiers(PatientSearch.model_construct(text=text.strip(), kinds=list(SearchKind)), "IN")

    assert all(len(tier.groups[0]) <= 15 for tier in asked if tier.groups)


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "  "}, {"text": "x" * 201}, {"text": "a", "kinds": ["notes"]}]
)
def test_a_search_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PatientSearch.model_validate(wrong)
