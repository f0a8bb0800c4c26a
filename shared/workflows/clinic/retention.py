"""Finds the patients whose records a clinic need not keep any longer, by its settings. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.records.billing.bill import Bill
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import Patient
from shared.records.patients.retention import kept_until
from shared.records.problems import NotFound
from shared.records.record import Record, patient_of
from shared.records.reports.report import Report
from shared.records.scheduling.appointment import Appointment
from shared.records.types import local_date
from shared.records.visits.session import Session
from shared.store import clinic_keys, queries
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError

AT_ONCE = 50
"""Patients that are read together."""
_DATED: tuple[type[Record], ...] = (Patient, Session, Report, Bill, Appointment)
"""Records whose last change begins the period."""


@dataclass
class Retention:
    """What was found of the patients of a clinic."""

    patients: int = 0
    """Persons: merged records are one."""
    over: dict[str, date] = field(default_factory=dict)
    """The last day of the period of each patient whose period is over, by id."""
    unknown: list[str] = field(default_factory=list)
    """The ids of those whose period depends on a date of birth that nobody knows."""


def examine(clinic_id: str) -> Retention:
    """Compare the last change of every patient's records with the clinic's settings; also of deleted patients.

    Raises RefusedError if there is no such clinic, or if it has not set for how long it keeps records.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")
    clinic, found = system_clinic(clinic_id, "retention"), Retention()
    settings = clinic.perform("patients.retention", UnitOfWork.settings)
    if settings.retention_years is None:
        raise RefusedError(f"clinic {clinic_id} has not set retention_years")
    changed = _last_changes(clinic_id)
    ids = list(queries.ids_of(clinic_id, Patient.collection))
    persons: dict[str, tuple[Patient, datetime]] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        for id, patient in clinic.perform("patients.retention", lambda work, some=some: _read(work, some)).items():  # type: ignore[misc]
            before = persons[patient.id][1] if patient.id in persons else changed[id]
            persons[patient.id] = patient, max(before, changed[id])
    for patient, last in persons.values():
        _sort(found, patient, last, settings, local_date(clinic.now(), settings.time_zone))
    return found


def _last_changes(clinic_id: str) -> dict[str, datetime]:
    """When a record of each patient was last changed, by the id of the patient."""
    last: dict[str, datetime] = {}
    for model in _DATED:
        for id, plain in queries.selected(clinic_id, model.collection, (), ["updated_at"]):
            patient = patient_of(id)
            last[patient] = max(last.get(patient, plain["updated_at"]), plain["updated_at"])
    return last


def _read(work: UnitOfWork, ids: Sequence[str]) -> dict[str, Patient]:
    """The patients, also deleted ones, by these ids: a merged record answers the one that stands for the person."""
    work.show_kept()
    work.prefetch(*map(Patient.ref, ids))
    found: dict[str, Patient] = {}
    for id in ids:
        try:
            found[id] = work.get(Patient.ref(id))
        except NotFound:  # erased
            continue
    return found


def _sort(found: Retention, patient: Patient, last: datetime, settings: ClinicSettings, today: date) -> None:
    found.patients += 1
    until = kept_until(patient, local_date(last, settings.time_zone), settings)
    if until is None:
        found.unknown.append(patient.id)
    elif until < today:
        found.over[patient.id] = until
