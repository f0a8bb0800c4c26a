"""Adds to a record the names of its patient and its doctor.

A record comes with its patient anyway. The profile of the caller, who is nearly always the doctor, is read in the same
call; that of another doctor, or of the doctors of a page, costs one more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from shared.lazily import lazily
from shared.records.clinic.profile import UserProfile
from shared.records.page import Page
from shared.records.parties import DoctorName, Named
from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.records.record import Detailed, patient_of
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.parties import PatientName
    from shared.records.reports.report import Report
    from shared.records.scheduling.appointment import Appointment
    from shared.records.visits.session import Session

OfPatient: TypeAlias = "Appointment | Bill | Report | Session"
P = TypeVar("P", "Appointment", "Bill", "Report", "Session")


def named(transaction: Callable[[UnitOfWork], P]) -> Callable[[UnitOfWork], Detailed[P, Named]]:
    """The transaction, whose record gets its names."""

    def with_names(work: UnitOfWork) -> Detailed[P, Named]:
        expect(work)
        record = transaction(work)
        return Detailed(record, *parties_of(work, [record]))

    return with_names


def expect(work: UnitOfWork) -> None:
    """Read the caller's profile with the next read."""
    work.expect(UserProfile.ref(work.user_id))


def named_page(work: UnitOfWork, page: Page[P]) -> Page[Detailed[P, Named]]:
    """The page with the names of each record, which are read in one call."""
    found = parties_of(work, page.items)
    return Page([Detailed(one, names) for one, names in zip(page.items, found, strict=True)], page.next_page_token)


def parties_of(work: UnitOfWork, records: Sequence[OfPatient]) -> list[Named]:
    """The names of each record's patient and doctor."""
    patients = {patient_of(record.id) for record in records}
    doctors = {record.doctor_id for record in records if record.doctor_id}
    work.prefetch(*map(Patient.ref, sorted(patients)), *map(UserProfile.ref, sorted(doctors)))
    by_patient = {id: _patient(work, id) for id in patients}
    by_doctor = {id: _doctor(work, id) for id in doctors}
    return [
        Named(
            patient=by_patient[patient_of(record.id)],
            doctor=by_doctor[record.doctor_id] if record.doctor_id else None,
        )
        for record in records
    ]


def _patient(work: UnitOfWork, patient_id: str) -> PatientName | None:
    try:
        return work.name_of(Patient.ref(patient_id))
    except NotFound:
        return None


def _doctor(work: UnitOfWork, user_id: str) -> DoctorName:
    profile = work.get_or_none(UserProfile.ref(user_id))
    return DoctorName(id=user_id, name=profile and profile.full_name)
