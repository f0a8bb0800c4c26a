"""Lists of a patient's records: visits, appointments, bills and reports."""

from __future__ import annotations

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.record import R
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork


def of_patient(clinic: Clinic, model: type[R], patient_id: str, query: PageQuery) -> Page[R]:
    """A page of a patient's records of one kind, newest first. Raises NotFound for a patient the caller may not see."""

    return clinic.perform(f"{model.kind.lower()}.list", lambda work: page_of(work, model, patient_id, query))


def page_of(work: UnitOfWork, model: type[R], patient_id: str, query: PageQuery) -> Page[R]:
    """As `of_patient`, within a transaction."""
    patient = work.get(Patient.ref(patient_id))
    return pagination.newest(work, model, query, [pagination.LIVE, ("patient_id", "==", patient.id)])
