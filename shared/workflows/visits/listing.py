"""A patient's sessions, as a list."""

from __future__ import annotations

from shared.records.page import Page, PageQuery
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import history
from shared.workflows.visits.links import LinkedSession, page_with_links


def of_patient(clinic: Clinic, patient_id: str, query: PageQuery) -> Page[LinkedSession]:
    """A page of a patient's sessions, newest first. Raises NotFound for a patient the caller may not see."""

    def transaction(work: UnitOfWork) -> Page[LinkedSession]:
        return page_with_links(work, history.page_of(work, Session, patient_id, query))

    return clinic.perform("session.list", transaction)
