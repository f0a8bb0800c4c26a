"""Who may change a patient, and which doctors a patient can be entrusted to."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.clinic.people import User
from shared.records.page import Page
from shared.records.patients.age import Age
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import FieldError
from shared.records.record import Detailed, Ref
from shared.records.types import Role
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.doctors import active_doctor


def get_owned(work: UnitOfWork, ref: Ref[Patient], *others: Ref[User]) -> Patient:
    """The patient, to be changed by the responsible doctor or an admin; `others` are prefetched.

    Raises Forbidden for other callers.
    """
    work.prefetch(ref, work.settings_ref(), *others)
    return permissions.get_for_update(work, ref, Action.SHARE_PATIENT)


def with_age(work: UnitOfWork, patient: Patient) -> Detailed[Patient, Age]:
    """The patient with their age today."""
    return Detailed(patient, patient.age_on(work.today()))


def page_with_ages(work: UnitOfWork, page: Page[Patient]) -> Page[Detailed[Patient, Age]]:
    """The page with each patient's age today."""
    today = work.today()
    return Page([Detailed(patient, patient.age_on(today)) for patient in page.items], page.next_page_token)


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
