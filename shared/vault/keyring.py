"""The unwrapped keys of a clinic. KMS wraps one keyset per clinic, which wraps all other keysets.

KMS data key ── wraps ── clinic keyset ┬─ wraps ── search keyset (PRF), audit keyset (MAC)
                                       ├─ wraps ── two keysets per patient: care, retained
                                       └─ seals ── the clinic's other documents
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import tink
from tink import aead, mac, prf

from shared import settings
from shared.records.record import Keyset
from shared.vault.cipher import bind
from shared.vault.kms import KmsAead

TOKEN_BYTES = 12
"""96 bits: no accidental collision within a clinic, and short index entries."""
_SEED_BYTES = 32
KEYRING_TTL_SECONDS = 600.0
"""How long an instance caches a clinic's unwrapped keys."""


class Keyring:
    """The keys of one clinic."""

    def __init__(self, clinic_id: str, sealer: aead.Aead, search: prf.PrfSet, audit: mac.Mac) -> None:
        self.clinic_id = clinic_id
        self.aead = sealer
        self._present_search_key = search.primary()
        self._search_keys = list(search.all().values())
        self._audit = audit

    def new_patient_keys(self, patient_id: str) -> dict[str, bytes]:
        """Generate and wrap a patient's keysets, in the form of the key document."""
        _register()
        template = aead.aead_key_templates.AES256_GCM
        return {
            purpose: tink.proto_keyset_format.serialize_encrypted(
                tink.new_keyset_handle(template), self.aead, bind(self.clinic_id, "patient-keys", patient_id, purpose)
            )
            for purpose in (Keyset.CARE.value, Keyset.RETAINED.value)
        }

    def patient_key(self, patient_id: str, document: Mapping[str, Any], purpose: Keyset) -> aead.Aead:
        """Unwrap one of a patient's keysets, from the key document or a copy of it; no KMS call.

        Raises tink.TinkError when it was altered, or wrapped for another patient or purpose; KeyError when the document
        does not have it.
        """
        binding = bind(self.clinic_id, "patient-keys", patient_id, purpose.value)
        handle = tink.proto_keyset_format.parse_encrypted(document[purpose.value], self.aead, binding)
        return handle.primitive(aead.Aead)

    def token(self, scope: str, kind: str, value: str) -> bytes:
        """The search token of a term within a scope of visibility."""
        return bytes(self._present_search_key.compute(bind(scope, kind, value), TOKEN_BYTES))

    def padding(self, scope: str, value: str, count: int) -> list[bytes]:
        """So many values, which only the holder of the key can tell from tokens. They depend on `value`."""
        seed = self._present_search_key.compute(bind(scope, "padding", value), _SEED_BYTES)
        together = hashlib.shake_256(seed).digest(count * TOKEN_BYTES)
        return [together[at : at + TOKEN_BYTES] for at in range(0, len(together), TOKEN_BYTES)]

    def tokens(self, scope: str, kind: str, value: str) -> list[bytes]:
        """The tokens of a term under every version of the search key; stored tokens may use any of them."""
        bound = bind(scope, kind, value)
        return [bytes(key.compute(bound, TOKEN_BYTES)) for key in self._search_keys]

    def ids(self, scope: str, kind: str, value: str) -> list[str]:
        """The ids of documents that are found by a secret value: one for each version of the search key, the present
        one first, under which new documents are written."""
        present = self.token(scope, kind, value)
        return [token.hex() for token in dict.fromkeys([present, *self.tokens(scope, kind, value)])]

    def authenticate(self, data: bytes) -> bytes:
        """The MAC of an audit entry."""
        return bytes(self._audit.compute_mac(data))

    def verify(self, tag: bytes, data: bytes) -> None:
        """Raises tink.TinkError when the audit entry was altered."""
        self._audit.verify_mac(tag, data)


def create(clinic_id: str) -> dict[str, Any]:
    """Generate and wrap a clinic's keys, in the form of the key document.

    Two KMS calls, because Tink verifies a wrapped keyset by unwrapping it.
    """
    _register()
    master = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    sealer = master.primitive(aead.Aead)

    def wrapped(template: Any, purpose: str) -> bytes:
        handle = tink.new_keyset_handle(template)
        return tink.proto_keyset_format.serialize_encrypted(handle, sealer, bind(clinic_id, purpose))

    return {
        "clinic": tink.proto_keyset_format.serialize_encrypted(master, _data_key(), bind(clinic_id, "clinic")),
        "search": wrapped(prf.prf_key_templates.HMAC_SHA256, "search"),
        "audit": wrapped(mac.mac_key_templates.HMAC_SHA256_256BITTAG, "audit"),
    }


def unlock(clinic_id: str, document: Mapping[str, Any]) -> Keyring:
    """Unwrap a clinic's keys. One KMS call."""
    _register()
    unwrap = tink.proto_keyset_format.parse_encrypted
    sealer = unwrap(document["clinic"], _data_key(), bind(clinic_id, "clinic")).primitive(aead.Aead)
    search = unwrap(document["search"], sealer, bind(clinic_id, "search")).primitive(prf.PrfSet)
    audit = unwrap(document["audit"], sealer, bind(clinic_id, "audit")).primitive(mac.Mac)
    return Keyring(clinic_id, sealer, search, audit)


class Keyrings:
    """Cache of unwrapped keyrings in this instance, with expiry. Thread-safe."""

    def __init__(self, ttl: float = KEYRING_TTL_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._clock = clock
        self._open: dict[str, tuple[float, Keyring]] = {}

    def get(self, clinic_id: str) -> Keyring | None:
        """The clinic's keyring, or None if it is not cached or expired."""
        until, keyring = self._open.get(clinic_id, (0.0, None))
        return keyring if self._clock() < until else None

    def unlock(self, clinic_id: str, document: Mapping[str, Any]) -> Keyring:
        keyring = unlock(clinic_id, document)
        self._open[clinic_id] = (self._clock() + self._ttl, keyring)
        return keyring


@cache
def _register() -> None:
    aead.register()
    prf.register()
    mac.register()


def _data_key() -> KmsAead:
    return KmsAead(settings.load(settings.Keys).data_key)
