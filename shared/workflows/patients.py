"""Patients: registered once, found by those who care for them."""

from __future__ import annotations

from shared.records import numbering
from shared.records.patient import Age, MedicalBackground, NewPatient, Patient
from shared.records.people import User
from shared.records.problems import FieldError, Forbidden, Invalid
from shared.records.record import Detailed
from shared.records.types import Role, local_date, new_id
from shared.store.clinic import Clinic
from shared.store.work import Work


def register(clinic: Clinic, new: NewPatient) -> Detailed[Patient, Age]:
    """Register a patient. The owner is the registering doctor, or the doctor that somebody else names."""

    def story(work: Work) -> Detailed[Patient, Age]:
        places = [User.at(new.owner_id)] if new.owner_id else []
        work.fetch(work.settings_place(), numbering.PATIENTS, *places)
        today = local_date(work.now, work.settings().time_zone)
        new.check(today)
        _check_author(work, new)
        patient_id = new_id()
        patient = Patient.register(
            new,
            id=patient_id,
            number=work.next_number(numbering.patients(today), patient_id),
            owner_id=_owner(work, new),
            by=work.user_id,
            at=work.now,
        )
        return Detailed(work.create(patient), patient.age_on(today))

    return clinic.perform("patient.create", story)


def get(clinic: Clinic, patient_id: str) -> Detailed[Patient, Age]:
    """A patient that the caller may see."""

    def story(work: Work) -> Detailed[Patient, Age]:
        work.fetch(Patient.at(patient_id), work.settings_place())
        patient = work.get(Patient.at(patient_id))
        return Detailed(patient, patient.age_on(local_date(work.now, work.settings().time_zone)))

    return clinic.perform("patient.read", story)


def _check_author(work: Work, new: NewPatient) -> None:
    """Raises Forbidden, naming the fields, when somebody writes clinical content who may not see it."""
    if work.user is None or work.user.may(frozenset({Role.DOCTOR, Role.ADMIN})):
        return
    if given := [name for name in MedicalBackground.model_fields if getattr(new, name)]:
        raise Forbidden(errors=[FieldError(f"/{name}", "is written by clinicians") for name in given])


def _owner(work: Work, new: NewPatient) -> str:
    """The doctor who will be responsible. Raises Invalid when none is named or the named one is no doctor."""
    caller_is_doctor = work.user is not None and Role.DOCTOR in work.user.roles
    if new.owner_id is None:
        if caller_is_doctor:
            return work.user_id
        raise Invalid(errors=[FieldError("/owner_id", "name the responsible doctor")])
    owner = work.find(User.at(new.owner_id))
    if owner is None or owner.disabled or Role.DOCTOR not in owner.roles:
        raise Invalid(errors=[FieldError("/owner_id", "not a doctor of this clinic")])
    return owner.id
