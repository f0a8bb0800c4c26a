"""The key rings, keys and key versions of the local Cloud KMS, stored in one file."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.cloud import kms_v1

from local.services.kit.private_files import write_private
from local.services.kit.rpc import refuse

# The client declares enum members as plain integers; typed Any, they are accepted where the enum is expected.
_Purpose: Any = kms_v1.CryptoKey.CryptoKeyPurpose
_Algorithm: Any = kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm
_State: Any = kms_v1.CryptoKeyVersion.CryptoKeyVersionState
_SOFTWARE: Any = kms_v1.ProtectionLevel.SOFTWARE

_ALGORITHMS = {
    _Purpose.ENCRYPT_DECRYPT: _Algorithm.GOOGLE_SYMMETRIC_ENCRYPTION,
    _Purpose.ASYMMETRIC_SIGN: _Algorithm.EC_SIGN_P256_SHA256,
}
_ID = re.compile(r"[a-zA-Z0-9_-]{1,63}")
_VERSIONS = "/cryptoKeyVersions/"
_UNTIL_DESTROYED = dt.timedelta(days=30)

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_NOT_FOUND = grpc.StatusCode.NOT_FOUND
_EXISTS = grpc.StatusCode.ALREADY_EXISTS
_FAILED = grpc.StatusCode.FAILED_PRECONDITION


@dataclass(frozen=True)
class DecryptionKey:
    """The key of one key version."""

    secret: bytes
    is_primary: bool


class Keys:
    """All keys of one local stack, in `keys.json` of a folder; thread-safe.

    Every method raises `rpc.StatusError` with the status of Cloud KMS.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "keys.json"
        self._lock = threading.Lock()
        self._rings: dict[str, kms_v1.KeyRing] = {}
        self._keys: dict[str, kms_v1.CryptoKey] = {}
        self._versions: dict[str, kms_v1.CryptoKeyVersion] = {}
        self._secrets: dict[str, bytes] = {}
        if self._file.exists():
            self._load()

    def create_ring(self, request: kms_v1.CreateKeyRingRequest) -> kms_v1.KeyRing:
        name = _child(request.parent, "keyRings", request.key_ring_id)
        with self._lock:
            if name in self._rings:
                refuse(_EXISTS, f"KeyRing {name} already exists.")
            self._rings[name] = kms_v1.KeyRing(name=name, create_time=_now())
            self._save()
            return self._rings[name]

    def create_key(self, request: kms_v1.CreateCryptoKeyRequest) -> kms_v1.CryptoKey:
        name = _child(request.parent, "cryptoKeys", request.crypto_key_id)
        key = kms_v1.CryptoKey(request.crypto_key)
        _check_algorithm(key)
        with self._lock:
            if request.parent not in self._rings:
                refuse(_NOT_FOUND, f"KeyRing {request.parent} not found.")
            if name in self._keys:
                refuse(_EXISTS, f"CryptoKey {name} already exists.")
            key.name, key.create_time = name, _now()
            key.version_template.protection_level = _SOFTWARE
            self._keys[name] = key
            if not request.skip_initial_version_creation:
                version = self._add_version(key)
                if key.purpose == _Purpose.ENCRYPT_DECRYPT:
                    key.primary = version
            self._save()
            return self._shown(key)

    def get_key(self, request: kms_v1.GetCryptoKeyRequest) -> kms_v1.CryptoKey:
        with self._lock:
            return self._shown(self._key(request.name))

    def create_version(self, request: kms_v1.CreateCryptoKeyVersionRequest) -> kms_v1.CryptoKeyVersion:
        with self._lock:
            version = self._add_version(self._key(request.parent))
            self._save()
            return version

    def set_primary(self, request: kms_v1.UpdateCryptoKeyPrimaryVersionRequest) -> kms_v1.CryptoKey:
        with self._lock:
            key = self._key(request.name)
            _check_purpose(key, _Purpose.ENCRYPT_DECRYPT)
            key.primary = self._enabled(request.name + _VERSIONS + request.crypto_key_version_id)
            self._save()
            return self._shown(key)

    def destroy_version(self, request: kms_v1.DestroyCryptoKeyVersionRequest) -> kms_v1.CryptoKeyVersion:
        with self._lock:
            version = self._enabled(request.name)
            version.state = _State.DESTROY_SCHEDULED
            version.destroy_time = _now() + _UNTIL_DESTROYED
            self._save()
            return version

    def for_encryption(self, name: str) -> tuple[str, bytes]:
        """The key version to encrypt with, and its secret: the named version, or the named key's primary version."""
        with self._lock:
            key = self._key(name.partition(_VERSIONS)[0])
            _check_purpose(key, _Purpose.ENCRYPT_DECRYPT)
            version = name if _VERSIONS in name else key.primary.name
            if not version:
                refuse(_FAILED, f"CryptoKey {name} has no primary version.")
            return version, self._secrets[self._enabled(version).name]

    def for_decryption(self, name: str, number: int) -> DecryptionKey | None:
        """Version `number` of the key `name`; None if the key has no such version."""
        with self._lock:
            key = self._key(name)
            _check_purpose(key, _Purpose.ENCRYPT_DECRYPT)
            version = f"{name}{_VERSIONS}{number}"
            if version not in self._versions:
                return None
            return DecryptionKey(self._secrets[self._enabled(version).name], version == key.primary.name)

    def for_signing(self, name: str) -> ec.EllipticCurvePrivateKey:
        """The private key of the version `name`."""
        with self._lock:
            _check_purpose(self._key(name.partition(_VERSIONS)[0]), _Purpose.ASYMMETRIC_SIGN)
            secret = self._secrets[self._enabled(name).name]
        private_key = serialization.load_der_private_key(secret, password=None)
        assert isinstance(private_key, ec.EllipticCurvePrivateKey)
        return private_key

    def _key(self, name: str) -> kms_v1.CryptoKey:
        return self._keys.get(name) or refuse(_NOT_FOUND, f"CryptoKey {name} not found.")

    def _enabled(self, name: str) -> kms_v1.CryptoKeyVersion:
        version = self._versions.get(name) or refuse(_NOT_FOUND, f"CryptoKeyVersion {name} not found.")
        if version.state != _State.ENABLED:
            refuse(_FAILED, f"{name} is not enabled, current state is: {version.state.name}.")
        return version

    def _add_version(self, key: kms_v1.CryptoKey) -> kms_v1.CryptoKeyVersion:
        number = 1 + sum(name.startswith(key.name + _VERSIONS) for name in self._versions)
        version = kms_v1.CryptoKeyVersion(
            name=f"{key.name}{_VERSIONS}{number}",
            state=_State.ENABLED,
            algorithm=key.version_template.algorithm,
            protection_level=_SOFTWARE,
            create_time=_now(),
            generate_time=_now(),
        )
        self._versions[version.name] = version
        self._secrets[version.name] = _new_secret(key.purpose)
        return version

    def _shown(self, key: kms_v1.CryptoKey) -> kms_v1.CryptoKey:
        """The key with the current state of its primary version."""
        shown = kms_v1.CryptoKey(key)
        if key.primary.name:
            shown.primary = self._versions[key.primary.name]
        return shown

    def _load(self) -> None:
        kept = json.loads(self._file.read_text())
        self._rings = _messages(kms_v1.KeyRing, kept["rings"])
        self._keys = _messages(kms_v1.CryptoKey, kept["keys"])
        self._versions = _messages(kms_v1.CryptoKeyVersion, kept["versions"])
        self._secrets = {name: base64.b64decode(secret) for name, secret in kept["secrets"].items()}

    def _save(self) -> None:
        kept = {
            "rings": _texts(self._rings),
            "keys": _texts(self._keys),
            "versions": _texts(self._versions),
            "secrets": {name: base64.b64encode(secret).decode() for name, secret in self._secrets.items()},
        }
        write_private(self._file, json.dumps(kept).encode())


