"""Who may change a patient: the responsible doctor or an admin, and which doctors can be named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from shared.records.clinic.people import User
from shared.records.patients.patient import Age, Patient, PatientUpdate
from shared.records.problems import FieldError, Forbidden, Invalid
from shared.records.record import Detailed, Ref
from shared.records.types import Role, local_date
from shared.store.unit_of_work import UnitOfWork


def get_owned(work: UnitOfWork, ref: Ref[Patient], *others: Ref[User]) -> Patient:
    """The patient, to be changed by the responsible doctor or an admin; others are fetched along."""
    work.prefetch(ref, work.settings_ref(), *others)
    if work.get(ref).owner_id != work.user_id and not has_role(work, Role.ADMIN):
        raise Forbidden("only the responsible doctor or an admin does this")
    return work.get_for_update(ref)


def has_role(work: UnitOfWork, role: Role) -> bool:
    return work.user is not None and role in work.user.roles


def today_of(work: UnitOfWork) -> date:
    return local_date(work.now, work.settings().time_zone)


def with_age(work: UnitOfWork, patient: Patient) -> Detailed[Patient, Age]:
    return Detailed(patient, patient.age_on(today_of(work)))


def raise_invalid(wrong: Iterable[FieldError]) -> None:
    if errors := [*wrong]:
        raise Invalid(errors=errors)


def require_clinician(wanted: PatientUpdate, *, clinical: bool) -> None:
    """Raises Forbidden, naming the fields, when somebody writes clinical content who may not see it."""
    if not clinical and (named := wanted.clinical_named()):
        raise Forbidden(errors=[FieldError(f"/{name}", "is written by clinicians") for name in named])


def doctor_errors(work: UnitOfWork, user_id: str | None, pointer: str) -> Iterator[FieldError]:
    """Why nobody can be responsible for a patient, or see one, by this id. The commit relies on what was found."""
    if user_id is None:
        yield FieldError(pointer, "name the responsible doctor")
    elif user_id != work.user_id or not has_role(work, Role.DOCTOR):
        doctor = work.get_or_none(User.ref(user_id))
        if doctor is None or not doctor.is_active_doctor:
            yield FieldError(pointer, "not a doctor of this clinic")
        else:
            work.require_unchanged(doctor)
