"""Cloud KMS, locally: symmetric keys that encrypt, and P-256 keys that sign.

Keys are software keys in the stack's state: ciphertexts and signatures stay valid after a restart. The algorithms are
GOOGLE_SYMMETRIC_ENCRYPTION (AES-256-GCM) and EC_SIGN_P256_SHA256 (over a digest). A destroyed version stays
DESTROY_SCHEDULED and is never removed. There is no IAM: any caller may use any key.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import grpc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.cloud import kms_v1

from local.services.kit.recorder import Recorder
from local.services.kit.rest import RestApi, of_handlers
from local.services.kit.rpc import recorded, refuse, service
from local.services.kms.keys import Keys
from local.services.kms.rest import RULES

_SERVICE = "google.cloud.kms.v1.KeyManagementService"
_MAX_BYTES = 64 * 1024
"""The maximum size of the plaintext, and of the additional authenticated data, for a software key."""
_VERSION_BYTES = 4
_NONCE_BYTES = 12
_OVERHEAD = _VERSION_BYTES + _NONCE_BYTES + 16
"""A ciphertext is the key version's number, a nonce, and the AES-GCM output with its tag of 16 bytes."""

_SOFTWARE = kms_v1.ProtectionLevel.SOFTWARE
_INVALID = grpc.StatusCode.INVALID_ARGUMENT


class KmsEndpoint:
    """google.cloud.kms.v1.KeyManagementService over the keys in the folder `state`."""

    def __init__(self, state: Path, recorder: Recorder) -> None:
        self._keys = Keys(state)
        self._recorder = recorder

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """For a gRPC server."""
        return [service(_SERVICE, **recorded(self._recorder, "kms", self._methods()))]

    def rest(self) -> RestApi:
        """The same methods by REST."""
        methods = self._methods()
        return of_handlers(RULES, methods, recorded(self._recorder, "kms", methods))

    def _methods(self) -> dict[str, tuple[Callable[[Any], Any], Any, Any]]:
        keys, kms = self._keys, kms_v1
        return {
            "CreateKeyRing": (keys.create_ring, kms.CreateKeyRingRequest, kms.KeyRing),
            "CreateCryptoKey": (keys.create_key, kms.CreateCryptoKeyRequest, kms.CryptoKey),
            "GetCryptoKey": (keys.get_key, kms.GetCryptoKeyRequest, kms.CryptoKey),
            "UpdateCryptoKeyPrimaryVersion": (
                keys.set_primary,
                kms.UpdateCryptoKeyPrimaryVersionRequest,
                kms.CryptoKey,
            ),
            "CreateCryptoKeyVersion": (keys.create_version, kms.CreateCryptoKeyVersionRequest, kms.CryptoKeyVersion),
            "DestroyCryptoKeyVersion": (keys.destroy_version, kms.DestroyCryptoKeyVersionRequest, kms.CryptoKeyVersion),
            "Encrypt": (self._encrypt, kms.EncryptRequest, kms.EncryptResponse),
            "Decrypt": (self._decrypt, kms.DecryptRequest, kms.DecryptResponse),
            "AsymmetricSign": (self._sign, kms.AsymmetricSignRequest, kms.AsymmetricSignResponse),
            "GetPublicKey": (self._public_key, kms.GetPublicKeyRequest, kms.PublicKey),
        }

    def _encrypt(self, request: kms_v1.EncryptRequest) -> kms_v1.EncryptResponse:
        _check_size(request, "plaintext")
        _check_size(request, "additional_authenticated_data")
        checked = _check_crc(request, "plaintext")
        checked_aad = _check_crc(request, "additional_authenticated_data")
        version, secret = self._keys.for_encryption(request.name)
        number, nonce = int(version.rpartition("/")[2]), os.urandom(_NONCE_BYTES)
        sealed = AESGCM(secret).encrypt(nonce, request.plaintext, request.additional_authenticated_data)
        ciphertext = number.to_bytes(_VERSION_BYTES, "big") + nonce + sealed
        return kms_v1.EncryptResponse(
            name=version,
            ciphertext=ciphertext,
            ciphertext_crc32c=google_crc32c.value(ciphertext),
            verified_plaintext_crc32c=checked,
            verified_additional_authenticated_data_crc32c=checked_aad,
            protection_level=_SOFTWARE,
        )

    def _decrypt(self, request: kms_v1.DecryptRequest) -> kms_v1.DecryptResponse:
        _check_size(request, "ciphertext", _MAX_BYTES + _OVERHEAD)
        _check_size(request, "additional_authenticated_data")
        _check_crc(request, "ciphertext")
        _check_crc(request, "additional_authenticated_data")
        number = int.from_bytes(request.ciphertext[:_VERSION_BYTES], "big")
        opener = self._keys.for_decryption(request.name, number)
        if opener is None or len(request.ciphertext) < _OVERHEAD:
            refuse(_INVALID, "Decryption failed: the ciphertext is invalid.")
        nonce = request.ciphertext[_VERSION_BYTES : _VERSION_BYTES + _NONCE_BYTES]
        sealed = request.ciphertext[_VERSION_BYTES + _NONCE_BYTES :]
        try:
            plaintext = AESGCM(opener.secret).decrypt(nonce, sealed, request.additional_authenticated_data)
        except InvalidTag:
            refuse(_INVALID, "Decryption failed: the ciphertext is invalid.")
        return kms_v1.DecryptResponse(
            plaintext=plaintext,
            plaintext_crc32c=google_crc32c.value(plaintext),
            used_primary=opener.is_primary,
            protection_level=_SOFTWARE,
        )

    def _sign(self, request: kms_v1.AsymmetricSignRequest) -> kms_v1.AsymmetricSignResponse:
        digest = request.digest.sha256
        private_key = self._keys.for_signing(request.name)
        if len(digest) != hashes.SHA256.digest_size:
            refuse(_INVALID, "A SHA-256 digest of 32 bytes is required.")
        if request.digest_crc32c is not None and request.digest_crc32c != google_crc32c.value(digest):
            refuse(_INVALID, "The checksum digest_crc32c does not match the digest.")
        signature = private_key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return kms_v1.AsymmetricSignResponse(
            name=request.name,
            signature=signature,
            signature_crc32c=google_crc32c.value(signature),
            verified_digest_crc32c=request.digest_crc32c is not None,
            protection_level=_SOFTWARE,
        )

    def _public_key(self, request: kms_v1.GetPublicKeyRequest) -> kms_v1.PublicKey:
        public_key = self._keys.for_signing(request.name).public_key()
        pem = public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return kms_v1.PublicKey(
            name=request.name,
            pem=pem.decode(),
            pem_crc32c=google_crc32c.value(pem),
            algorithm=kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm.EC_SIGN_P256_SHA256,
            protection_level=_SOFTWARE,
        )


def _check_size(request: Any, field: str, limit: int = _MAX_BYTES) -> None:
    if len(getattr(request, field)) > limit:
        refuse(_INVALID, f"The field {field} is larger than {limit} bytes.")


def _check_crc(request: Any, field: str) -> bool:
    """True if the request has a CRC32C of the field. Raises StatusError for a wrong one."""
    sent = getattr(request, f"{field}_crc32c")
    if sent is not None and sent != google_crc32c.value(getattr(request, field)):
        refuse(_INVALID, f"The checksum {field}_crc32c does not match the field {field}.")
    return sent is not None
