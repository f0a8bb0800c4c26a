"""Access to the records of patients that a unit of work reads: through the patient, or to a single shared report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.lazily import lazily
from shared.records import permissions
from shared.records.patients.patient import Patient
from shared.records.permissions import Relation
from shared.records.problems import NotFound
from shared.records.record import Ref, patient_of, report_of
from shared.records.types import Role
from shared.store.admission import Admission
from shared.store.firestore.snapshot import Snapshot
from shared.store.reader import Reader
from shared.store.touched import Touched

with lazily(globals()):
    from shared.records.reports.report import Report


class Access:
    """Decides from snapshots that were read. The system may see everything."""

    def __init__(self, admission: Admission, reader: Reader, touched: Touched) -> None:
        self._admission = admission
        self._reader = reader
        self._touched = touched
        self.shared_alone: set[str] = set()
        """Ids of the reports that the caller may read without access to their patients."""
        self._beside: set[str] = set()
        """Ids of their sessions, patients and earlier versions, while such a report is printed, checked or cosigned."""
        self._transcribed: set[str] = set()
        """What the ids of the transcripts of these sessions begin with."""
        self.shows_kept = False
        """True in a use case that shows what the clinic keeps of deleted patients (`Record.is_kept`)."""

    def admit(self, patient_id: str, *, live: bool = True) -> None:
        """Raises NotFound unless the caller may see the patient."""
        self._touched.patients.add(patient_id)
        if self._admission.user is not None:
            self._admission.admit(self._patient(patient_id), live=live)

    def admit_each(self, patient_ids: Iterable[str]) -> None:
        """As `admit`, of several patients."""
        for patient_id in patient_ids:
            self.admit(patient_id)

    def sees(self, patient_id: str) -> bool:
        """True if the caller may see a patient who was read, deleted or not. Nothing is noted."""
        patient = self._patient(patient_id)
        return bool(patient.exists) and self._admission.sees(patient)

    def admit_to(self, ref: Ref[Any], snapshot: Snapshot, *, live: bool) -> None:
        """Raises NotFound unless the caller may see the record's patient, or the record alone."""
        try:
            self.admit(patient_of(ref.id), live=live)
        except NotFound:
            if not (self._admits_to_kept(ref, snapshot) or self._is_shared_alone(ref, snapshot)):
                raise

    def is_kept(self, ref: Ref[Any], snapshot: Snapshot) -> bool:
        """True for what is shown of a deleted patient, also for the patient, whom it names."""
        patient = self._patient(patient_of(ref.id))
        is_deleted = patient.exists and not patient.get("live")
        return self.shows_kept and is_deleted and ref.model.is_kept(snapshot.to_dict())

    def admit_beside(self, report: Report) -> None:
        """Let the code read, for a caller who sees a report alone, what the report is printed with and checked against:
        patient and earlier version, and the session with its transcripts."""
        if report.id in self.shared_alone:
            self._beside |= {report.session_id, report.patient_id, report.supersedes or report.id}
            self._transcribed.add(f"{report.session_id}-t")

    def relations_to(self, patient_id: str) -> frozenset[Relation]:
        """The caller's relations to a patient that was read; the system has none."""
        user = self._admission.user
        if user is None:
            return frozenset()
        patient = self._patient(patient_id)
        sharing = patient.get("owner_id"), patient.get("shared_with"), patient.get("writers")
        return permissions.patient_relations(user.id, user.roles, *sharing)

    def _admits_to_kept(self, ref: Ref[Any], snapshot: Snapshot) -> bool:
        """True if the record is kept, and the caller could see its patient before the deletion."""
        patient = self._patient(patient_of(ref.id))
        if not (self.is_kept(ref, snapshot) and self._admission.sees(patient)):
            return False
        self._admission.admit(patient, live=False)
        return True

    def _is_shared_alone(self, ref: Ref[Any], snapshot: Snapshot) -> bool:
        """True for a record that is shared with the caller, and for its other documents, if it was read: those with its
        id, and those whose id begins with it."""
        user, patient = self._admission.user, self._patient(patient_of(ref.id))
        if user is None or Role.DOCTOR not in user.roles or not patient.exists:
            return False
        if not (patient.get("live") or self.is_kept(ref, snapshot)):
            return False
        if snapshot.exists and ref.model.admits(user.id, snapshot.to_dict()):
            self.shared_alone.add(ref.id)
        alone = bool({ref.id, report_of(ref.id)} & (self.shared_alone | self._beside))
        return alone or ref.id.startswith(tuple(self._transcribed))

    def _patient(self, patient_id: str) -> Snapshot:
        return self._reader.snapshot(Patient.path_of(patient_id))
