"""Reading the records of one person of whom some are merged into another: whoever reads one reads all.

A patient's document names the records that are merged into it, and each of those the one that it is merged into. A
patient who was never merged costs no read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shared.lazily import lazily
from shared.records.patients.patient import Patient
from shared.records.permissions import Relation
from shared.records.problems import NotFound
from shared.records.record import R, Ref, patient_of
from shared.store.context import RequestContext
from shared.store.firestore.snapshot import Snapshot
from shared.store.reader import patient_named_by
from shared.store.record_reader import RecordReader

with lazily(globals()):
    from shared.records.parties import PatientName
    from shared.records.reports.report import Report


class Torn(Exception):
    """The records of a person were merged, or a merge was undone, between two reads: the transaction runs again."""


class PersonReader(RecordReader):
    """Answers for a record that is merged into another one with that other one, which stands for the person."""

    def __init__(self, context: RequestContext) -> None:
        super().__init__(context)
        self._prefetched: set[Ref[Any] | str] = set()

    def prefetch(self, *refs: Ref[Any] | str) -> None:
        """As of any reader; the other records of a person come with any of them, which costs a further call."""
        new = [each for each in refs if each not in self._prefetched]
        if not new and self._record_keys is not None:
            return
        super().prefetch(*new)
        self._read_others({patient for each in new if (patient := patient_named_by(each))})
        self._prefetched.update(new)

    def forget(self, ref: Ref[Any]) -> None:
        super().forget(ref)
        self._prefetched.discard(ref)

    def get_or_none(self, ref: Ref[R], *, live: bool = True) -> R | None:
        """As of any reader. Of a patient whose record is merged into another one, it is that other one."""
        found = self._found(ref, live=live)
        return None if found is None else self._record_of(*found)

    def name_of(self, ref: Ref[Patient]) -> PatientName:
        """Who a patient is; nothing else of the record is opened. Raises NotFound as `get`."""
        found = self._found(ref, live=True)
        if found is None:
            raise NotFound
        ref, snapshot = found
        self._touched.add_read(ref.model, ref.path)
        sealed = self._keys().unsealed(ref, snapshot, PatientName.sealed)
        return PatientName.of_fields(ref.id, snapshot.get("number"), snapshot.get("live"), sealed)

    def _found(self, ref: Ref[R], *, live: bool) -> tuple[Ref[R], Snapshot] | None:
        """The document of a record, or of the one that stands for it; None and errors as of `get_or_none`."""
        ref = self._resolve_number(ref)
        snapshot = self._admitted_snapshot(ref, live=live)
        if snapshot is None:
            return None
        return self._survivor(ref, snapshot) if ref.model is Patient else (ref, snapshot)

    def get_own(self, ref: Ref[Patient]) -> Patient:
        """The record of a patient itself, also while it is merged into another one. Raises NotFound as `get`."""
        patient = super().get_or_none(ref)
        if patient is None:
            raise NotFound
        return patient

    def merged_into(self, patient: Patient) -> list[Patient]:
        """The records that are merged into a patient who was read, in the order of their merges."""
        refs = [Patient.ref(id) for id in patient.merged_patient_ids]
        self._read_documents(patient.merged_patient_ids)
        if any(self._merged_into(ref.id) != patient.id for ref in refs):
            raise Torn
        self._touched.patients |= {ref.id for ref in refs}
        return [self._record_of(ref, self._reader.snapshot(ref.path)) for ref in refs]

    def identified(self, snapshot: Snapshot) -> list[Patient]:
        """The records of the person that a query found, of whom the answer says who it is, and nothing clinical.

        So what the caller may see of the other patients of the answer stays.
        """
        clinical = self._admission.clinical
        try:
            patient = self.from_snapshot(Patient, snapshot)
            records = [patient, *self.merged_into(patient)]
        finally:
            self._admission.clinical = clinical
        self._touched.identified |= {record.id for record in records}
        return records

    def admit_beside(self, report: Report) -> None:
        """Let a caller who sees a report alone read what it is printed with and checked against."""
        self._access.admit_beside(report)

    def relations_to(self, record_id: str) -> frozenset[Relation]:
        """The caller's relations to the patient of a record that was read; the system has none."""
        return self._access.relations_to(patient_of(record_id))

    def person_ids(self, patient_id: str) -> tuple[str, ...]:
        """The ids of all records of the person of a patient; the one that stands for the person comes first."""
        self.prefetch(Patient.ref(patient_id))
        survivor = self._merged_into(patient_id) or patient_id
        self._read_documents([survivor])
        return (survivor, *self._merged_ids(survivor))

    def _survivor(self, ref: Ref[R], snapshot: Snapshot) -> tuple[Ref[R], Snapshot]:
        """The record that stands for the person. Who is admitted to the one is to the other: they have one access."""
        survivor = self._merged_into(ref.id)
        if survivor is None:
            return ref, snapshot
        self._read_documents([survivor])
        if ref.id not in self._merged_ids(survivor):
            raise Torn
        self._touched.patients.add(survivor)
        other = Ref(ref.model, survivor)
        return other, self._reader.snapshot(other.path)

    def _read_others(self, patient_ids: set[str]) -> None:
        """Read the other records of the persons whom the caller may see: those of others must not take longer."""
        seen = [id for id in patient_ids if self._access.sees(id)]
        while missing := [id for id in dict.fromkeys(self._further(seen)) if not self._reader.has(_path(id))]:
            self._read_documents(missing)

    def _further(self, patient_ids: Iterable[str]) -> Iterator[str]:
        """The other records of these persons, as far as documents that were read name them."""
        for id in patient_ids:
            survivor = self._merged_into(id) or id
            yield survivor
            if self._reader.has(_path(survivor)):
                yield from self._merged_ids(survivor)

    def _read_documents(self, patient_ids: Iterable[str]) -> None:
        """Read patients in one call."""
        self._reader.read(map(_path, patient_ids))

    def _merged_into(self, patient_id: str) -> str | None:
        """The id of the record that this one is merged into."""
        merge = self._field(patient_id, "merge")
        return merge["into"] if merge else None

    def _merged_ids(self, patient_id: str) -> list[str]:
        return self._field(patient_id, "merged_patient_ids") or []

    def _field(self, patient_id: str, name: str) -> Any:
        """A plain field of the document of a patient that was read; None without one."""
        return self._reader.snapshot(_path(patient_id)).some([name]).get(name)


def _path(patient_id: str) -> str:
    return Patient.path_of(patient_id)
