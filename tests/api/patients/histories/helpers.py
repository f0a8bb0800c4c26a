"""The lists of a patient's sessions, appointments, bills and reports, and a patient who has some of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.records.billing import drafting
from shared.records.billing.bill import Bill
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.reports.report import Report
from shared.records.scheduling.appointment import Appointment
from shared.records.types import Role
from shared.records.visits.session import Session
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.web.operations import CLINICIANS, FRONT_DESK
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import plant_report
from tests.support.free_times import free_time

RECORDS_PER_KIND = 5
COMPLAINT = "Cannot sleep since March"


@dataclass(frozen=True)
class Kind:
    """One list in a patient's history."""

    name: str
    model: type[Record]
    plant: Callable[[TestClinic, str], str]
    """Creates a record of a patient; returns the record's id."""
    roles: frozenset[Role]

    def path(self, patient: str, query: str = "") -> str:
        return f"/patients/{patient}/{self.name}{query}"


def plant_session(clinic: TestClinic, patient: str) -> str:
    new = {"patient_id": patient, "chief_complaint": COMPLAINT}
    return str(clinic.start(new).ok(201).body["id"])


def plant_appointment(clinic: TestClinic, patient: str) -> str:
    new = {
        "patient_id": patient,
        "doctor_id": clinic.doctor.user_id,
        "scheduled_at": free_time(),
        "outside_schedule": True,
        "duration_minutes": 30,
        "chief_complaint": COMPLAINT,
    }
    return str(clinic.doctor.post("/appointments", new).ok(201).body["id"])


def plant_bill(clinic: TestClinic, patient: str) -> str:
    session = plant_session(clinic, patient)

    def transaction(work: UnitOfWork) -> str:
        work.prefetch(Session.ref(session), work.settings_ref())
        visit = work.get(Session.ref(session))
        return work.create(
            drafting.of_session(visit, work.get(Patient.ref(patient)), work.settings(), Stamp(SYSTEM, work.now))
        ).id

    return system_clinic(clinic.id, "planted").perform("bill.create", transaction)


def plant_session_report(clinic: TestClinic, patient: str) -> str:
    return plant_report(clinic, plant_session(clinic, patient))


KINDS = [
    Kind("sessions", Session, plant_session, CLINICIANS),
    Kind("appointments", Appointment, plant_appointment, FRONT_DESK),
    Kind("bills", Bill, plant_bill, FRONT_DESK),
    Kind("reports", Report, plant_session_report, CLINICIANS),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
FRONT_DESK_KINDS = [kind for kind in KINDS if Role.RECEPTIONIST in kind.roles]
front_desk_kinds = pytest.mark.parametrize("kind", FRONT_DESK_KINDS, ids=lambda kind: kind.name)


@dataclass(frozen=True)
class PatientWithHistory:
    """A patient with five planted records of each kind."""

    id: str
    number: str
    ids: dict[str, list[str]]
    """The ids of the records by the name of the kind, newest first."""


def new_history_patient(clinic: TestClinic) -> PatientWithHistory:
    """A patient with records of every kind. Each bill and report has its own session, which is listed as well."""
    patient = clinic.patient().body
    ids = {kind.name: [kind.plant(clinic, patient["id"]) for _ in range(RECORDS_PER_KIND)][::-1] for kind in KINDS}
    more_sessions = [record.rpartition("-")[0] for name in ("reports", "bills") for record in ids[name]]
    return PatientWithHistory(patient["id"], patient["number"], {**ids, "sessions": more_sessions + ids["sessions"]})


def ids_of(page: Reply) -> list[str]:
    return [item["id"] for item in page.ok().body["items"]]
