"""The terms that a patient is found by: the same however a name is typed."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.search import LONGEST_PREFIX, SHORTEST_PREFIX, full_name, normalised, terms_of
from tests.unit.samples import patient

FORMS: list[Literal["NFC", "NFD", "NFKC", "NFKD"]] = ["NFC", "NFD", "NFKC", "NFKD"]
NAMES = st.text(st.characters(categories=["L", "M", "Zs"]), max_size=20)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ZOË", "zoe"),
        ("Zoe\u0308", "zoe"),
        ("  Asha \t Rao ", "asha rao"),
        ("José Müller-Łuç", "jose muller-łuc"),
        ("STRASSE", "straße"),
        ("Ｒａｏ", "rao"),  # noqa: RUF001 - full-width letters are the point
        ("ﬁona", "fiona"),
        ("İpek", "ipek"),
    ],
)
def test_case_accents_widths_and_spacing_are_folded(typed: str, written: str) -> None:
    assert normalised(typed) == normalised(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("मीरा", "मरा"),  # with and without the vowel sign
        ("किरण", "करण"),
        ("सीता", "सती"),
        ("க்", "க"),  # with and without the pulli
        ("மீரா", "மரா"),
        ("कृष्ण", "कषण"),
    ],
)
def test_vowel_signs_and_viramas_of_indian_scripts_are_kept(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(NAMES)
def test_the_form_of_unicode_does_not_matter(name: str) -> None:
    assert len({normalised(unicodedata.normalize(form, name)) for form in FORMS}) == 1


@given(NAMES)
def test_what_is_normalised_stays_so(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name)


@given(st.permutations(["asha", "rao", "iyer"]))
def test_the_order_of_a_names_words_does_not_matter(words: list[str]) -> None:
    assert full_name(" ".join(words)) == full_name("Asha Iyer Rao")


@given(st.lists(st.text("abcdeé", min_size=1, max_size=20), min_size=2, max_size=4))
def test_prefixes_start_at_three_letters_and_are_beginnings_of_words(words: list[str]) -> None:
    terms = terms_of(patient(first_name=words[0], last_name=" ".join(words[1:])))

    wanted = {
        normalised(word)[:length]
        for word in words
        for length in range(SHORTEST_PREFIX, LONGEST_PREFIX + 1)
        if length <= len(word)
    }
    assert {value for kind, value in terms if kind == "name_prefix"} == wanted


def test_a_patient_is_found_by_every_searchable_field() -> None:
    terms = terms_of(
        patient(
            first_name="Zoë",
            last_name="D'Souza",
            primary_phone="+919845012345",
            secondary_phone="+919845067890",
            email="Zoe@Example.org",
            tags=["High Risk", "new"],
        )
    )

    assert {term for term in terms if term[0] != "name_prefix"} == {
        ("name", "d'souza zoe"),
        ("number", "PAT-20260001"),
        ("date_of_birth", "1984-02-29"),
        ("phone", "+919845012345"),
        ("phone", "+919845067890"),
        ("phone_last4", "2345"),
        ("phone_last4", "7890"),
        ("email", "zoe@example.org"),
        ("tag", "high risk"),
        ("tag", "new"),
    }


def test_no_clinical_word_is_a_term() -> None:
    plain = patient()
    told = patient(notes="Panic", allergies=["Penicillin"], medical_history="Asthma", occupation="Baker")

    assert terms_of(told) == terms_of(plain)
