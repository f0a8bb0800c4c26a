"""Field encryption: associated data binds each ciphertext to its field, so it does not decrypt anywhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from tink import aead

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def bind(*parts: str) -> bytes:
    """Encode the parts unambiguously: each part is prefixed with its length."""
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in encoded])


@lru_cache(maxsize=1_000)
def _bound_field(field: str) -> bytes:
    """The same few names come with each record."""
    return bind(field)


@dataclass(frozen=True)
class FieldBinding:
    """The record that sealed fields belong to: clinic, key, record type, and the record's immutable random key."""

    clinic_id: str
    key_id: str
    record_type: str
    record_key: str

    def associated_data(self, field: str) -> bytes:
        return self._of_record + _bound_field(field)

    @cached_property
    def _of_record(self) -> bytes:
        return bind(self.clinic_id, self.key_id, self.record_type, self.record_key)


def seal(key: aead.Aead, binding: FieldBinding, field: str, value: Any) -> bytes:
    """Encrypt a JSON value. A list is sealed as a whole, so its length and order are hidden and authenticated too."""
    return bytes(key.encrypt(_encode(value).encode(), binding.associated_data(field)))


def unseal(key: aead.Aead, binding: FieldBinding, field: str, ciphertext: bytes) -> Any:
    """Decrypt a ciphertext of `seal`. Raises tink.TinkError when it was altered or belongs to another field."""
    return json.loads(key.decrypt(ciphertext, binding.associated_data(field)).decode())
