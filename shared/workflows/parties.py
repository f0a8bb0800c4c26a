"""Adds to a record the names of its patient and its doctor.

A record comes with its patient anyway, and the caller, who is nearly always the doctor, with an excerpt of the profile.
The profile of another doctor, or of the other doctors of a page, costs one call more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from shared.lazily import lazily
from shared.records.page import Page
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.records.record import Detailed, patient_of
from shared.store import profile_excerpts
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
        record = transaction(work)
        return Detailed(record, *parties_of(work, [record]))

    return with_names


def named_page(work: UnitOfWork, page: Page[P]) -> Page[Detailed[P, Named]]:
    """The page with the names of each record, which are read in one call."""
    found = parties_of(work, page.items)
    return Page([Detailed(one, names) for one, names in zip(page.items, found, strict=True)], page.next_page_token)


def parties_of(work: UnitOfWork, records: Sequence[OfPatient]) -> list[Named]:
    """The names of each record's patient and doctor."""
    patients = {patient_of(record.id) for record in records}
    doctors = {record.doctor_id for record in records if record.doctor_id}
    work.prefetch(*map(Patient.ref, sorted(patients)), *profile_excerpts.refs(work, doctors))
    by_patient = {id: _patient(work, id) for id in patients}
    by_doctor = {id: profile_excerpts.doctor_name(work, id) for id in doctors}
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
