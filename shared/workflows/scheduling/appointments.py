"""Appointments: visits that are planned, by the front desk or by a doctor."""

from __future__ import annotations

from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Forbidden, Invalid
from shared.records.scheduling.appointment import Appointment, NewAppointment
from shared.records.types import Role, new_id
from shared.store.clinic import Clinic
from shared.store.work import Work

APPOINTMENT_ID_LENGTH = 10


def book(clinic: Clinic, new: NewAppointment) -> Appointment:
    """Plan a visit of a patient to a doctor who may see the patient."""

    def story(work: Work) -> Appointment:
        patient_place, doctor_place = Patient.at(new.patient_id), User.at(new.doctor_id)
        work.fetch(patient_place, doctor_place, work.settings_place())
        patient, doctor = work.get(patient_place), work.find(doctor_place)
        _check_author(work, new)
        if doctor is None or not _may_see(doctor, patient):
            not_theirs = FieldError("/doctor_id", "not a doctor of this clinic who may see the patient")
            raise Invalid(errors=[*new.faults(work.now), not_theirs])
        if faults := new.faults(work.now):
            raise Invalid(errors=faults)
        work.guard(patient)
        work.guard(doctor)
        appointment_id = f"{patient.id}-{new_id(APPOINTMENT_ID_LENGTH)}"
        return work.create(
            Appointment.book(
                new, work.settings(), id=appointment_id, patient_id=patient.id, by=work.user_id, at=work.now
            )
        )

    return clinic.perform("appointment.create", story)


def get(clinic: Clinic, appointment_id: str) -> Appointment:
    """An appointment."""
    return clinic.perform("appointment.read", lambda work: work.get(Appointment.at(appointment_id)))


def _check_author(work: Work, new: NewAppointment) -> None:
    """Raises Forbidden, naming the fields, when somebody writes clinical content of a patient who may not see it."""
    if not work.clinical and (given := new.clinical_fields()):
        raise Forbidden(errors=[FieldError(f"/{name}", "is written by clinicians") for name in given])


def _may_see(doctor: User, patient: Patient) -> bool:
    """Whether this is a doctor at work who may see the patient."""
    return doctor.practises and (Role.ADMIN in doctor.roles or patient.seen_by(doctor.id))
