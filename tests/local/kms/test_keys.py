"""Keys and versions: rotation, signatures, destruction, restarts and the record of calls."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from cryptography.exceptions import InvalidSignature
from google.api_core import exceptions

from local.services.kit.recorder import Call, Fault, Recorder
from tests.local.kms.calls import (
    DIGEST,
    LOCATION,
    MISSING,
    RING,
    SEALING,
    SIGNING,
    Kms,
    Starter,
    decrypt,
    encrypt,
    provision,
    sign,
    verify,
    version,
)


def test_a_new_version_encrypts_only_once_it_is_primary_and_the_old_one_still_decrypts(kms: Kms) -> None:
    old = encrypt(kms, b"old")
    kms.create_crypto_key_version(request={"parent": SEALING})
    assert kms.encrypt(request={"name": SEALING, "plaintext": b"x"}).name == version(SEALING, 1)
    key = kms.update_crypto_key_primary_version(request={"name": SEALING, "crypto_key_version_id": "2"})
    assert key.primary.name == version(SEALING, 2)
    assert kms.encrypt(request={"name": SEALING, "plaintext": b"x"}).name == version(SEALING, 2)
    assert decrypt(kms, old) == b"old"
    assert not kms.decrypt(request={"name": SEALING, "ciphertext": old}).used_primary
    assert kms.decrypt(request={"name": SEALING, "ciphertext": encrypt(kms, b"new")}).used_primary


def test_a_key_without_a_version_does_not_encrypt(kms: Kms) -> None:
    kms.create_crypto_key(
        request={
            "parent": RING,
            "crypto_key_id": "empty",
            "crypto_key": {"purpose": "ENCRYPT_DECRYPT"},
            "skip_initial_version_creation": True,
        }
    )
    with pytest.raises(exceptions.FailedPrecondition):
        kms.encrypt(request={"name": f"{RING}/cryptoKeys/empty", "plaintext": b"x"})


def test_a_signature_verifies_with_the_public_key_of_its_version_only(kms: Kms) -> None:
    kms.create_crypto_key_version(request={"parent": SIGNING})
    signature = sign(kms, version(SIGNING, 1))
    verify(kms, version(SIGNING, 1), signature)
    with pytest.raises(InvalidSignature):
        verify(kms, version(SIGNING, 2), signature)


def test_signing_checks_the_checksum_of_the_digest_and_sends_its_own(kms: Kms) -> None:
    request: dict[str, Any] = {"name": version(SIGNING, 1), "digest": {"sha256": DIGEST}}
    signed = kms.asymmetric_sign(request=request | {"digest_crc32c": google_crc32c.value(DIGEST)})
    assert signed.verified_digest_crc32c
    assert signed.name == version(SIGNING, 1)
    assert signed.signature_crc32c == google_crc32c.value(signed.signature)
    with pytest.raises(exceptions.InvalidArgument, match="digest_crc32c"):
        kms.asymmetric_sign(request=request | {"digest_crc32c": 1})


def test_a_digest_of_another_length_is_not_signed(kms: Kms) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        kms.asymmetric_sign(request={"name": version(SIGNING, 1), "digest": {"sha256": DIGEST[:20]}})


def test_a_public_key_comes_with_its_algorithm_and_checksum(kms: Kms) -> None:
    public_key = kms.get_public_key(name=version(SIGNING, 1))
    assert public_key.algorithm.name == "EC_SIGN_P256_SHA256"
    assert public_key.pem_crc32c == google_crc32c.value(public_key.pem.encode())


def test_a_destroyed_version_is_scheduled_and_unusable(kms: Kms) -> None:
    ciphertext = encrypt(kms, b"keyset")
    destroyed = kms.destroy_crypto_key_version(name=version(SEALING, 1))
    assert destroyed.state.name == "DESTROY_SCHEDULED"
    assert destroyed.destroy_time > destroyed.create_time
    assert kms.get_crypto_key(name=SEALING).primary.state.name == "DESTROY_SCHEDULED"
    calls: list[Callable[[], object]] = [lambda: decrypt(kms, ciphertext), lambda: encrypt(kms, b"keyset")]
    for call in calls:
        with pytest.raises(exceptions.FailedPrecondition, match="DESTROY_SCHEDULED"):
            call()


def test_a_destroyed_version_signs_nothing_while_its_successor_does(kms: Kms) -> None:
    kms.create_crypto_key_version(request={"parent": SIGNING})
    kms.destroy_crypto_key_version(name=version(SIGNING, 1))
    with pytest.raises(exceptions.FailedPrecondition):
        sign(kms, version(SIGNING, 1))
    verify(kms, version(SIGNING, 2), sign(kms, version(SIGNING, 2)))


def test_missing_keys_and_versions_are_not_found(kms: Kms) -> None:
    calls: list[Callable[[], object]] = [
        lambda: kms.encrypt(request={"name": MISSING, "plaintext": b"x"}),
        lambda: kms.decrypt(request={"name": MISSING, "ciphertext": b"x"}),
        lambda: kms.get_crypto_key(name=MISSING),
        lambda: sign(kms, version(SIGNING, 7)),
        lambda: kms.get_public_key(name=version(MISSING, 1)),
        lambda: kms.update_crypto_key_primary_version(request={"name": SEALING, "crypto_key_version_id": "7"}),
    ]
    for call in calls:
        with pytest.raises(exceptions.NotFound):
            call()


def test_a_key_serves_its_own_purpose_only(kms: Kms) -> None:
    calls: list[Callable[[], object]] = [
        lambda: kms.encrypt(request={"name": SIGNING, "plaintext": b"x"}),
        lambda: kms.decrypt(request={"name": SIGNING, "ciphertext": b"x"}),
        lambda: sign(kms, version(SEALING, 1)),
        lambda: kms.get_public_key(name=version(SEALING, 1)),
        lambda: kms.update_crypto_key_primary_version(request={"name": SIGNING, "crypto_key_version_id": "1"}),
    ]
    for call in calls:
        with pytest.raises(exceptions.FailedPrecondition):
            call()


def test_creating_an_existing_key_fails(kms: Kms) -> None:
    with pytest.raises(exceptions.AlreadyExists):
        kms.create_key_ring(request={"parent": LOCATION, "key_ring_id": "clinical"})
    with pytest.raises(exceptions.AlreadyExists):
        kms.create_crypto_key(
            request={"parent": RING, "crypto_key_id": "sealing", "crypto_key": {"purpose": "ENCRYPT_DECRYPT"}}
        )


def test_an_unsupported_algorithm_is_rejected(kms: Kms) -> None:
    rsa = {"purpose": "ASYMMETRIC_SIGN", "version_template": {"algorithm": "RSA_SIGN_PSS_2048_SHA256"}}
    with pytest.raises(exceptions.InvalidArgument):
        kms.create_crypto_key(request={"parent": RING, "crypto_key_id": "rsa", "crypto_key": rsa})


def test_keys_survive_a_restart(start: Starter) -> None:
    with start() as before:
        provision(before)
        old, signature = encrypt(before, b"old", b"clinic-1"), sign(before, version(SIGNING, 1))
        before.create_crypto_key_version(request={"parent": SEALING})
        before.update_crypto_key_primary_version(request={"name": SEALING, "crypto_key_version_id": "2"})
        new = encrypt(before, b"new")
    with start() as after:
        assert decrypt(after, old, b"clinic-1") == b"old"
        assert decrypt(after, new) == b"new"
        assert after.get_crypto_key(name=SEALING).primary.name == version(SEALING, 2)
        verify(after, version(SIGNING, 1), signature)
        with pytest.raises(exceptions.AlreadyExists):
            provision(after)


def test_a_half_written_file_does_not_break_the_next_start(start: Starter, tmp_path: Path) -> None:
    with start() as before:
        provision(before)
        ciphertext = encrypt(before, b"keyset")
    (tmp_path / "keys.new").write_text('{"rings": {')
    with start() as after:
        assert decrypt(after, ciphertext) == b"keyset"
        after.create_crypto_key_version(request={"parent": SIGNING})
    with start() as last:
        verify(last, version(SIGNING, 2), sign(last, version(SIGNING, 2)))


def test_key_material_is_readable_by_its_owner_only(kms: Kms, tmp_path: Path) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir() if file.is_file()}
    assert modes == {"keys.json": 0o600}


def test_calls_are_recorded_with_caller_and_key_but_failed_calls_are_not(kms: Kms, recorder: Recorder) -> None:
    start = recorder.mark()
    decrypt(kms, encrypt(kms, b"keyset"))
    sign(kms, version(SIGNING, 1))
    kms.get_public_key(name=version(SIGNING, 1))
    with pytest.raises(exceptions.InvalidArgument):
        decrypt(kms, b"no ciphertext")
    assert recorder.calls(start) == [
        Call("kms", "Encrypt", "patients", SEALING),
        Call("kms", "Decrypt", "patients", SEALING),
        Call("kms", "AsymmetricSign", "patients", version(SIGNING, 1)),
        Call("kms", "GetPublicKey", "patients", version(SIGNING, 1)),
    ]


def test_a_lost_response_keeps_the_effect(kms: Kms, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("kms", "CreateCryptoKeyVersion", "patients", "cut"))
    with pytest.raises(exceptions.ServiceUnavailable):
        kms.create_crypto_key_version(request={"parent": SIGNING}, retry=None)
    assert fault.fired.is_set()
    verify(kms, version(SIGNING, 2), sign(kms, version(SIGNING, 2)))
