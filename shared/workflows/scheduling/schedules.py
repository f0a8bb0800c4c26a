"""The working hours of doctors."""

from __future__ import annotations

from shared.records.clinic.people import User
from shared.records.problems import Forbidden, NotFound
from shared.records.scheduling.schedule import DoctorSchedule, ScheduleChange
from shared.records.types import Role
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork


def get(clinic: Clinic, doctor_id: str) -> DoctorSchedule:
    """The schedule of a doctor. Raises NotFound for somebody who is no doctor, or has none yet."""

    def transaction(work: UnitOfWork) -> DoctorSchedule:
        return work.get(DoctorSchedule.ref(doctor_id))

    return clinic.perform("schedule.read", transaction)


def put(clinic: Clinic, doctor_id: str, new: ScheduleChange) -> DoctorSchedule:
    """Set the schedule of a doctor; appointments that are booked stay. For the doctor and admins."""

    def transaction(work: UnitOfWork) -> DoctorSchedule:
        ref = DoctorSchedule.ref(doctor_id)
        work.prefetch(User.ref(doctor_id), ref)
        if doctor_id != work.user_id and not work.has_role(Role.ADMIN):
            raise Forbidden("only the doctor or an admin sets working hours")
        doctor = work.get_or_none(User.ref(doctor_id))
        if doctor is None or Role.DOCTOR not in doctor.roles:
            raise NotFound
        before = work.get_or_none_for_update(ref)
        if before is None:
            return work.create(DoctorSchedule.new(doctor_id, work.stamp, **dict(new)))
        return work.save_edit(before, before.edited(work.stamp, **dict(new)))

    return clinic.perform("schedule.update", transaction)
