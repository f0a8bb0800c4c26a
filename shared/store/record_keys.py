"""Which key seals which record, and records to documents and back with that key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.records.record import Keyset, R, Record, Ref, patient_of
from shared.store import codec, kept_records
from shared.store.firestore.snapshot import Snapshot
from shared.store.integrity import reading
from shared.store.patient_tokens import tokens_of
from shared.store.reader import patient_keys_path
from shared.vault.keyring import Keyring, PatientKeys

if TYPE_CHECKING:
    from tink.aead import Aead

_KEYS = "PatientKeys"
"""The kind of a patient's key document in security events."""


class RecordKeys:
    """The keys of the records of one unit of work: the clinic's, and each patient's once it was read."""

    def __init__(self, keyring: Keyring, read: Callable[[str], Snapshot]) -> None:
        """`read` returns the document at a path below the clinic."""
        self.keyring = keyring
        self._read = read
        self._patient_keys: dict[str, PatientKeys] = {}
        self._care_keys: dict[str, Aead] = {}
        """Care keys from the copies in patients' documents, by patient id."""

    def encode(self, record: Record, others: Sequence[Patient] = ()) -> dict[str, Any]:
        """The document of a record, with the search tokens of a patient; `others` are merged into the patient."""
        key, key_id = self._key_of(type(record), record.id)
        document = codec.encode(record, key, self.keyring.clinic_id, key_id)
        if isinstance(record, Patient):
            document["tokens"] = tokens_of(self.keyring, record, others)
        return document

    def decode(self, ref: Ref[R], snapshot: Snapshot) -> R:
        """The record of a document. Raises NotFound when its keys were destroyed."""
        if ref.model in kept_records.KEPT:
            return kept_records.opened(self.keyring, snapshot, lambda: self._decode(ref, snapshot))
        return self._decode(ref, snapshot)

    def _decode(self, ref: Ref[R], snapshot: Snapshot) -> R:
        key, key_id = self._key_of(ref.model, ref.id)
        with reading(self.keyring.clinic_id, ref.model.kind, ref.id):
            return codec.decode(ref.model, snapshot.to_dict(), key, self.keyring.clinic_id, key_id)

    def create_patient_keys(self, patient_id: str) -> dict[str, bytes]:
        """New wrapped keysets of a patient, as their document stores them."""
        document = self.keyring.new_patient_keys(patient_id)
        self._patient_keys[patient_id] = self.keyring.patient_keys(patient_id, document)
        return document

    def add_care_key(self, patient_id: str, document: Mapping[str, Any]) -> None:
        """Open the copy of the care key in a patient's document, which saves reading the patient's keys."""
        if patient_id not in self._care_keys:
            with reading(self.keyring.clinic_id, _KEYS, patient_id):
                self._care_keys[patient_id] = self.keyring.patient_key(patient_id, document, Keyset.CARE)

    def _key_of(self, model: type[Record], id: str) -> tuple[Aead, str]:
        """The key that seals a record, and the key's id."""
        if model.keyset == Keyset.CLINIC:
            return self.keyring.aead, "clinic"
        patient = patient_of(id)
        key_id = f"{patient}/{model.keyset.value}"
        if model.keyset == Keyset.CARE and patient in self._care_keys:
            return self._care_keys[patient], key_id
        keys = self._keys_of_patient(patient)
        with reading(self.keyring.clinic_id, _KEYS, patient):
            key = keys.of(model.keyset)
        if key is None:
            raise NotFound
        return key, key_id

    def _keys_of_patient(self, patient_id: str) -> PatientKeys:
        if patient_id not in self._patient_keys:
            snapshot = self._read(patient_keys_path(patient_id))
            if not snapshot.exists:
                raise NotFound
            self._patient_keys[patient_id] = self.keyring.patient_keys(patient_id, snapshot.to_dict())
        return self._patient_keys[patient_id]
