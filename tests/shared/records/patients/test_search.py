"""Search terms of patients and queries: each query must match the right patients."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.records.partial_date import PartialDate
from shared.records.patients.names import words
from shared.records.patients.patient import MOST_DOCTORS, Patient
from shared.records.patients.search import PatientSearch, SearchKind, SearchNotice, Tier, tiers
from shared.records.patients.terms import ANY, LONGEST_PREFIX, SHORTEST_PREFIX, born, terms_of
from shared.records.patients.titles import is_title
from shared.store.patient_tokens import bucket
from tests.support.factories import patient

FIRESTORE_INDEX_ENTRIES = 40_000
"""Limit of one document: https://firebase.google.com/docs/firestore/quotas"""
LETTERS = "abcdefghijklmnopqrstuvwxyzéşłमरावன"
WORD = st.text(LETTERS, min_size=1, max_size=20).filter(lambda word: not is_title(word))
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)


def matches(tier: Tier, found: Patient) -> bool:
    """True if the tier finds the patient; compares terms as the store compares tokens."""
    terms = terms_of(found)
    in_groups = bool(tier.groups) and all(terms & set(group) for group in tier.groups)
    together = tier.together in terms
    decided = (in_groups and tier.groups_decide) or (together and tier.together_decides)
    return decided or ((in_groups or together) and tier.holds(found))


def tier_of(text: str, found: Patient, *kinds: SearchKind) -> int | None:
    """The first tier in which a search finds the patient."""
    query = PatientSearch(text=text, kinds=list(kinds or SearchKind))
    return next((number for number, tier in enumerate(tiers(query, "IN")) if matches(tier, found)), None)


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
        ("name_born", "zoedsouza 1984-02-29"),
        ("number", "PAT-20260001"),
        ("number", ZOE.id),
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
    clinical = patient(notes="Panic", allergies=["Penicillin"], medical_history="Asthma", occupation="Baker")

    assert terms_of(clinical) == terms_of(plain)


@pytest.mark.parametrize("name", ["zoe dsouza", "DSouza ZOE", "Zoe D Souza", "ZoeDSouza"])
def test_who_has_the_same_name_and_date_of_birth_shares_a_term(name: str) -> None:
    assert born(name, ZOE.date_of_birth) & terms_of(ZOE)
    assert not born(name, PartialDate("1984-03-01")) & terms_of(ZOE)
    assert not born(f"{name} Rao", ZOE.date_of_birth) & terms_of(ZOE)


@given(st.lists(WORD, min_size=2, max_size=4))
def test_prefixes_start_at_three_letters_and_run_on_from_the_beginning_of_a_word(typed: list[str]) -> None:
    terms = terms_of(patient(first_name=typed[0], last_name=" ".join(typed[1:])))

    own = words(" ".join(typed))
    runs = ["".join(own[position:]) for position in range(len(own))]
    long = {run[:length] for run in runs for length in range(SHORTEST_PREFIX, min(len(run), LONGEST_PREFIX) + 1)}
    short = {word for word in own if len(word) < SHORTEST_PREFIX}
    assert {value for kind, value in terms if kind == "name_prefix"} == long | short


def test_a_name_of_very_many_words_has_few_terms_for_each_doctor() -> None:
    own = ["".join(pair) for pair in product("abcdefghijk", repeat=2)]
    many = patient(first_name=" ".join(own[:60]), last_name=" ".join(own[60:120]))

    assert bucket(len(terms_of(many))) * (MOST_DOCTORS + 2) < FIRESTORE_INDEX_ENTRIES
    assert tier_of(" ".join(own[3:6]), many) == 1


def test_no_term_is_empty_but_the_one_for_all() -> None:
    signs = patient(first_name="!", last_name="\u0301", tags=["", "\u0301", "\u202e"])

    assert {term for term in terms_of(signs) if not term[1]} == {ANY}
    assert tier_of("\u0301", signs) is None


# Matching


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


@given(NAME, NAME, NAME)
@example("a", "ab", "aab aab")
@example("annabel", "rao", "ann anna")
@example("annabel", "annette", "anne anna")
@example("ravi", "kumar", "kumar kumar")
@example("a", "ab", "a b")
def test_the_second_tier_finds_only_those_whose_words_begin_so(first: str, last: str, typed: str) -> None:
    found = patient(first_name=first, last_name=last)
    _, beginning, *_ = tiers(PatientSearch(text=typed), None)

    asked, own = words(typed), words(f"{first} {last}")
    runs = ["".join(own[position:]) for position in range(len(own))]
    begins = all(any(run.startswith(start) for run in runs) for start in asked)
    findable = any(len(start) >= SHORTEST_PREFIX for start in asked) or all(start in own for start in asked)
    together = "".join(asked)
    tellable = len(together) >= SHORTEST_PREFIX or together in own  # a short word is a term as a whole
    runs_on = len(asked) > 1 and tellable and any(run.startswith(together) for run in runs)
    assert matches(beginning, found) == (bool(asked) and ((begins and findable) or runs_on))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (("Zoë", "D'Souza"), "d souza"),
        (("Ann", "D Souza"), "dsouza"),
        (("Ann", "D Souza"), "dsouza ann"),
        (("Ann", "de Souza"), "desou"),
        (("Anne-Marie", "Rao"), "annemarie"),
        (("Annemarie", "Rao"), "anne marie"),
        (("Annemarie", "Rao"), "anne mar"),
        (("Penélope", "De La Cruz"), "delacruz"),
        (("Penélope", "Delacruz"), "de la cruz"),
        (("عبد الله", "خان"), "عبدالله"),
        (("عبدالله", "خان"), "عبد الله"),
        (("M. G.", "Ramachandran"), "MG Rama"),
        (("민수", "김"), "민수김"),
        (("Venkataramanujan", "Rao"), "venkata ramanujan"),
    ],
)
def test_a_part_of_a_name_is_found_wherever_it_has_its_spaces(name: tuple[str, str], typed: str) -> None:
    assert tier_of(typed, patient(first_name=name[0], last_name=name[1]), SearchKind.NAME) in (0, 1)


