"""Cloud KMS: wraps the clinics' keysets, signs reports and verifies their signatures.

Unwrapped keys are stored nowhere else.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from tink import aead

from shared import settings
from shared.rest.errors import FailedPrecondition, NotFound
from shared.singleton import singleton
from shared.vault.kms_api import KmsApi, open_kms

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
        request = {
            **_checked("plaintext", plaintext),
            **_checked("additionalAuthenticatedData", associated_data),
        }
        response = _client().encrypt(self._key, request, ATTEMPT_SECONDS, CALL_SECONDS)
        ciphertext = _bytes(response, "ciphertext")
        verified = response.get("verifiedPlaintextCrc32c") and response.get("verifiedAdditionalAuthenticatedDataCrc32c")
        if not verified or not _is_whole(response, "ciphertext", ciphertext):
            raise KmsError("encrypt: checksum mismatch")
        return ciphertext

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        request = {
            **_checked("ciphertext", ciphertext),
            **_checked("additionalAuthenticatedData", associated_data),
        }
        response = _client().decrypt(self._key, request, ATTEMPT_SECONDS, CALL_SECONDS)
        plaintext = _bytes(response, "plaintext")
        if not _is_whole(response, "plaintext", plaintext):
            raise KmsError("decrypt: checksum mismatch")
        return plaintext


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
    request = {"digest": {"sha256": b64encode(digest).decode()}, "digestCrc32c": _checksum(digest)}
    response = _client().asymmetric_sign(name, request, ATTEMPT_SECONDS, CALL_SECONDS)
    signature = _bytes(response, "signature")
    if not response.get("verifiedDigestCrc32c") or not _is_whole(response, "signature", signature):
        raise KmsError("sign: checksum mismatch")
    return DigestSignature(signature, str(response.get("name", "")))


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
    try:
        response = _client().get_public_key(version, ATTEMPT_SECONDS, CALL_SECONDS)
    except (NotFound, FailedPrecondition):
        raise UntrustedKeyError("key_version_unavailable") from None
    pem = str(response.get("pem", ""))
    if response.get("name") != version or not _is_whole(response, "pem", pem.encode()):
        raise KmsError("get public key: checksum or name mismatch")
    return pem


def _checked(field: str, content: bytes) -> dict[str, str]:
    """A field of a request, and its CRC32C."""
    return {field: b64encode(content).decode(), f"{field}Crc32c": _checksum(content)}


def _checksum(content: bytes) -> str:
    from google_crc32c import value

    return str(value(content))


def _bytes(response: Any, field: str) -> bytes:
    """A field of a response. Raises KmsError if it is not one."""
    try:
        return b64decode(response.get(field, ""))
    except (TypeError, ValueError):
        raise KmsError(f"{field} is damaged") from None


def _is_whole(response: Any, field: str, content: bytes) -> bool:
    """True if a field arrived as KMS sent it; a response without its CRC32C does not show that."""
    return bool(response.get(f"{field}Crc32c") == _checksum(content))


@singleton
def _client() -> KmsApi:
    return KmsApi(open_kms(settings.load(settings.KmsEndpoint).kms_endpoint))
