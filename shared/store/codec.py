"""Converts records to documents and back: Encrypted fields are sealed, Plain fields stay readable.

A document holds its plain fields by name, all ciphertexts in the map `sealed`, and search tokens in the array `tokens`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from tink import aead

from shared.records.privacy import fields_of
from shared.records.record import Keyset, R, Record
from shared.vault.cipher import FieldBinding, seal, unseal


def encode(record: Record, key: aead.Aead, clinic_id: str, key_id: str) -> dict[str, Any]:
    """The document of a record. Empty sealed fields are left out."""
    marks = fields_of(type(record))
    binding = FieldBinding(clinic_id, key_id, record.kind, record.record_key)
    values = record.model_dump(mode="json")
    document: dict[str, Any] = {name: _plain(record, name, values[name]) for name in marks.plain}
    document["sealed"] = {
        name: seal(key, binding, name, values[name]) for name in sorted(marks.encrypted) if values[name] is not None
    }
    document["schema"] = record.schema_number
    return document


def decode(model: type[R], document: Mapping[str, Any], key: aead.Aead, clinic_id: str, key_id: str) -> R:
    """The record of a document. Raises tink.TinkError when a ciphertext was altered or moved here."""
    values = {name: document[name] for name in fields_of(model).plain if name in document}
    binding = binding_of(model, document, clinic_id, key_id)
    for name, ciphertext in document["sealed"].items():
        values[name] = unseal(key, binding, name, ciphertext)
    return model.model_validate(values)


def unsealed(
    sealed: Mapping[str, bytes], names: Iterable[str], key: aead.Aead, binding: FieldBinding
) -> dict[str, Any]:
    """Some of the ciphertexts of a document, opened, in JSON form; empty fields have none. Raises as `decode`."""
    return {name: unseal(key, binding, name, sealed[name]) for name in names if name in sealed}


@cache
def fields_of_document(model: type[Record]) -> frozenset[str]:
    """The fields of a document that its record is read from, with the wrapped keysets of a patient; not the search
    tokens, which are most of a patient's document."""
    return frozenset({*fields_of(model).plain, "sealed", "schema", Keyset.CARE.value, Keyset.RETAINED.value})


def decode_plain(model: type[R], document: Mapping[str, Any]) -> R:
    """A record of the plain fields of a document, with the defaults of those that are sealed. It must not be saved."""
    return model.model_validate({name: document[name] for name in fields_of(model).plain if name in document})


def binding_of(model: type[Record], document: Mapping[str, Any], clinic_id: str, key_id: str) -> FieldBinding:
    """The binding of the ciphertexts of a document."""
    return FieldBinding(clinic_id, key_id, model.kind, document["record_key"])


def _plain(record: Record, name: str, dumped: Any) -> Any:
    """Moments are stored as Firestore timestamps, all other values in their JSON form."""
    value = getattr(record, name)
    return value if isinstance(value, datetime) else dumped
