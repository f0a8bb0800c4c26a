"""Sessions as a list: a patient's, or a clinic's."""

from __future__ import annotations

from shared.records.page import Page, PageQuery
from shared.records.visits.requests import SessionList
from shared.records.visits.session import Session
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.queries import Order
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists
from shared.workflows.patients import history
from shared.workflows.visits.links import LinkedSession, page_with_links

LAST_BEGUN_FIRST = Order("started_at")


def of_clinic(clinic: Clinic, query: SessionList) -> Page[LinkedSession]:
    """A page of the sessions of all patients whom the caller may see, last begun first."""

    def transaction(work: UnitOfWork) -> Page[LinkedSession]:
        work.expect(work.settings_ref())
        filters = [pagination.LIVE, *clinic_lists.of_doctor(work, query.doctor_id)]
        if query.status:
            filters.append(("status", "==", query.status.value))
        if query.day:
            filters += clinic_lists.on_day("started_at", query.day, work.settings().time_zone)
        return page_with_links(work, pagination.of_clinic(work, Session, query, filters, LAST_BEGUN_FIRST))

    return clinic.perform("session.list", transaction)


def of_patient(clinic: Clinic, patient_id: str, query: PageQuery) -> Page[LinkedSession]:
    """A page of a patient's sessions, newest first. Raises NotFound for a patient the caller may not see."""

    def transaction(work: UnitOfWork) -> Page[LinkedSession]:
        return page_with_links(work, history.page_of(work, Session, patient_id, query))

    return clinic.perform("session.list", transaction)
