"""Field encryption and keyed tokens: a ciphertext decrypts only with its own field binding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
import tink
from hypothesis import given
from hypothesis import strategies as st
from tink import aead, mac, prf

from shared.records.record import Keyset
from shared.vault.cipher import FieldBinding, bind, seal, unseal
from shared.vault.keyring import TOKEN_BYTES, Keyring, Keyrings

aead.register()
prf.register()
mac.register()

PLACE = FieldBinding("aster", "patient/care", "Patient", "record-1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
PARTS = st.lists(st.text(max_size=6), max_size=5)
TERMS = st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))


def new_key() -> aead.Aead:
    key: aead.Aead = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)
    return key


def new_keyring(clinic_id: str = "aster", sealer: aead.Aead | None = None) -> Keyring:
    """A clinic's keys without KMS: generated and never wrapped."""
    search = tink.new_keyset_handle(prf.prf_key_templates.HMAC_SHA256).primitive(prf.PrfSet)
    audit = tink.new_keyset_handle(mac.mac_key_templates.HMAC_SHA256_256BITTAG).primitive(mac.Mac)
    return Keyring(clinic_id, sealer or new_key(), search, audit)


KEY = new_key()
KEYRING = new_keyring()


@given(JSON)
def test_what_was_sealed_opens_as_it_was(value: Any) -> None:
    assert unseal(KEY, PLACE, "notes", seal(KEY, PLACE, "notes", value)) == value


def test_the_same_value_sealed_twice_looks_different_and_shows_nothing() -> None:
    ciphertexts = {seal(KEY, PLACE, "notes", "panic attacks") for _ in range(20)}

    assert len(ciphertexts) == 20
    assert not any(b"panic" in ciphertext for ciphertext in ciphertexts)


def moved_places() -> Iterator[tuple[str, FieldBinding, str]]:
    for part in fields(FieldBinding):
        yield part.name, replace(PLACE, **{part.name: getattr(PLACE, part.name) + "x"}), "notes"
    yield "field", PLACE, "allergies"
    yield "boundary between parts", replace(PLACE, clinic_id="aste", key_id="rpatient/care"), "notes"
    yield "order of parts", replace(PLACE, clinic_id=PLACE.key_id, key_id=PLACE.clinic_id), "notes"


@pytest.mark.parametrize(("what", "place", "field"), moved_places())
def test_a_ciphertext_that_was_moved_does_not_open(what: str, place: FieldBinding, field: str) -> None:
    ciphertext = seal(KEY, PLACE, "notes", "panic attacks")

    with pytest.raises(tink.TinkError):
        unseal(KEY, place, field, ciphertext)


def test_a_ciphertext_does_not_open_with_another_key() -> None:
    with pytest.raises(tink.TinkError):
        unseal(new_key(), PLACE, "notes", seal(KEY, PLACE, "notes", "panic attacks"))


