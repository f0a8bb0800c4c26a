"""Which key seals which record, and records to documents and back with that key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.records.record import Keyset, R, Record, Ref, patient_of
from shared.store import codec, kept_records
from shared.store.firestore.snapshot import Snapshot
from shared.store.integrity import reading
from shared.store.reader import patient_keys_path
from shared.vault.keyring import Keyring

if TYPE_CHECKING:
    from tink.aead import Aead

_MOST_DECODED = 16
"""Records that a unit of work keeps decoded: those of a change, but not those of a list."""
_KEYS = "PatientKeys"
"""The kind of a patient's key document in security events."""


class RecordKeys:
    """The keys of the records of one unit of work: the clinic's, and each patient's, opened when it is first used."""

    def __init__(self, keyring: Keyring, read: Callable[[str], Snapshot]) -> None:
        """`read` returns the document at a path below the clinic."""
        self.keyring = keyring
        self._read = read
        self._created: dict[str, dict[str, bytes]] = {}
        """The wrapped keysets of patients who are being registered, by patient id."""
        self._opened: dict[tuple[str, Keyset], Aead] = {}
        self._decoded: dict[str, tuple[Snapshot, Record]] = {}
        """The records that were decoded last, by path, and the documents that they were decoded from."""

    def encode(self, record: Record) -> dict[str, Any]:
        """The document of a record; that of a patient has wrapped keysets too."""
        key, key_id = self._key_of(type(record), record.id)
        document = codec.encode(record, key, self.keyring.clinic_id, key_id)
        if isinstance(record, Patient):
            document |= self._missing_copies(record.id)
        return document

    def decode(self, ref: Ref[R], snapshot: Snapshot) -> R:
        """The record of a document. Raises NotFound when its keys were destroyed."""
        if ref.model in kept_records.KEPT:
            return kept_records.opened(self.keyring, snapshot, lambda: self._decode(ref, snapshot))
        decoded = self._decoded.get(snapshot.path)
        if decoded is not None and decoded[0] is snapshot and type(decoded[1]) is ref.model:
            return decoded[1]
        record = self._decode(ref, snapshot)
        if len(self._decoded) >= _MOST_DECODED:
            del self._decoded[next(iter(self._decoded))]
        self._decoded[snapshot.path] = (snapshot, record)
        return record

    def _decode(self, ref: Ref[R], snapshot: Snapshot) -> R:
        key, key_id = self._key_of(ref.model, ref.id)
        document = snapshot.some(codec.fields_of_document(ref.model))  # without tokens
        with reading(self.keyring.clinic_id, ref.model.kind, ref.id):
            return codec.decode(ref.model, document, key, self.keyring.clinic_id, key_id)

    def unsealed(self, ref: Ref[Any], snapshot: Snapshot, names: Iterable[str]) -> dict[str, Any]:
        """Some sealed fields of a document, as `codec.unsealed`. Raises NotFound when its keys were destroyed."""
        key, key_id = self._key_of(ref.model, ref.id)
        with reading(self.keyring.clinic_id, ref.model.kind, ref.id):
            document = snapshot.some(["record_key", "sealed"])
            binding = codec.binding_of(ref.model, document, self.keyring.clinic_id, key_id)
            return codec.unsealed(document["sealed"], names, key, binding)

    def create_patient_keys(self, patient_id: str) -> dict[str, bytes]:
        """New wrapped keysets of a patient, as the patient's document and the key document store them."""
        self._created[patient_id] = self.keyring.new_patient_keys(patient_id)
        return self._created[patient_id]

    def _missing_copies(self, patient_id: str) -> dict[str, bytes]:
        """The wrapped keysets that a patient's document lacks: both of who is being registered, the retained one of who
        was registered by an earlier release. Never the care keyset then: who has none was erased.
        """
        if patient_id in self._created:
            return self._created[patient_id]
        if _wrapped(self._read(Patient.path_of(patient_id)), Keyset.RETAINED):
            return {}
        wrapped = _wrapped(self._read(patient_keys_path(patient_id)), Keyset.RETAINED)
        return {Keyset.RETAINED.value: wrapped} if wrapped else {}

    def _key_of(self, model: type[Record], id: str) -> tuple[Aead, str]:
        """The key that seals a record, and the key's id."""
        if model.keyset == Keyset.CLINIC:
            return self.keyring.aead, "clinic"
        patient = patient_of(id)
        if (patient, model.keyset) not in self._opened:
            document = self._document_with(patient, model.keyset)
            with reading(self.keyring.clinic_id, _KEYS, patient):
                self._opened[patient, model.keyset] = self.keyring.patient_key(patient, document, model.keyset)
        return self._opened[patient, model.keyset], f"{patient}/{model.keyset.value}"

    def _document_with(self, patient_id: str, keyset: Keyset) -> Mapping[str, Any]:
        """The document with a patient's wrapped keyset: the patient's own, which is read with every record of theirs;
        the key document of who is erased, or was registered by an earlier release.

        Raises NotFound when there is none, or the care keyset was destroyed.
        """
        if patient_id in self._created:
            return self._created[patient_id]
        patient = self._read(Patient.path_of(patient_id))
        if wrapped := _wrapped(patient, keyset):
            return {keyset.value: wrapped}
        keys = self._read(patient_keys_path(patient_id))
        if not keys.exists or (keyset == Keyset.CARE and not _wrapped(keys, keyset)):
            raise NotFound
        return keys.to_dict()


def _wrapped(document: Snapshot, keyset: Keyset) -> bytes | None:
    """The wrapped keyset in a document, if it has one."""
    return document.get(keyset.value) if document.has(keyset.value) else None
