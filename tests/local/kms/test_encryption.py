"""Encryption and decryption: associated data, checksums and limits."""

from __future__ import annotations

import os

import google_crc32c
import pytest
from google.api_core import exceptions

from tests.local.kms.calls import RING, SEALING, Kms, decrypt, encrypt


def test_a_ciphertext_decrypts_and_does_not_contain_the_plaintext(kms: Kms) -> None:
    ciphertext = encrypt(kms, b"keyset", b"clinic-1")
    assert b"keyset" not in ciphertext
    assert decrypt(kms, ciphertext, b"clinic-1") == b"keyset"
    assert encrypt(kms, b"keyset", b"clinic-1") != ciphertext


@pytest.mark.parametrize("aad", [b"", b"clinic-2"])
def test_other_associated_data_does_not_decrypt_a_ciphertext(kms: Kms, aad: bytes) -> None:
    ciphertext = encrypt(kms, b"keyset", b"clinic-1")
    with pytest.raises(exceptions.InvalidArgument):
        decrypt(kms, ciphertext, aad)


@pytest.mark.parametrize("place", [0, 3, 4, 20, -1])
def test_a_modified_ciphertext_does_not_decrypt(kms: Kms, place: int) -> None:
    tampered = bytearray(encrypt(kms, b"keyset"))
    tampered[place] ^= 1
    with pytest.raises(exceptions.InvalidArgument):
        decrypt(kms, bytes(tampered))


def test_a_truncated_ciphertext_does_not_decrypt(kms: Kms) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        decrypt(kms, encrypt(kms, b"keyset")[:10])


def test_another_key_does_not_decrypt_a_ciphertext(kms: Kms) -> None:
    kms.create_crypto_key(
        request={"parent": RING, "crypto_key_id": "notes", "crypto_key": {"purpose": "ENCRYPT_DECRYPT"}}
    )
    with pytest.raises(exceptions.InvalidArgument):
        decrypt(kms, encrypt(kms, b"keyset"), key=f"{RING}/cryptoKeys/notes")


def test_request_checksums_are_verified_and_responses_have_checksums(kms: Kms) -> None:
    sealed = kms.encrypt(
        request={
            "name": SEALING,
            "plaintext": b"keyset",
            "plaintext_crc32c": google_crc32c.value(b"keyset"),
            "additional_authenticated_data": b"clinic-1",
            "additional_authenticated_data_crc32c": google_crc32c.value(b"clinic-1"),
        }
    )
    assert sealed.verified_plaintext_crc32c
    assert sealed.verified_additional_authenticated_data_crc32c
    assert sealed.ciphertext_crc32c == google_crc32c.value(sealed.ciphertext)
    opened = kms.decrypt(
        request={
            "name": SEALING,
            "ciphertext": sealed.ciphertext,
            "ciphertext_crc32c": sealed.ciphertext_crc32c,
            "additional_authenticated_data": b"clinic-1",
        }
    )
    assert opened.plaintext_crc32c == google_crc32c.value(b"keyset")


def test_missing_request_checksums_are_not_reported_as_verified(kms: Kms) -> None:
    sealed = kms.encrypt(request={"name": SEALING, "plaintext": b"keyset"})
    assert not sealed.verified_plaintext_crc32c
    assert not sealed.verified_additional_authenticated_data_crc32c


@pytest.mark.parametrize("field", ["plaintext_crc32c", "additional_authenticated_data_crc32c"])
def test_encryption_refuses_a_wrong_checksum(kms: Kms, field: str) -> None:
    request = {"name": SEALING, "plaintext": b"keyset", "additional_authenticated_data": b"clinic-1", field: 1}
    with pytest.raises(exceptions.InvalidArgument, match=field):
        kms.encrypt(request=request)


@pytest.mark.parametrize("field", ["ciphertext_crc32c", "additional_authenticated_data_crc32c"])
def test_decryption_refuses_a_wrong_checksum(kms: Kms, field: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=field):
        kms.decrypt(request={"name": SEALING, "ciphertext": encrypt(kms, b"keyset"), field: 1})


def test_the_plaintext_limit_is_64_kib(kms: Kms) -> None:
    most = os.urandom(64 * 1024)
    assert decrypt(kms, encrypt(kms, most, most), most) == most
    with pytest.raises(exceptions.InvalidArgument):
        encrypt(kms, most + b"1")
    with pytest.raises(exceptions.InvalidArgument):
        encrypt(kms, b"keyset", most + b"1")