@given(st.data())
def test_a_ciphertext_of_which_one_bit_changed_does_not_open(data: st.DataObject) -> None:
    ciphertext = bytearray(seal(KEY, PLACE, "notes", "panic attacks"))
    bit = data.draw(st.integers(0, 8 * len(ciphertext) - 1))

    ciphertext[bit // 8] ^= 1 << bit % 8

    with pytest.raises(tink.TinkError):
        unseal(KEY, PLACE, "notes", bytes(ciphertext))


@given(PARTS, PARTS)
def test_no_two_lists_of_parts_are_bound_alike(one: list[str], other: list[str]) -> None:
    assert (bind(*one) == bind(*other)) == (one == other)


@pytest.mark.parametrize("separator", map(chr, range(128)), ids=repr)
def test_no_character_within_a_part_ends_it(separator: str) -> None:
    assert bind(f"a{separator}b") != bind("a", "b")
    assert bind(f"a{separator}", "b") != bind("a", f"{separator}b")


@given(st.text(max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_parts_are_not_confused_by_where_they_are_cut(text: str, one: int, other: int) -> None:
    first, second = (text[:one], text[one:]), (text[:other], text[other:])

    assert (bind(*first) == bind(*second)) == (first == second)


@given(TERMS, TERMS)
def test_a_token_is_of_one_scope_kind_and_value(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (KEYRING.token(*one) == KEYRING.token(*other)) == (one == other)
    assert len(KEYRING.token(*one)) == TOKEN_BYTES


@pytest.mark.parametrize(
    "other",
    [
        ("doctor-2", "name", "rao"),
        ("doctor-1", "tag", "rao"),
        ("doctor-1", "name", "iyer"),
        ("doctor-1n", "ame", "rao"),
    ],
)
def test_tokens_differ_by_scope_kind_and_value(other: tuple[str, str, str]) -> None:
    assert KEYRING.token(*other) != KEYRING.token("doctor-1", "name", "rao")


def test_another_clinics_tokens_tell_nothing_about_this_ones() -> None:
    assert new_keyring("begonia").token("doctor-1", "name", "rao") != KEYRING.token("doctor-1", "name", "rao")


@pytest.mark.parametrize("count", [0, 1, 63, 1024])
def test_padding_is_a_function_of_key_scope_and_value(count: int) -> None:
    padding = KEYRING.padding("doctor-1", "terms", count)
    others = [
        KEYRING.padding("doctor-2", "terms", count),
        KEYRING.padding("doctor-1", "other terms", count),
        new_keyring().padding("doctor-1", "terms", count),
    ]

    assert padding == KEYRING.padding("doctor-1", "terms", count)
    assert {len(one) for one in padding} <= {TOKEN_BYTES}
    assert len({one for some in (padding, *others) for one in some}) == 4 * count


def test_a_patients_keys_open_for_this_patient_of_this_clinic_only() -> None:
    document = KEYRING.new_patient_keys("patient-1")
    exchanged = {"care": document["retained"], "retained": document["care"]}

    for keyset in (Keyset.CARE, Keyset.RETAINED):
        assert KEYRING.patient_key("patient-1", document, keyset) is not None
        for keyring, patient, keys in (
            (KEYRING, "patient-2", document),
            (new_keyring("begonia", KEYRING.aead), "patient-1", document),
            (new_keyring("aster"), "patient-1", document),
            (KEYRING, "patient-1", exchanged),
        ):
            with pytest.raises(tink.TinkError):
                keyring.patient_key(patient, keys, keyset)


def test_care_and_retained_are_keys_of_their_own() -> None:
    document = KEYRING.new_patient_keys("patient-1")
    care, retained = (KEYRING.patient_key("patient-1", document, one) for one in (Keyset.CARE, Keyset.RETAINED))

    ciphertext = seal(care, PLACE, "notes", "panic attacks")

    assert unseal(care, PLACE, "notes", ciphertext) == "panic attacks"
    with pytest.raises(tink.TinkError):
        unseal(retained, PLACE, "notes", ciphertext)


def test_an_erased_patients_bills_still_open() -> None:
    document = KEYRING.new_patient_keys("patient-1")
    before = KEYRING.patient_key("patient-1", document, Keyset.RETAINED)
    ciphertext = seal(before, PLACE, "total_amount", 120_000)

    erased = {"retained": document["retained"]}

    with pytest.raises(KeyError):
        KEYRING.patient_key("patient-1", erased, Keyset.CARE)
    retained = KEYRING.patient_key("patient-1", erased, Keyset.RETAINED)
    assert unseal(retained, PLACE, "total_amount", ciphertext) == 120_000


def test_wrapped_patient_keys_differ_each_time_and_are_not_readable() -> None:
    one, other = KEYRING.new_patient_keys("patient-1"), KEYRING.new_patient_keys("patient-1")

    assert len({*one.values(), *other.values()}) == 4
    for wrapped in one.values():
        with pytest.raises(tink.TinkError):
            tink.proto_keyset_format.parse_without_secret(wrapped)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_an_audit_tag_is_of_one_entry(entry: bytes, other: bytes) -> None:
    tag = KEYRING.authenticate(entry)

    KEYRING.verify(tag, entry)
    if other != entry:
        with pytest.raises(tink.TinkError):
            KEYRING.verify(tag, other)


def test_an_audit_tag_of_another_clinic_does_not_hold() -> None:
    with pytest.raises(tink.TinkError):
        KEYRING.verify(new_keyring().authenticate(b"entry"), b"entry")


def test_nothing_is_warm_before_it_was_unlocked() -> None:
    assert Keyrings(clock=lambda: 0.0).get("aster") is None
    assert Keyrings(clock=lambda: -1.0).get("aster") is None