@pytest.mark.parametrize(("typed"), ["venkata ramanujam", "venkataraman ujank", "anne m"])
def test_what_begins_otherwise_is_no_beginning(typed: str) -> None:
    found = patient(first_name="Venkataramanujan", last_name="Annerao")

    assert not matches(tiers(PatientSearch(text=typed), None)[1], found)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("zoe dsouza", 0),
        ("D’Souza, Zoë", 0),
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
        ("98450–12345", 0),
        ("98450\u201112345", 0),
        ("\u202a+91 98450 12345\u202c", 0),
        ("＋919845012345", 0),
        ("9845\u200b012345", 0),
        ("2345", 0),
        ("２３４５", 0),
        ("٢٣٤٥", 0),
        ("345", None),
        ("5012345", None),
        ("ZOE@clinic.example", 0),
        ("ｚｏｅ@clinic.example", 0),
        ("zoe@clinic", None),
        ("pat-20260001", 0),
        ("PAT 20260001", 0),
        ("pat20260001", 0),
        ("PAT\u201120260001", 0),
        ("PAT-20260002", None),
        (ZOE.id, 0),
        ("1984-02-29", 0),
        ("1984/02/29", 0),
        ("1984.2.29", 0),
        ("29/2/1984", 0),
        ("2.29.1984", 0),
        ("30/2/1984", None),
        ("HIGH  risk", 0),
        ("hígh risk", 0),
        ("high risk!", None),
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


@pytest.mark.parametrize(
    "read_out",
    [
        "20260001",
        "PAT-20260001",
        "pat 20260001",
        "PAT-2026-0001",
        "2026 0001",
        "2026.0001",
        "PAT 2026 1",
        "P.A.T. 2026 00 01",
        "Patient no. 20260001",
        "№ 20260001",
        "२०२६०००१",
        "ＰＡＴ－２０２６－０００１",
    ],
)
def test_a_patient_number_is_found_as_it_is_read_out(read_out: str) -> None:
    assert tier_of(read_out, patient(number="PAT-20260001"), SearchKind.NUMBER) == 0
    assert tier_of(read_out, patient(number="PAT-20260002"), SearchKind.NUMBER) is None


@pytest.mark.parametrize("typed", ["29 Feb 1984", "29-Feb-1984", "29/2/84", "२९ फ़रवरी १९८४"])
def test_a_birthday_is_found_as_people_write_it(typed: str) -> None:
    assert tier_of(typed, ZOE) == 0


@pytest.mark.parametrize(("first", "last", "typed"), [("伟", "王", "王伟"), ("伟", "王", "王"), ("Wei", "Li", "li")])
def test_names_of_short_words_are_found_whole(first: str, last: str, typed: str) -> None:
    assert tier_of(typed, patient(first_name=first, last_name=last)) in (0, 1)


@given(st.text(max_size=200).filter(str.strip))
def test_a_query_asks_for_few_terms(text: str) -> None:
    """Firestore allows thirty values in a query, and each may be stored under two versions of the search key."""
    asked = tiers(PatientSearch.model_construct(text=text.strip(), kinds=list(SearchKind)), "IN")

    assert all(len(tier.groups[0]) <= 15 for tier in asked if tier.groups)


@pytest.mark.parametrize(
    ("text", "told"),
    [("an", True), ("Ö", True), ("a n", True), ("ann", False), ("d so", False), ("12", False), ("…", False)],
)
def test_a_text_with_too_few_letters_has_a_notice_with_the_minimum(text: str, told: bool) -> None:
    notice = SearchNotice.of(PatientSearch(text=text))

    assert (notice is not None) == told
    assert notice is None or notice.minimum_letters == SHORTEST_PREFIX


def test_a_search_elsewhere_than_in_names_has_no_notice() -> None:
    assert SearchNotice.of(PatientSearch(text="an", kinds=[SearchKind.TAG])) is None


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "  "}, {"text": "x" * 201}, {"text": "a", "kinds": ["notes"]}]
)
def test_a_search_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PatientSearch.model_validate(wrong)
