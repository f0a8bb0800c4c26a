"""Cloud KMS: wraps the clinics' keysets, signs reports and verifies their signatures.

Unwrapped keys are stored nowhere else.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tink import aead

from shared import settings
from shared.singleton import singleton
from shared.vault import kms_api
from shared.vault.kms_api import KmsApi

ATTEMPT_SECONDS = 5.0
"""KMS answers within 0.1 s; a slower attempt is lost."""
CALL_SECONDS = 15.0
"""All attempts of one call."""


class KmsError(Exception):
    """A checksum of a request or response does not match: the data was damaged in transit."""


class KmsAead(aead.Aead):
    """The KMS data key as an AEAD, with CRC32C checked in both directions."""

    def __init__(self, key: str) -> None:
        self._key = key

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        request = kms_api.EncryptRequest(
            name=self._key,
            plaintext=plaintext,
            plaintext_crc32c=_checksum(plaintext),
            additional_authenticated_data=associated_data,
            additional_authenticated_data_crc32c=_checksum(associated_data),
        )
        response = _client().encrypt(request, ATTEMPT_SECONDS, CALL_SECONDS)
        verified = response.verified_plaintext_crc32c and response.verified_additional_authenticated_data_crc32c
        if not verified or not _is_whole(response, "ciphertext", response.ciphertext):
            raise KmsError("encrypt: checksum mismatch")
        return bytes(response.ciphertext)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        request = kms_api.DecryptRequest(
            name=self._key,
            ciphertext=ciphertext,
            ciphertext_crc32c=_checksum(ciphertext),
            additional_authenticated_data=associated_data,
            additional_authenticated_data_crc32c=_checksum(associated_data),
        )
        response = _client().decrypt(request, ATTEMPT_SECONDS, CALL_SECONDS)
        if not _is_whole(response, "plaintext", response.plaintext):
            raise KmsError("decrypt: checksum mismatch")
        return bytes(response.plaintext)


class DigestSignature(NamedTuple):
    """A signature by KMS: the DER bytes, and the key version."""

    signature: bytes
    key_version: str


class UntrustedKeyError(Exception):
    """A signature names a key version that is not one of the signing key's, or that KMS cannot serve."""


def signing_key_version() -> str:
    """Resource name of the current signing key version."""
    version = settings.load(settings.SigningVersion).signing_key_version
    return f"{settings.load(settings.SigningKey).signing_key}/cryptoKeyVersions/{version}"


def sign(digest: bytes) -> DigestSignature:
    """Sign a SHA-256 digest with the report key (EC P-256)."""
    name = signing_key_version()
    request = kms_api.AsymmetricSignRequest(name=name, digest={"sha256": digest}, digest_crc32c=_checksum(digest))
    response = _client().asymmetric_sign(request, ATTEMPT_SECONDS, CALL_SECONDS)
    if not response.verified_digest_crc32c or not _is_whole(response, "signature", response.signature):
        raise KmsError("sign: checksum mismatch")
    return DigestSignature(bytes(response.signature), str(response.name))


def public_key(version: str) -> str:
    """The public key of a version of the signing key, in PEM; one KMS call per process and version.

    Raises UntrustedKeyError, without a call for a version of any other key.
    """
    trusted = re.escape(settings.load(settings.SigningKey).signing_key)
    if not re.fullmatch(rf"{trusted}/cryptoKeyVersions/[1-9][0-9]{{0,9}}", version):
        raise UntrustedKeyError("foreign_key")
    return _public_key(version)


def verifies(signature: bytes, digest: bytes, version: str) -> bool:
    """True if this version of the signing key made the signature (DER) of the SHA-256 digest.

    Raises UntrustedKeyError.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    key = serialization.load_pem_public_key(public_key(version).encode())
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UntrustedKeyError("other_algorithm")
    try:
        key.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


@singleton
def _public_key(version: str) -> str:
    """Public keys are immutable, so they are cached for ever; failures are not cached."""
    from google.api_core import exceptions

    try:
        response = _client().get_public_key(kms_api.GetPublicKeyRequest(name=version), ATTEMPT_SECONDS, CALL_SECONDS)
    except (exceptions.NotFound, exceptions.FailedPrecondition):
        raise UntrustedKeyError("key_version_unavailable") from None
    if response.name != version or not _is_whole(response, "pem", response.pem.encode()):
        raise KmsError("get public key: checksum or name mismatch")
    return str(response.pem)


def _checksum(content: bytes) -> dict[str, int]:
    """The CRC32C of what is sent, as a request has it."""
    from google_crc32c import value

    return {"value": value(content)}


def _is_whole(response: Any, field: str, content: bytes) -> bool:
    """True if a field arrived as KMS sent it; a response without its CRC32C does not show that."""
    checksum = f"{field}_crc32c"
    return bool(response.HasField(checksum) and getattr(response, checksum).value == _checksum(content)["value"])


@singleton
def _client() -> KmsApi:
    return KmsApi(kms_api.open_channel(settings.load(settings.KmsEndpoint).kms_endpoint))
