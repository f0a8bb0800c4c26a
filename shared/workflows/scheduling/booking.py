"""Booking: a new appointment, one like the last, and the move of one to another time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Forbidden, NotFound, raise_if_any
from shared.records.record import Detailed, Ref, patient_of
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.schedule import LONGEST_BUFFER, DoctorSchedule
from shared.records.scheduling.types import LONGEST
from shared.records.types import Role, new_id
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.parties import named

with lazily(globals()):
    from shared.records.scheduling.booked_day import Party
    from shared.records.scheduling.interval import Interval
    from shared.records.scheduling.requests import AgreedTime, NewAppointment, NewTime, Reschedule
    from shared.records.scheduling.schedule import WorkingTime, rule_for
    from shared.records.scheduling.slot_taken import OutsideSchedule, SlotTaken, Taken
    from shared.workflows.doctors import doctor_of
    from shared.workflows.scheduling import booked_days, offers
    from shared.workflows.scheduling.booked_days import BookedDays

APPOINTMENT_ID_LENGTH = 10
NO_DOCTOR = FieldError("/doctor_id", "not a doctor of this clinic who may see the patient")
NamedAppointment = Detailed[Appointment, Named]


def book(clinic: Clinic, new: NewAppointment) -> NamedAppointment:
    """Book a visit of a patient to a doctor who may see the patient.

    Raises SlotTaken when doctor, patient or room have another appointment then, and OutsideSchedule when the doctor
    does not work then.
    """

    def transaction(work: UnitOfWork) -> Appointment:
        patient_ref = Patient.ref(new.patient_id)
        _prefetch(work, new, new.patient_id, new.doctor_id, new.room_id, patient_ref)
        patient = work.get(patient_ref)
        require_clinician(new.clinical_fields(), clinical=work.clinical)
        settings = work.settings()
        zone_errors = new.time_errors(work.now, settings.time_zone)
        raise_if_any([*zone_errors, *new.room_errors(settings), *doctor_errors(work, new.doctor_id, patient.id)])
        schedule = work.get_or_none(DoctorSchedule.ref(new.doctor_id))
        appointment = new.booked(
            settings,
            work.stamp,
            id=id_for(patient.id),
            patient_id=patient.id,
            usual_minutes=rule_for(schedule, new.type).duration_minutes,
        )
        return work.create(place(work, BookedDays(work), appointment, new))

    return clinic.perform("appointment.create", named(transaction))


def book_again(clinic: Clinic, appointment_id: str, new: NewTime) -> NamedAppointment:
    """Book another visit like an appointment, whatever became of it: the same type, reason and price at a new time.

    Raises as `book`.
    """

    def transaction(work: UnitOfWork) -> Appointment:
        last = _read_with_days(work, appointment_id, new)
        following = _following(work, last, new)
        return work.create(place(work, BookedDays(work), following, new))

    return clinic.perform("appointment.book_again", named(transaction))


def reschedule(clinic: Clinic, appointment_id: str, move: Reschedule) -> NamedAppointment:
    """Move an appointment: the new one is booked, and the old one gives way, in one commit.

    Raises Conflict for an appointment that is over or has a session, and otherwise as `book`; the old one then stays.
    """

    def transaction(work: UnitOfWork) -> Appointment:
        before = _read_with_days(work, appointment_id, move)
        work.require_seen(before)
        before.must_be_movable()
        of_series = {"series_id": before.series_id, "series_date": before.series_date}
        following = _following(work, before, move, **before.replacement_fields, **of_series)
        days = BookedDays(work)
        days.release(before)
        placed = place(work, days, following, move)
        work.save(before.rescheduled(placed.id, move.reason, work.stamp))
        return work.create(placed)

    return clinic.perform("appointment.reschedule", named(transaction))


def place(work: UnitOfWork, days: BookedDays, appointment: Appointment, time: AgreedTime) -> Appointment:
    """Hold the time of an appointment, and return it as it is to be stored.

    Raises SlotTaken or OutsideSchedule, with free times close by, and Forbidden if no admin overrides it.
    """
    if time.override_reason is not None and not work.has_role(Role.ADMIN):
        raise Forbidden("only an admin books beside another appointment")
    schedule = work.get_or_none(DoctorSchedule.ref(appointment.doctor_id)) if appointment.doctor_id else None
    rule = rule_for(schedule, appointment.type)
    working = WorkingTime(schedule, work.settings())
    in_the_way = days.in_the_way(appointment, rule)
    if in_the_way and time.override_reason is None:
        taken = [
            Taken(party, one.starts_at, one.ends_at, shown_id(work, one.appointment_id))
            for party, bookings in in_the_way.items()
            for one in bookings[:_MOST_NAMED]
        ]
        raise SlotTaken(taken, offers.near(work, days, appointment, working, rule))
    refusal = None if time.outside_schedule else working.refusal(appointment.visit)
    if refusal:
        raise OutsideSchedule(refusal, offers.near(work, days, appointment, working, rule))
    days.hold(appointment, rule)
    days.write()
    if not in_the_way:
        return appointment
    return appointment.amended(override_reason=time.override_reason, overridden_by=work.user_id)


_MOST_NAMED = 3
"""Appointments of one party that a refusal names."""
_COPIED = (
    "type",
    "priority",
    "reason_for_visit",
    "preparation_instructions",
    "confirmation_required",
    "room_id",
    "location",
    "estimated_cost",
    "copay_amount",
    "insurance_verified",
    "duration_minutes",
    "patient_id",
)
"""Fields that the next appointment takes from the last."""


def _following(work: UnitOfWork, last: Appointment, new: NewTime, **more: Any) -> Appointment:
    """The appointment that follows one, at a new time. A move takes complaint and notes along."""
    doctor_id = new.doctor_id or last.doctor_id or ""
    raise_if_any([*new.time_errors(work.now, last.time_zone), *doctor_errors(work, doctor_id, last.patient_id)])
    changed = {"doctor_id": doctor_id, **new.fields(last.time_zone)}
    if new.duration_minutes:
        changed["duration_minutes"] = new.duration_minutes
    return successor(work, last, **changed, **more)


def successor(work: UnitOfWork, last: Appointment, **changed: Any) -> Appointment:
    """A new appointment like the last one. One that replaces it (`rescheduled_from`) has its complaint and notes."""
    clinical = ("chief_complaint", "notes") if "rescheduled_from" in changed else ()
    kept = {name: getattr(last, name) for name in (*_COPIED, *clinical)}
    currency = work.settings().currency
    return Appointment.new(id_for(last.patient_id), work.stamp, **{**kept, "currency": currency, **changed})


def id_for(patient_id: str) -> str:
    """A new id of an appointment, or of a series of them."""
    return f"{patient_id}-{new_id(APPOINTMENT_ID_LENGTH)}"


def _read_with_days(work: UnitOfWork, appointment_id: str, new: NewTime) -> Appointment:
    """An appointment, read with what its successor needs; the doctor who stays is not known before."""
    ref = Appointment.ref(appointment_id)
    _prefetch(work, new, patient_of(appointment_id), new.doctor_id, None, ref)
    last = work.get(ref)
    _prefetch(work, new, last.patient_id, new.doctor_id or last.doctor_id, last.room_id)
    return last


def _prefetch(
    work: UnitOfWork, time: AgreedTime, patient_id: str, doctor_id: str | None, room_id: str | None, *refs: Ref[Any]
) -> None:
    """Read in one call what booking at a time needs."""
    named = {Party.DOCTOR: doctor_id, Party.PATIENT: patient_id, Party.ROOM: room_id}
    parties = {party: id for party, id in named.items() if id}
    of_doctor = (User, UserProfile, DoctorSchedule)
    doctor: list[Ref[Any]] = [model.ref(doctor_id) for model in of_doctor] if doctor_id else []
    work.prefetch(*refs, work.settings_ref(), *doctor, *booked_days.refs(parties, _days_of(time)))


def _days_of(time: AgreedTime) -> list[date]:
    """The days, in UTC, that an appointment at this time can touch, with its buffers."""
    if time.scheduled_at is not None:
        longest = Interval.lasting(time.scheduled_at, getattr(time, "duration_minutes", None) or LONGEST)
        return [*longest.widened(LONGEST_BUFFER, LONGEST_BUFFER).days]
    if time.local_time is None:
        return []
    day = datetime.fromisoformat(time.local_time).replace(tzinfo=UTC).date()
    return [day + timedelta(days=offset) for offset in (-1, 0, 1)]


def doctor_errors(work: UnitOfWork, doctor_id: str, patient_id: str) -> Iterable[FieldError]:
    """Whether a user is an active doctor who may see the patient, and stays one until the commit.

    The patient is touched: a withdrawal, or a death, that has not seen the appointment runs again, and sees it. Raises
    Conflict for a patient who has died.
    """
    patient = work.get(Patient.ref(patient_id))
    doctor = doctor_of(work, doctor_id, patient)
    if doctor is None:
        yield NO_DOCTOR
        return
    patient.must_be_living()
    work.require_unchanged(doctor)
    work.touch(patient)


def shown_id(work: UnitOfWork, appointment_id: str) -> str | None:
    """The id of an appointment, if the caller may see the appointment."""
    with suppress(NotFound):
        return work.get(Appointment.ref(appointment_id)).id
    return None
