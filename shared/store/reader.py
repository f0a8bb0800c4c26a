"""Reading documents of one clinic: one BatchGetDocuments call for all that is asked for together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.records.patients.patient import Patient
from shared.records.record import Keyset, Ref, patient_of
from shared.store import database
from shared.store.firestore.snapshot import Snapshot
from shared.store.sequences import is_number, reservation


class Reader:
    """The snapshots that one unit of work has read, by path below the clinic."""

    def __init__(self, clinic_id: str) -> None:
        self._root = f"clinics/{clinic_id}"
        self._snapshots: dict[str, Snapshot] = {}

    def read(self, paths: Iterable[str]) -> None:
        """Read the documents that were not read before."""
        missing = [path for path in dict.fromkeys(paths) if path not in self._snapshots]
        if missing:
            found = database.client().get(map(self.full, missing))
            self._snapshots |= {path: found[self.full(path)] for path in missing}

    def get(self, path: str) -> Snapshot:
        """A document, which is read if it was not before."""
        self.read([path])
        return self.snapshot(path)

    def snapshot(self, path: str) -> Snapshot:
        """A document that was read before."""
        return self._snapshots[path]

    def has(self, path: str) -> bool:
        """True if this document was read before."""
        return path in self._snapshots

    def add(self, path: str, snapshot: Snapshot) -> None:
        """Take a document that a query found."""
        self._snapshots[path] = snapshot

    def fresh(self, path: str) -> Snapshot:
        """A document as it is now, whether or not it was read before."""
        self.forget(path)
        return self.get(path)

    def forget(self, path: str) -> None:
        """Let the next read of a document see it as it is then."""
        self._snapshots.pop(path, None)

    def full(self, path: str) -> str:
        """The path below the database; the empty path is that of the clinic's own document."""
        return f"{self._root}/{path}" if path else self._root


def patient_keys_path(patient_id: str) -> str:
    return f"patient_keys/{patient_id}"


def paths_of(ref: Ref[Any] | str) -> list[str]:
    """The documents to read for a ref or a raw path: a record of a patient needs the patient, who has the keys."""
    if isinstance(ref, str):
        return [ref]
    if is_number(ref):
        return [reservation(ref.id)]
    if ref.model.keyset == Keyset.CLINIC:
        return [ref.path]
    return [ref.path, Patient.path_of(patient_of(ref.id))]


def patient_named_by(ref: Ref[Any] | str) -> str | None:
    """The id of the patient that a read concerns, as the caller named it."""
    if isinstance(ref, str) or ref.model.keyset == Keyset.CLINIC or is_number(ref):
        return None
    return patient_of(ref.id)