def _check_algorithm(key: kms_v1.CryptoKey) -> None:
    """Raises StatusError for an unsupported algorithm; a symmetric key may omit its algorithm."""
    template = key.version_template
    if key.purpose == _Purpose.ENCRYPT_DECRYPT and not template.algorithm:
        template.algorithm = _Algorithm.GOOGLE_SYMMETRIC_ENCRYPTION
    if template.algorithm != _ALGORITHMS.get(key.purpose):
        refuse(_INVALID, f"No {key.purpose.name} key with algorithm {template.algorithm.name} can be made here.")


def _check_purpose(key: kms_v1.CryptoKey, purpose: Any) -> None:
    if key.purpose != purpose:
        refuse(_FAILED, f"CryptoKey {key.name} has purpose {key.purpose.name}; this needs {purpose.name}.")


def _new_secret(purpose: Any) -> bytes:
    if purpose == _Purpose.ENCRYPT_DECRYPT:
        return AESGCM.generate_key(bit_length=256)
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _child(parent: str, collection: str, resource_id: str) -> str:
    if not _ID.fullmatch(resource_id):
        refuse(_INVALID, f"{resource_id!r} is no id: 1 to 63 letters, digits, hyphens and underscores.")
    return f"{parent}/{collection}/{resource_id}"


def _messages(message: Any, kept: Mapping[str, str]) -> dict[str, Any]:
    return {name: message.from_json(text) for name, text in kept.items()}


def _texts(messages: Mapping[str, Any]) -> dict[str, str]:
    return {name: type(message).to_json(message) for name, message in messages.items()}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
