"""Numbers for the front desk: one query reads the plain fields that are counted; no record is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from zlib import crc32

from shared.records.clinic.people import User
from shared.records.page import PageQuery
from shared.records.parties import DoctorName
from shared.records.problems import FieldError, Invalid
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.numbers import (
    MOST_COUNTED,
    Counted,
    Counting,
    Figures,
    Numbers,
    NumbersQuery,
)
from shared.records.scheduling.schedule import DoctorSchedule, WorkingTime
from shared.records.scheduling.types import AppointmentStatus
from shared.records.types import Role
from shared.render import csv
from shared.store import pagination, profile_excerpts, queries
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists
from shared.workflows.documents import PrintedDocument
from shared.workflows.enabled_users import enabled

_TIME, _MARKS = ("scheduled_at", "duration_minutes"), ("checked_in_at", "reminder_sent_at", "confirmed_at")
_FIELDS = ("doctor_id", "status", "offer", *_TIME, *_MARKS)
_MOST_DOCTORS = 100
"""Enabled doctors whose working time is looked at."""


def of_days(clinic: Clinic, query: NumbersQuery) -> Numbers:
    """The figures of some days. Raises Invalid for too many appointments and for an id that is nobody's, Forbidden when
    a doctor asks for another's."""
    return clinic.perform("appointment.count", lambda work: _numbers(work, query))


def as_csv(clinic: Clinic, query: NumbersQuery) -> PrintedDocument:
    """As `of_days`, as a table whose last row is the total."""
    numbers = of_days(clinic, query)
    names = [*Figures.model_fields]
    rows = [
        (one.day.isoformat() if one.day else None, *_person(one.doctor), *(getattr(one, name) for name in names))
        for one in numbers.rows
    ]
    total = ("total", None, None, *(getattr(numbers.total, name) for name in names))
    content = csv.table(["day", "doctor_id", "doctor", *names], [*rows, total])
    return PrintedDocument(content, f"appointments-{numbers.first}-{numbers.last}.csv", crc32(content))


def _person(doctor: DoctorName | None) -> tuple[str | None, str | None]:
    return (doctor.id, doctor.name) if doctor else (None, None)


def _numbers(work: UnitOfWork, query: NumbersQuery) -> Numbers:
    work.expect(work.settings_ref())
    of_doctor = clinic_lists.of_doctor(work, query.doctor_id)
    settings = work.settings()
    first = query.day or work.today()
    on_days = clinic_lists.on_days("scheduled_at", first, query.days, settings.time_zone)
    counted = [*_counted(work, [pagination.LIVE, *of_doctor, *on_days])]
    offering = _offering(work, str(of_doctor[0][2]) if of_doctor else None)
    doctors = sorted({*offering, *(one.doctor_id for one in counted if one.doctor_id)})
    work.prefetch(*profile_excerpts.refs(work, doctors), *map(DoctorSchedule.ref, offering))
    working = {id: WorkingTime(work.get_or_none(DoctorSchedule.ref(id)), settings) for id in offering}
    counting = Counting(first, query.days, settings.time_zone, counted, working)
    return counting.numbers(query.by, {id: profile_excerpts.doctor_name(work, id) for id in doctors})


def _counted(work: UnitOfWork, filters: Iterable[queries.Filter]) -> Iterator[Counted]:
    """What is counted of the appointments. Raises Invalid for too many."""
    found = queries.fields(work.clinic_id, Appointment.collection, [*filters], _FIELDS, MOST_COUNTED + 1)
    if len(found) > MOST_COUNTED:
        detail = f"more than {MOST_COUNTED} appointments: ask for fewer days, or for one doctor"
        raise Invalid(errors=[FieldError("days", detail)])
    return (_of(one) for one in found if one.get("offer") is None)  # nobody has agreed on what is only offered


def _of(document: dict[str, Any]) -> Counted:
    came, reminded, confirmed = (document.get(name) is not None for name in _MARKS)
    visit = Interval.lasting(document["scheduled_at"], document["duration_minutes"])
    status = AppointmentStatus(document["status"])
    return Counted(document["doctor_id"], visit, status, came=came, reminded=reminded, confirmed=confirmed)


def _offering(work: UnitOfWork, doctor_id: str | None) -> list[str]:
    """The enabled doctors who are asked for. Raises Invalid for an id that is nobody's of the staff, now or before."""
    if doctor_id is None:
        return sorted(one.id for one in enabled(work, Role.DOCTOR, PageQuery(page_size=_MOST_DOCTORS)).items)
    doctor = work.get_or_none(User.ref(doctor_id))
    if doctor is None and work.get_or_none(User.ref(doctor_id), live=False) is None:
        raise Invalid(errors=[FieldError("doctor_id", "nobody of this clinic")])
    return [doctor_id] if doctor is not None and doctor.is_active_doctor else []
