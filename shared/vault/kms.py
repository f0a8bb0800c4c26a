"""Cloud KMS: wraps the clinics' keysets and signs reports. Unwrapped keys are stored nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tink import aead

from shared import settings
from shared.singleton import singleton


class KmsError(Exception):
    """A checksum of a request or response does not match: the data was damaged in transit."""


class KmsAead(aead.Aead):
    """The KMS data key as an AEAD, with CRC32C checked in both directions."""

    def __init__(self, key: str) -> None:
        self._key = key

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        from google_crc32c import value as crc32c

        request = {
            "name": self._key,
            "plaintext": plaintext,
            "plaintext_crc32c": crc32c(plaintext),
            "additional_authenticated_data": associated_data,
            "additional_authenticated_data_crc32c": crc32c(associated_data),
        }
        response = _client().encrypt(request=request)
        verified = response.verified_plaintext_crc32c and response.verified_additional_authenticated_data_crc32c
        if not verified or response.ciphertext_crc32c != crc32c(response.ciphertext):
            raise KmsError("encrypt: checksum mismatch")
        return bytes(response.ciphertext)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        from google_crc32c import value as crc32c

        request = {
            "name": self._key,
            "ciphertext": ciphertext,
            "ciphertext_crc32c": crc32c(ciphertext),
            "additional_authenticated_data": associated_data,
            "additional_authenticated_data_crc32c": crc32c(associated_data),
        }
        response = _client().decrypt(request=request)
        if response.plaintext_crc32c != crc32c(response.plaintext):
            raise KmsError("decrypt: checksum mismatch")
        return bytes(response.plaintext)


@dataclass(frozen=True)
class DigestSignature:
    """A signature by KMS: the DER bytes, and the key version."""

    signature: bytes
    key_version: str


def signing_key_version() -> str:
    """Resource name of the current signing key version."""
    keys = settings.load(settings.Signing)
    return f"{keys.signing_key}/cryptoKeyVersions/{keys.signing_key_version}"


def sign(digest: bytes) -> DigestSignature:
    """Sign a SHA-256 digest with the report key (EC P-256)."""
    from google_crc32c import value as crc32c

    name = signing_key_version()
    response = _client().asymmetric_sign(
        request={"name": name, "digest": {"sha256": digest}, "digest_crc32c": crc32c(digest)}
    )
    if not response.verified_digest_crc32c or response.signature_crc32c != crc32c(response.signature):
        raise KmsError("sign: checksum mismatch")
    return DigestSignature(bytes(response.signature), str(response.name))


@singleton
def _client() -> Any:
    from google.cloud import kms_v1

    endpoint = settings.load(settings.KmsEndpoint).kms_endpoint
    return kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": endpoint} if endpoint else None)
