"""/api/v1/patients"""

from __future__ import annotations

from shared.records.appointment import Appointment
from shared.records.bill import Bill
from shared.records.page import Page, PageQuery
from shared.records.patient import Age, NewPatient, Patient
from shared.records.record import Detailed
from shared.records.report import Report
from shared.records.search import PatientSearch
from shared.records.session import Session
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, FRONT_DESK
from shared.workflows import histories, patient_search, patients

api = Api("patients")


@api.post("/", roles=FRONT_DESK, status=201)
def register(clinic: Clinic, new: NewPatient) -> Detailed[Patient, Age]:
    """Register a patient and make them findable."""
    return patients.register(clinic, new)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> Detailed[Patient, Age]:  # noqa: A002 - it is one
    """Get a patient, by id or by number."""
    return patients.get(clinic, id)


@api.post("/search", roles=FRONT_DESK, once=False)
def search(clinic: Clinic, wanted: PatientSearch) -> Page[Detailed[Patient, Age]]:
    """Find patients by what the caller remembers: a name or the beginning of one, a telephone number, a date of birth …

    Best matches first: exact ones, then those whose words begin so, then names that sound so. What is typed goes in the
    body, and is neither kept nor logged.
    """
    return patient_search.find(clinic, wanted)


@api.get("/{id}/sessions", roles=CLINICIANS)
def sessions(clinic: Clinic, id: str, wanted: PageQuery) -> Page[Session]:  # noqa: A002 - it is one
    """List a patient's sessions, newest first."""
    return histories.of_patient(clinic, Session, id, wanted)


@api.get("/{id}/appointments", roles=FRONT_DESK)
def appointments(clinic: Clinic, id: str, wanted: PageQuery) -> Page[Appointment]:  # noqa: A002 - it is one
    """List a patient's appointments, the one booked last first."""
    return histories.of_patient(clinic, Appointment, id, wanted)


@api.get("/{id}/bills", roles=FRONT_DESK)
def bills(clinic: Clinic, id: str, wanted: PageQuery) -> Page[Bill]:  # noqa: A002 - it is one
    """List a patient's bills, newest first."""
    return histories.of_patient(clinic, Bill, id, wanted)


@api.get("/{id}/reports", roles=CLINICIANS)
def reports(clinic: Clinic, id: str, wanted: PageQuery) -> Page[Report]:  # noqa: A002 - it is one
    """List a patient's reports, newest first; what a report says is read with the report itself."""
    return histories.of_patient(clinic, Report, id, wanted)


main = api.function()
