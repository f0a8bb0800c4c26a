"""Coming appointments of a doctor who may not see the patient any more, or is no doctor any more.

They go to the doctor who takes the patient over, if that one is free then; otherwise they have no doctor, keep the
patient's time, and wait for the front desk (`GET /appointments?unassigned=true`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.scheduling.coming import ComingAppointments
    from shared.records.scheduling.schedule import DoctorSchedule, rule_for
    from shared.store.pagination import of_person
    from shared.workflows.doctors import active_doctor, doctor_of, ids_of_doctor
    from shared.workflows.scheduling.booked_days import BookedDays

MOST_AT_ONCE = 50
"""Appointments that one commit changes, each with its patient and up to six days."""
_MOST = 10_000
STILL_EXPECTED = timedelta(days=1)
"""A visit can begin so long after its time."""


def of_patient(work: UnitOfWork, patient: Patient, doctor_id: str, successor: str | None = None) -> None:
    """Take the coming appointments of one patient from a doctor. `patient` is as it will be saved in this commit.

    Raises Conflict for more than fit into one commit.
    """
    found = _coming(work, doctor_id, [of_person(patient)], MOST_AT_ONCE + 1)
    _require_few(found)
    _take_away(work, found, doctor_id, successor)


def follow(clinic: Clinic, user_id: str) -> None:
    """Take all coming appointments from a user who is no active doctor; nothing is booked with them meanwhile."""
    while clinic.perform("appointment.unassign", lambda work: _next_of(work, user_id)):
        pass


def count(work: UnitOfWork, doctor_id: str) -> ComingAppointments:
    """How many coming appointments a doctor has."""
    work.keyring()  # the caller is checked before any query
    filters: list[Filter] = [LIVE, ("doctor_id", "==", doctor_id), ("status", "in", sorted(COMING)), _later(work)]
    return ComingAppointments(coming_appointments=queries.count(work.clinic_id, Appointment.collection, filters, _MOST))


def _next_of(work: UnitOfWork, user_id: str) -> bool:
    """Take away as many as fit into one commit; returns whether there may be more."""
    if active_doctor(work, user_id) is not None:
        return False
    found = _coming(work, user_id, [], MOST_AT_ONCE)
    _take_away(work, found, user_id, None)
    return len(found) == MOST_AT_ONCE


def _coming(work: UnitOfWork, doctor_id: str, more: Collection[Filter], limit: int) -> list[str]:
    """The ids of the coming appointments of a doctor, next ones first."""
    work.keyring()  # the caller is checked before any query
    filters = [*more, _later(work)]
    return ids_of_doctor(work, Appointment, doctor_id, COMING, limit=limit, more=filters, order="scheduled_at")


def _later(work: UnitOfWork) -> Filter:
    return "scheduled_at", ">", work.now - STILL_EXPECTED


def _require_few(found: Collection[object]) -> None:
    if len(found) > MOST_AT_ONCE:
        raise Conflict(ConflictCode.TOO_MANY_APPOINTMENTS, f"more than {MOST_AT_ONCE} appointments: cancel some first")


def _take_away(work: UnitOfWork, ids: list[str], doctor_id: str, successor: str | None) -> None:
    if not ids:
        return
    refs = [Appointment.ref(id) for id in ids]
    work.prefetch(*refs, *([DoctorSchedule.ref(successor)] if successor else []))
    days = BookedDays(work)
    for ref in refs:
        appointment = work.get_or_none(ref)
        if appointment is not None and appointment.doctor_id == doctor_id and appointment.is_movable:
            _reassign(work, days, appointment, successor)
    days.write()


def _reassign(work: UnitOfWork, days: BookedDays, appointment: Appointment, successor: str | None) -> None:
    days.release(appointment)
    if successor is not None:
        moved = appointment.assigned(successor, work.stamp)
        schedule = work.get_or_none(DoctorSchedule.ref(successor))
        rule = rule_for(schedule, moved.type)
        if not days.in_the_way(moved, rule):
            days.hold(moved, rule)
            work.save(moved)
            return
    unassigned = appointment.unassigned(work.stamp)
    days.hold(unassigned, rule_for(None, unassigned.type))
    work.save(unassigned)


def without_lost_doctor(work: UnitOfWork, appointment: Appointment) -> Appointment:
    """An appointment that is expected again, without its doctor if that one may not see the patient any more.

    The patient is touched: a withdrawal that has not seen it runs again, and sees it. Raises Conflict for a patient who
    has died.
    """
    patient = work.get(Patient.ref(appointment.patient_id))
    patient.must_be_living()
    work.touch(patient)
    doctor = doctor_of(work, appointment.doctor_id, patient)
    if doctor is not None:
        work.require_unchanged(doctor)
        return appointment
    return appointment.unassigned(work.stamp) if appointment.doctor_id else appointment
