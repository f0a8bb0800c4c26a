"""Free times: those close to a time that is taken, and those of some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from shared.records.clinic.people import User
from shared.records.page import PageQuery
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Invalid, NotFound
from shared.records.record import Ref, Value
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.booked_day import Party
from shared.records.scheduling.free_slots import Agenda, Wanted, nearest
from shared.records.scheduling.requests import FreeSlotQuery
from shared.records.scheduling.schedule import DoctorSchedule, VisitRule, WorkingTime, rule_for
from shared.records.scheduling.slot_taken import OFFERED, FreeSlot
from shared.records.scheduling.types import MOST_DAYS_AHEAD
from shared.records.scheduling.wall_clock import LocalTime, local_of
from shared.records.types import Id, Moment, Role, Zone, local_date
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.doctors import active_doctor
from shared.workflows.enabled_users import enabled
from shared.workflows.scheduling.booked_days import BookedDays, parties_of

_ANY = 10
"""Doctors whose free times are looked for if none is named."""
DAYS_BEFORE, DAYS_AFTER = 2, 7
"""Days around a refused appointment in which free times are looked for."""


class FreeTime(Value):
    """A time at which an appointment can be booked."""

    scheduled_at: Moment
    ends_at: Moment
    local_time: LocalTime
    """The start on the wall, in the doctor's time zone."""


class DoctorsFreeTimes(Value):
    """The free times of a doctor."""

    doctor_id: Id
    time_zone: Zone
    duration_minutes: int
    hours_known: bool
    """False if neither doctor nor clinic has said when they work: then all day counts as free."""
    free: list[FreeTime]
    more: bool
    """True if there are more than `limit`."""


class FreeTimes(Value):
    """The free times of doctors."""

    doctors: list[DoctorsFreeTimes]


def near(
    work: UnitOfWork, booked: BookedDays, appointment: Appointment, working: WorkingTime, rule: VisitRule
) -> list[FreeSlot]:
    """The free times closest to that of an appointment, at most three, beside what this change holds and frees."""
    middle = local_date(appointment.scheduled_at, working.zone)
    days = [middle + timedelta(days=offset) for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    wanted = _wanted(work, rule, appointment.duration_minutes)
    agenda = Agenda(working, booked.bookings(parties_of(appointment), _in_any_zone(days), appointment.id))
    starts = nearest(agenda.starts(wanted, days), appointment.scheduled_at, OFFERED)
    return [FreeSlot(start, local_of(start, appointment.time_zone)) for start in starts]


def of_doctors(clinic: Clinic, query: FreeSlotQuery) -> FreeTimes:
    """The free times of doctors on some days, for a visit of this type. Raises Invalid for an id that is no doctor."""

    def transaction(work: UnitOfWork) -> FreeTimes:
        ids = query.doctors or [doctor.id for doctor in enabled(work, Role.DOCTOR, PageQuery(page_size=_ANY)).items]
        work.prefetch(work.settings_ref(), *map(User.ref, ids), *map(DoctorSchedule.ref, ids))
        unknown = [id for id in ids if active_doctor(work, id) is None]
        if unknown:
            raise Invalid(errors=[FieldError("doctor_ids", f"{id} is not a doctor of this clinic") for id in unknown])
        _require_seen(work, query)
        return FreeTimes(doctors=[_of_doctor(work, id, query) for id in ids])

    return clinic.perform("appointment.free_slots", transaction)


def _of_doctor(work: UnitOfWork, doctor_id: str, query: FreeSlotQuery) -> DoctorsFreeTimes:
    schedule = work.get_or_none(DoctorSchedule.ref(doctor_id))
    working, rule = WorkingTime(schedule, work.settings()), rule_for(schedule, query.type)
    first = query.day or local_date(work.now, working.zone)
    days = [first + timedelta(days=number) for number in range(query.days)]
    minutes = query.duration_minutes or rule.duration_minutes
    wanted = _wanted(work, rule, minutes, lead_minutes=rule.lead_minutes)
    parties = {Party.DOCTOR: doctor_id}
    parties |= {Party.PATIENT: query.patient_id} if query.patient_id else {}
    parties |= {Party.ROOM: query.room_id} if query.room_id else {}
    agenda = Agenda(working, BookedDays(work).bookings(parties, _in_any_zone(days), query.instead_of or ""))
    free: list[FreeTime] = []
    for start in agenda.starts(wanted, days):
        if len(free) > query.limit:
            break
        ends_at = start + timedelta(minutes=minutes)
        free.append(FreeTime(scheduled_at=start, ends_at=ends_at, local_time=local_of(start, working.zone)))
    return DoctorsFreeTimes(
        doctor_id=doctor_id,
        time_zone=working.zone,
        duration_minutes=minutes,
        hours_known=working.hours_known,
        free=free[: query.limit],
        more=len(free) > query.limit,
    )


def _wanted(work: UnitOfWork, rule: VisitRule, minutes: int, lead_minutes: int = 0) -> Wanted:
    """An appointment that starts when one can be booked."""
    return Wanted(
        minutes,
        rule.buffer_before_minutes,
        rule.buffer_after_minutes,
        not_before=work.now + timedelta(minutes=max(lead_minutes, 1)),
        not_after=work.now + timedelta(days=MOST_DAYS_AHEAD),
    )


def _in_any_zone(days: Sequence[date]) -> list[date]:
    """The days in UTC of local days of any time zone."""
    return [days[0] - timedelta(days=1), *days, days[-1] + timedelta(days=1)]


def _require_seen(work: UnitOfWork, query: FreeSlotQuery) -> None:
    """Raises Invalid for a patient or an appointment that the caller may not see."""
    named: dict[str, Ref[Any]] = {}
    if query.patient_id:
        named["patient_id"] = Patient.ref(query.patient_id)
    if query.instead_of:
        named["instead_of"] = Appointment.ref(query.instead_of)
    for name, ref in named.items():
        try:
            work.get(ref)
        except NotFound:
            raise Invalid(errors=[FieldError(name, "not found")]) from None
