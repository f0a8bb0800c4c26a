"""Who may change a patient, and which doctors a patient can be entrusted to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.page import Page
from shared.records.patients.merged_record import PatientFacts
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import FieldError
from shared.records.record import Detailed, Ref
from shared.records.types import Role
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.patients.merged_record import MergedRecord
    from shared.records.patients.similar import SimilarPatient
    from shared.workflows import permissions
    from shared.workflows.doctors import active_doctor

ShownPatient = Detailed[Patient, PatientFacts]
"""A patient as answers show one."""


def get_owned(work: UnitOfWork, ref: Ref[Patient], *others: Ref[User]) -> Patient:
    """The patient, to be changed by the responsible doctor or an admin; `others` are prefetched.

    Raises Forbidden for other callers.
    """
    work.prefetch(ref, work.settings_ref(), *others)
    return permissions.get_for_update(work, ref, Action.SHARE_PATIENT)


def with_facts(work: UnitOfWork, patient: Patient, similar: Sequence[SimilarPatient] = ()) -> ShownPatient:
    """The patient with their age today, the records that are merged into theirs, and who may be the same person."""
    [shown] = page_with_facts(work, Page([patient], None)).items
    return Detailed(shown.record, shown.extra.model_copy(update={"warnings": [*similar]}))


def page_with_facts(work: UnitOfWork, page: Page[Patient]) -> Page[ShownPatient]:
    """The page with each patient's age today and merged records; those are read in one call, if there are any."""
    if merged := [patient for patient in page.items if patient.merged_patient_ids]:
        work.prefetch(*(Patient.ref(id) for patient in merged for id in patient.person_ids))
    return Page([Detailed(patient, _facts(work, patient)) for patient in page.items], page.next_page_token)


def _facts(work: UnitOfWork, patient: Patient) -> PatientFacts:
    records = [MergedRecord.of(one, clinical=work.clinical) for one in work.others_of(patient)]
    return PatientFacts(**dict(patient.age_on(work.today())), merged_records=records)


def doctor_errors(work: UnitOfWork, user_id: str | None, pointer: str) -> Iterator[FieldError]:
    """Why this user cannot be responsible for a patient, or see one. The commit fails if the user changes meanwhile."""
    if user_id is None:
        yield FieldError(pointer, "name the responsible doctor")
    elif user_id != work.user_id or not work.has_role(Role.DOCTOR):
        doctor = active_doctor(work, user_id)
        if doctor is None:
            yield FieldError(pointer, "not a doctor of this clinic")
        else:
            work.require_unchanged(doctor)
