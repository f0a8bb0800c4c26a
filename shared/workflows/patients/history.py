"""What belongs to a patient, as lists: visits, appointments, bills and reports."""

from __future__ import annotations

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.record import R
from shared.store import lists
from shared.store.clinic import Clinic
from shared.store.work import Work


def of_patient(clinic: Clinic, model: type[R], patient_id: str, wanted: PageQuery) -> Page[R]:
    """A page of a patient's records of one kind, newest first. Raises NotFound for a patient the caller may not see."""

    def story(work: Work) -> Page[R]:
        patient = work.get(Patient.at(patient_id))
        return lists.newest(work, model, wanted, [lists.LIVE, ("patient_id", "==", patient.id)])

    return clinic.perform(f"{model.kind.lower()}.list", story)
