"""Merging two records of one person, and undoing it; each is one commit, which nobody sees half done."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.patients import merging
from shared.records.patients.merge import NewMerge, NewUnmerge
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import FieldError, Invalid, NotFound, PreconditionFailed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.handover import hand_over_of_patient
from shared.workflows.patients import obligations
from shared.workflows.patients.access import ShownPatient, get_owned, with_facts
from shared.workflows.scheduling import unassigning

_OTHER, _REVISION = "/patient_id", "/patient_revision"


def merge(clinic: Clinic, patient_id: str, new: NewMerge) -> ShownPatient:
    """Merge another record of the same person into a patient. Nothing of either is copied or sealed anew.

    Raises Blocked, naming coming appointments, when the other record has a death that this one has not.
    """

    def transaction(work: UnitOfWork) -> ShownPatient:
        work.expect(Patient.ref(new.patient_id))
        survivor = get_owned(work, Patient.ref(patient_id))
        other = _other(work, survivor, new.patient_id)
        after, absorbed = merging.merged(survivor, other, work.stamp)
        if other.revision != new.patient_revision:
            raise PreconditionFailed(errors=[FieldError(_REVISION, "the other record was changed: read it again")])
        if after.deceased != survivor.deceased:
            obligations.coming_visits(work, survivor).must_be_cancelled_by([])
        work.save(absorbed)
        return with_facts(work, work.save(after))

    return clinic.perform("patient.merge", transaction)


def unmerge(clinic: Clinic, patient_id: str, new: NewUnmerge) -> ShownPatient:
    """Let a merged record be a patient of its own again, with all that has its id; what was added to the surviving one
    stays there.

    Raises Conflict naming running visits and unsigned reports of a doctor who loses access to one of the two.
    """

    def transaction(work: UnitOfWork) -> ShownPatient:
        work.expect(Patient.ref(new.patient_id))
        survivor = get_owned(work, Patient.ref(patient_id))
        other = _other(work, survivor, new.patient_id)
        merging.must_be_merged(survivor, other)
        remaining = [one for one in work.merged_into(survivor) if one.id != other.id]
        own, separate = merging.unmerged(survivor, other, remaining, work.stamp)
        for record, doctor_id in _losing(survivor, own, separate):
            hand_over_of_patient(work, record, doctor_id, None)
            unassigning.of_patient(work, record, doctor_id)
        work.save(separate)
        return with_facts(work, work.save(own))

    return clinic.perform("patient.unmerge", transaction)


def _other(work: UnitOfWork, survivor: Patient, other_id: str) -> Patient:
    """The other record itself. Raises Invalid for one that the caller does not see, Forbidden without a right to it."""
    try:
        other = work.get_own(Patient.ref(other_id))
    except NotFound:
        raise Invalid(errors=[FieldError(_OTHER, "no such patient")]) from None
    if other.id == survivor.id:
        raise Invalid(errors=[FieldError(_OTHER, "is this record itself")])
    permissions.require(work, Action.SHARE_PATIENT, other)
    return other


def _losing(survivor: Patient, *after: Patient) -> Iterator[tuple[Patient, str]]:
    """Each doctor who loses access when the merge is undone, with the record that they see no more."""
    doctors = (survivor.owner_id, *survivor.shared_with)
    return ((record, doctor_id) for record in after for doctor_id in doctors if not record.seen_by(doctor_id))
