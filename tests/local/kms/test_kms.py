"""The local Cloud KMS, through Google's own client over TLS."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from google.api_core import exceptions
from google.cloud import kms_v1
from google.oauth2.credentials import Credentials

from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.kms.endpoint import KmsEndpoint

LOCATION = "projects/demo-synapse/locations/asia-south1"
RING = f"{LOCATION}/keyRings/clinical"
SEALING = f"{RING}/cryptoKeys/sealing"
SIGNING = f"{RING}/cryptoKeys/signing"
MISSING = f"{RING}/cryptoKeys/missing"
DIGEST = hashlib.sha256(b"canonical bytes of a report").digest()

Kms = kms_v1.KeyManagementServiceClient
Starter = Callable[..., Any]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def start(tmp_path: Path, recorder: Recorder, certificate_folder: Path, credentials: Credentials) -> Starter:
    """Starts the endpoint on the same state each time; a context manager that returns the client."""

    @contextmanager
    def running() -> Iterator[Kms]:
        server = GrpcServer(KmsEndpoint(tmp_path, recorder).handlers(), certificate(certificate_folder))
        try:
            with Kms(credentials=credentials, client_options={"api_endpoint": server.address}) as client:
                yield client
        finally:
            server.stop()

    return running


@pytest.fixture
def kms(start: Starter) -> Iterator[Kms]:
    """A client of an endpoint with a key ring, an encryption key and a signing key."""
    with start() as client:
        provision(client)
        yield client


def provision(client: Kms) -> None:
    purposes = kms_v1.CryptoKey.CryptoKeyPurpose
    client.create_key_ring(request={"parent": LOCATION, "key_ring_id": "clinical"})
    client.create_crypto_key(
        request={"parent": RING, "crypto_key_id": "sealing", "crypto_key": {"purpose": purposes.ENCRYPT_DECRYPT}}
    )
    signing = {"purpose": purposes.ASYMMETRIC_SIGN, "version_template": {"algorithm": "EC_SIGN_P256_SHA256"}}
    client.create_crypto_key(request={"parent": RING, "crypto_key_id": "signing", "crypto_key": signing})


def version(key: str, number: int) -> str:
    return f"{key}/cryptoKeyVersions/{number}"


def encrypt(client: Kms, plaintext: bytes, aad: bytes = b"") -> bytes:
    request = {"name": SEALING, "plaintext": plaintext, "additional_authenticated_data": aad}
    return bytes(client.encrypt(request=request).ciphertext)


def decrypt(client: Kms, ciphertext: bytes, aad: bytes = b"", key: str = SEALING) -> bytes:
    request = {"name": key, "ciphertext": ciphertext, "additional_authenticated_data": aad}
    return bytes(client.decrypt(request=request).plaintext)


def sign(client: Kms, name: str) -> bytes:
    return bytes(client.asymmetric_sign(request={"name": name, "digest": {"sha256": DIGEST}}).signature)


def verify(client: Kms, name: str, signature: bytes) -> None:
    """Raises InvalidSignature unless the version `name` signed DIGEST."""
    public_key = serialization.load_pem_public_key(client.get_public_key(name=name).pem.encode())
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    public_key.verify(signature, DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


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
    uses: list[Callable[[], object]] = [lambda: decrypt(kms, ciphertext), lambda: encrypt(kms, b"keyset")]
    for use in uses:
        with pytest.raises(exceptions.FailedPrecondition, match="DESTROY_SCHEDULED"):
            use()


def test_a_destroyed_version_signs_nothing_while_its_successor_does(kms: Kms) -> None:
    kms.create_crypto_key_version(request={"parent": SIGNING})
    kms.destroy_crypto_key_version(name=version(SIGNING, 1))
    with pytest.raises(exceptions.FailedPrecondition):
        sign(kms, version(SIGNING, 1))
    verify(kms, version(SIGNING, 2), sign(kms, version(SIGNING, 2)))


def test_missing_keys_and_versions_are_not_found(kms: Kms) -> None:
    uses: list[Callable[[], object]] = [
        lambda: kms.encrypt(request={"name": MISSING, "plaintext": b"x"}),
        lambda: kms.decrypt(request={"name": MISSING, "ciphertext": b"x"}),
        lambda: kms.get_crypto_key(name=MISSING),
        lambda: sign(kms, version(SIGNING, 7)),
        lambda: kms.get_public_key(name=version(MISSING, 1)),
        lambda: kms.update_crypto_key_primary_version(request={"name": SEALING, "crypto_key_version_id": "7"}),
    ]
    for use in uses:
        with pytest.raises(exceptions.NotFound):
            use()


def test_a_key_serves_its_own_purpose_only(kms: Kms) -> None:
    uses: list[Callable[[], object]] = [
        lambda: kms.encrypt(request={"name": SIGNING, "plaintext": b"x"}),
        lambda: kms.decrypt(request={"name": SIGNING, "ciphertext": b"x"}),
        lambda: sign(kms, version(SEALING, 1)),
        lambda: kms.get_public_key(name=version(SEALING, 1)),
        lambda: kms.update_crypto_key_primary_version(request={"name": SIGNING, "crypto_key_version_id": "1"}),
    ]
    for use in uses:
        with pytest.raises(exceptions.FailedPrecondition):
            use()


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
