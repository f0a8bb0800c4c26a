"""Booking, a doctor's week and free times among 100,000 appointments, at the cost of those among 1,000.

The time must depend on the size of the answer alone: a week of 60 visits, and the days of doctor and patient. It is
measured on the embedded Firestore, whose indexes have the same property.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from bench.measure import Comparison, medians
from local.demo.seed import SETTINGS
from shared.records.patients.patient import Patient
from shared.records.patients.update import NewPatient
from shared.records.record import Stamp
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.booked_day import BookedDay, Party, day_id
from shared.records.scheduling.requests import AppointmentList, FreeSlotQuery, NewAppointment
from shared.records.scheduling.wall_clock import local_of
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import opening
from shared.workflows.scheduling import appointments, booking, offers
from tools import google_firestore

SMALL, LARGE = 1_000, 100_000
BOUND = 1.1
"""A hundred times the appointments and the same work; the margin is for noise."""
BATCH = 500
"""Documents per commit."""
DOCTOR, DESK = "bench-doctor", "bench-desk"
ZONE = "Asia/Kolkata"
A_DAY = 12
"""Visits of a doctor: 60 in a week of five days."""
_WEEK = 7


@dataclass(frozen=True)
class Practice:
    """A clinic with many appointments."""

    clinic_id: str
    patient_id: str
    monday: date
    """The first day of the doctor's week."""
    free: Iterator[int] = field(default_factory=itertools.count)
    """Numbers of times that nobody has taken, half an hour apart, from three weeks later on."""

    def clinic(self) -> Clinic:
        """The clinic, opened for its receptionist."""
        caller = Caller(DESK, frozenset(Role), utc_now())
        return Clinic(RequestContext(self.clinic_id, caller, Origin("bench")))


def compare(rounds: int, note: Callable[[str], None]) -> list[Comparison]:
    """The large clinic against the small one. Raises AssertionError unless the week has its 60 visits."""
    clinics = {size: create(size) for size in (SMALL, LARGE)}
    found = []
    for name, act in {"book": book, "a week": week, "free times": free_times}.items():
        cases = {size: partial(_seconds, act, one) for size, one in clinics.items()}
        medians(2, cases)  # opens keys and builds validators
        measured = medians(rounds, cases)
        found.append(Comparison(name, measured[LARGE], measured[SMALL], BOUND))
    for size, one in clinics.items():
        visits = len(week(one))
        note(f"{size:,} appointments: the week has {visits} visits, on one page")
        assert visits == 5 * A_DAY
    return found


def book(one: Practice) -> str:
    """Book a visit at a new time."""
    start = _at(one.monday + timedelta(weeks=3), 0) + timedelta(minutes=30) * next(one.free)
    new = NewAppointment(
        patient_id=one.patient_id, doctor_id=DOCTOR, scheduled_at=start, duration_minutes=30, outside_schedule=True
    )
    return booking.book(one.clinic(), new).record.id


def week(one: Practice) -> list[str]:
    """List the doctor's week."""
    query = AppointmentList(day=one.monday, days=_WEEK, doctor_id=DOCTOR, page_size=100)
    return [each.record.id for each in appointments.listed(one.clinic(), query).items]


def free_times(one: Practice) -> int:
    """List the free times of the doctor's week."""
    query = FreeSlotQuery(doctor_ids=DOCTOR, day=one.monday, days=_WEEK)
    [doctor] = offers.of_doctors(one.clinic(), query).doctors
    return len(doctor.free)


def create(size: int) -> Practice:
    """A new clinic with so many appointments: the doctor's week, and all others in the years before, twelve a day and
    doctor. One is booked; the others are copies of its documents with other plain fields, written in large commits."""
    clinic_id = new_id(12)
    staff = {DOCTOR: ("doctor@clinic.example", [Role.DOCTOR]), DESK: ("desk@clinic.example", [Role.RECEPTIONIST])}
    opening.open_clinic(clinic_id, SETTINGS, staff)
    today = utc_now().date()
    practice = Practice(clinic_id, _patient(clinic_id), today + timedelta(days=28 - today.weekday()))
    template = _template(practice, book(practice))
    of_week = [(DOCTOR, practice.monday + timedelta(days=number)) for number in range(5)]
    before = ((f"doctor-{number % 20}", today - timedelta(days=1 + number // 20)) for number in itertools.count())
    days = itertools.islice(itertools.chain(of_week, before), size // A_DAY)
    documents = itertools.chain.from_iterable(_day(template, doctor, day) for doctor, day in days)
    while batch := list(itertools.islice(documents, BATCH)):
        writes = google_firestore.client().batch()
        for path, document in batch:
            writes.create(_reference(practice, path), document)
        writes.commit()
    return practice


def _patient(clinic_id: str) -> str:
    def transaction(work: UnitOfWork) -> str:
        work.prefetch()
        new = NewPatient.model_validate({"first_name": "Ana", "date_of_birth": "1984-02-29"})
        registered = Patient.register(new, Stamp(DOCTOR, work.now), id=new_id(), number="PAT-20260001", owner_id=DOCTOR)
        return work.create(registered).id

    return system_clinic(clinic_id, "bench").perform("bench.create_practice", transaction)


@dataclass(frozen=True)
class Template:
    """The documents of one booking, none of whose fields is sealed."""

    appointment: dict[str, Any]
    day: dict[str, Any]


def _template(practice: Practice, appointment_id: str) -> Template:
    appointment = _reference(practice, Appointment.path_of(appointment_id)).get().to_dict()
    assert appointment is not None
    assert not appointment["sealed"]
    of_day = day_id(Party.DOCTOR, DOCTOR, appointment["scheduled_at"].date())
    day = _reference(practice, BookedDay.path_of(of_day)).get().to_dict()
    assert day is not None
    return Template(appointment, day)


def _day(template: Template, doctor_id: str, day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents of a doctor's day, and of its appointments."""
    [booking_] = template.day["bookings"]
    bookings = []
    for number in range(A_DAY):
        start, id = _at(day, number), f"{template.appointment['patient_id']}-{new_id(10)}"
        when = {"scheduled_at": start, "local_time": local_of(start, ZONE)}
        yield Appointment.path_of(id), {**template.appointment, "id": id, "doctor_id": doctor_id, **when}
        ends = start + timedelta(minutes=30)
        bookings.append({**booking_, "appointment_id": id, "starts_at": _json(start), "ends_at": _json(ends)})
    booked = day_id(Party.DOCTOR, doctor_id, day)
    yield BookedDay.path_of(booked), {**template.day, "id": booked, "bookings": bookings}


def _reference(practice: Practice, path: str) -> Any:
    return google_firestore.client().document(f"clinics/{practice.clinic_id}/{path}")


def _json(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _at(day: date, number: int) -> datetime:
    """Half an hour of the morning, in Kolkata from 9 on."""
    return datetime(day.year, day.month, day.day, 3, 30, tzinfo=UTC) + timedelta(minutes=30 * number)


def _seconds(act: Callable[[Practice], object], one: Practice) -> float:
    start = time.perf_counter()
    act(one)
    return time.perf_counter() - start
