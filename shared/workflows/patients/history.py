"""Lists of a patient's records: visits, appointments, bills and reports."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.record import Detailed, Keyset, R
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.parties import Named
    from shared.store import pagination
    from shared.workflows.parties import P, named_page


def of_patient(clinic: Clinic, model: type[P], patient_id: str, query: PageQuery) -> Page[Detailed[P, Named]]:
    """A page of a patient's records of one kind, newest first. Raises NotFound for a patient the caller may not see."""

    def transaction(work: UnitOfWork) -> Page[Detailed[P, Named]]:
        if model.keyset == Keyset.RETAINED:
            work.show_kept()
        return named_page(work, page_of(work, model, patient_id, query))

    return clinic.perform(f"{model.kind.lower()}.list", transaction)


def page_of(work: UnitOfWork, model: type[R], patient_id: str, query: PageQuery) -> Page[R]:
    """As `of_patient`, within a transaction."""
    patient = work.get(Patient.ref(patient_id))
    return pagination.newest(work, model, query, [pagination.LIVE, pagination.of_person(patient)])
