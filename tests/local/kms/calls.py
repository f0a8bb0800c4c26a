"""Calls of Cloud KMS on the keys of the tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from google.cloud import kms_v1

LOCATION = "projects/demo-synapse/locations/asia-south1"
RING = f"{LOCATION}/keyRings/clinical"
SEALING = f"{RING}/cryptoKeys/sealing"
SIGNING = f"{RING}/cryptoKeys/signing"
MISSING = f"{RING}/cryptoKeys/missing"
DIGEST = hashlib.sha256(b"canonical bytes of a report").digest()
Kms = kms_v1.KeyManagementServiceClient
Starter = Callable[..., Any]


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
