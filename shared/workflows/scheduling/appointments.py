"""Appointments: planned visits, booked by the front desk or by a doctor."""

from __future__ import annotations

from shared.records.clinic.people import User
from shared.records.page import Page
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Invalid, raise_if_any
from shared.records.record import Detailed
from shared.records.scheduling.appointment import Appointment, AppointmentList, NewAppointment
from shared.records.types import Role, new_id
from shared.store import pagination
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.queries import Order
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists
from shared.workflows.parties import named, named_page

APPOINTMENT_ID_LENGTH = 10
BY_TIME = Order("scheduled_at", descending=False)
NamedAppointment = Detailed[Appointment, Named]


def book(clinic: Clinic, new: NewAppointment) -> NamedAppointment:
    """Book a visit of a patient to a doctor who may see the patient."""

    def transaction(work: UnitOfWork) -> Appointment:
        patient_ref, doctor_ref = Patient.ref(new.patient_id), User.ref(new.doctor_id)
        work.prefetch(patient_ref, doctor_ref, work.settings_ref())
        patient, doctor = work.get(patient_ref), work.get_or_none(doctor_ref)
        require_clinician(new.clinical_fields(), clinical=work.clinical)
        if doctor is None or not _may_see(doctor, patient):
            not_theirs = FieldError("/doctor_id", "not a doctor of this clinic who may see the patient")
            raise Invalid(errors=[*new.field_errors(work.now), not_theirs])
        raise_if_any(new.field_errors(work.now))
        work.touch(patient)
        work.require_unchanged(doctor)
        appointment_id = f"{patient.id}-{new_id(APPOINTMENT_ID_LENGTH)}"
        return work.create(Appointment.book(new, work.settings(), work.stamp, id=appointment_id, patient_id=patient.id))

    return clinic.perform("appointment.create", named(transaction))


def listed(clinic: Clinic, query: AppointmentList) -> Page[NamedAppointment]:
    """A page of the appointments of a day, or of today and later, in the order of their times."""

    def transaction(work: UnitOfWork) -> Page[NamedAppointment]:
        work.expect(work.settings_ref())
        mine = clinic_lists.of_doctor(work, query.doctor_id)
        zone = work.settings().time_zone
        if query.day:
            times = clinic_lists.on_day("scheduled_at", query.day, zone)
        else:
            times = clinic_lists.from_day("scheduled_at", work.today(), zone)
        return named_page(
            work, pagination.of_clinic(work, Appointment, query, [pagination.LIVE, *mine, *times], BY_TIME)
        )

    return clinic.perform("appointment.list", transaction)


def get(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """An appointment."""
    return clinic.perform("appointment.read", named(lambda work: work.get(Appointment.ref(appointment_id))))


def _may_see(doctor: User, patient: Patient) -> bool:
    """True for an active doctor who may see the patient."""
    return doctor.is_active_doctor and (Role.ADMIN in doctor.roles or patient.seen_by(doctor.id))
