"""2,000 stored arrays of search tokens reveal kinds, order, scopes and lengths no better than chance.

The control is the same attack on arrays that are sorted by their terms, scope by scope, without padding: it succeeds.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tink
from hypothesis import given
from hypothesis import strategies as st
from tink import aead, mac, prf

from bench.population import people
from shared.records.patients.patient import MOST_DOCTORS, Patient
from shared.records.patients.terms import terms_of
from shared.store.admission import FRONT_DESK
from shared.store.patient_tokens import BUCKETS, bucket, tokens_of
from shared.vault.keyring import TOKEN_BYTES, Keyring
from tests.support import factories
from tests.support.factories import DOCTOR
from tests.support.order_attack import (
    Victim,
    alphabetical_hits,
    kind_hits,
    length_gain,
    neighbour_hits,
    scope_hits,
)

PATIENTS = 2_000
KINDS = ("number", "date_of_birth", "email", "phone", "phone_last4", "name", "name_squeezed", "tag")
"""Without `any`: every patient of a scope has this token, so its frequency identifies it, whatever its place."""
INDEX_ENTRIES = 40_000
"""Firestore's limit of one document."""


def new_keyring() -> Keyring:
    for register in (aead.register, mac.register, prf.register):
        register()
    search = tink.new_keyset_handle(prf.prf_key_templates.HMAC_SHA256).primitive(prf.PrfSet)
    audit = tink.new_keyset_handle(mac.mac_key_templates.HMAC_SHA256_256BITTAG).primitive(mac.Mac)
    return Keyring(
        "aster", tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead), search, audit
    )


KEYRING = new_keyring()


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return [
        factories.patient(id=f"p{number}", number=f"PAT-2026{number:04d}", **fields)
        for number, fields in enumerate(people(PATIENTS))
    ]


@pytest.fixture(scope="module")
def stored(patients: list[Patient]) -> list[Victim]:
    return [victim(patient, tokens_of(KEYRING, patient)) for patient in patients]


@pytest.fixture(scope="module")
def control(patients: list[Patient]) -> list[Victim]:
    return [victim(patient, list(by_terms(patient))) for patient in patients]


def by_terms(patient: Patient) -> Iterator[bytes]:
    for scope in (FRONT_DESK, DOCTOR):
        yield from (KEYRING.token(scope, *term) for term in sorted(terms_of(patient)))


def victim(patient: Patient, tokens: list[bytes]) -> Victim:
    labels = {
        KEYRING.token(scope, *term): (scope, *term) for scope in (FRONT_DESK, DOCTOR) for term in terms_of(patient)
    }
    return Victim(tokens, labels, len(patient.full_name))


@pytest.mark.parametrize("kind", KINDS)
def test_place_of_a_token_does_not_reveal_its_kind(stored: list[Victim], kind: str) -> None:
    # By chance: two tokens of a kind (of two scopes) among 128; `phone` and `name_squeezed` have up to four.
    assert kind_hits(stored, kind) < 0.08


def test_place_of_a_token_does_not_reveal_its_scope(stored: list[Victim]) -> None:
    assert 0.45 < scope_hits(stored, FRONT_DESK) < 0.55


def test_order_of_tokens_does_not_reveal_the_alphabetical_order(stored: list[Victim]) -> None:
    assert 0.3 < alphabetical_hits(stored) < 0.7  # some 130 beginnings: the standard deviation is 0.03


def test_neighbours_are_not_of_one_word(stored: list[Victim]) -> None:
    shuffled = [Victim(sorted(one.tokens, key=lambda token: token[::-1]), one.labels, one.letters) for one in stored]

    assert abs(neighbour_hits(stored) - neighbour_hits(shuffled)) < 0.01


def test_number_of_tokens_does_not_reveal_the_length_of_a_name(stored: list[Victim]) -> None:
    assert length_gain(stored) < 0.01
    assert {len(one.tokens) for one in stored} == {2 * BUCKETS[0]}


def test_the_attack_succeeds_on_tokens_in_the_order_of_their_terms(control: list[Victim]) -> None:
    assert min(kind_hits(control, kind) for kind in ("date_of_birth", "email")) > 0.95
    assert scope_hits(control, FRONT_DESK) > 0.8
    assert alphabetical_hits(control) > 0.9
    assert neighbour_hits(control) > 0.2
    assert length_gain(control) > 0.1


def test_padding_is_stored_once_and_looks_like_any_token(stored: list[Victim]) -> None:
    padding = [token for one in stored for token in one.tokens if token not in one.labels]

    assert len(set(padding)) == len(padding) > PATIENTS
    assert {len(token) for one in stored for token in one.tokens} == {TOKEN_BYTES}
    assert 120 < sum(token[0] for token in padding) / len(padding) < 135  # the mean of uniform bytes is 127.5


def test_array_is_a_function_of_the_set_of_terms() -> None:
    one = factories.patient(first_name="Asha Meera", last_name="Rao", tags=["evening", "new"])
    other = one.model_copy(update={"first_name": "Rao", "last_name": "Meera Asha", "tags": ["new", "evening"]})
    same_terms = one.model_copy(update={"tags": ["new", "evening"], "notes": "another text"})

    assert tokens_of(KEYRING, one) == tokens_of(KEYRING, same_terms) == sorted(set(tokens_of(KEYRING, one)))
    assert tokens_of(KEYRING, one) != tokens_of(KEYRING, other)


def test_all_padding_changes_with_a_term() -> None:
    before = factories.patient(tags=["evening"])
    after = before.model_copy(update={"tags": ["new"]})

    kept = set(tokens_of(KEYRING, before)) & set(tokens_of(KEYRING, after))

    assert len(kept) == 2 * (len(terms_of(before)) - 1)


def test_clinical_tags_have_tokens_only_in_the_scopes_of_doctors() -> None:
    tokens = set(tokens_of(KEYRING, factories.patient(clinical_tags=["HIV+"], shared_with=["second"])))

    found = {scope: KEYRING.token(scope, "clinical_tag", "hiv+") in tokens for scope in (FRONT_DESK, DOCTOR, "second")}
    assert found == {FRONT_DESK: False, DOCTOR: True, "second": True}


@given(st.integers(1, BUCKETS[-1]))
def test_bucket_holds_the_terms(count: int) -> None:
    assert bucket(count) in BUCKETS
    assert bucket(count) >= count


def test_largest_bucket_fits_in_a_document() -> None:
    assert BUCKETS[-1] * (MOST_DOCTORS + 2) < INDEX_ENTRIES
    with pytest.raises(ValueError, match="at most"):
        bucket(BUCKETS[-1] + 1)


def test_longest_names_and_most_tags_fit_in_the_largest_bucket() -> None:
    words = [f"{one}{two}{one * 9}" for one in "abcdef" for two in "ghijkl"]
    most = factories.patient(
        first_name=" ".join(words[:12])[:200].strip(),
        last_name=" ".join(words[12:24])[:200].strip(),
        primary_phone="+919845012345",
        secondary_phone="+919845012346",
        email="a@mail.example",
        tags=words[:30],
        clinical_tags=words[:30],
    )

    assert len(terms_of(most)) < BUCKETS[-1]
