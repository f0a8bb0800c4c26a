"""Earlier versions of records: who changed what, newest change first."""

from __future__ import annotations

from typing import TypeVar

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.version import Version
from shared.records.visits.session import Session
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions

V = TypeVar("V", Patient, Session)


def of_patient(clinic: Clinic, patient_id: str, query: PageQuery) -> Page[Version]:
    """A page of the changes of a patient. Raises NotFound for a patient the caller may not see."""
    return _listed(clinic, Patient, patient_id, query, Action.READ_PATIENT)


def of_session(clinic: Clinic, session_id: str, query: PageQuery) -> Page[Version]:
    """A page of the changes of a session. Raises NotFound for a session of a patient the caller may not see."""
    return _listed(clinic, Session, session_id, query, Action.READ_VISIT)


def _listed(clinic: Clinic, model: type[V], id: str, query: PageQuery, action: Action) -> Page[Version]:
    """Without access to clinical fields, changes of clinical fields alone are left out."""

    def transaction(work: UnitOfWork) -> Page[Version]:
        record = work.get(model.ref(id))
        permissions.require(work, action, record)
        found = pagination.newest(work, Version, query, [pagination.LIVE, ("record_id", "==", record.id)])
        items = [version for version in found.items if work.clinical or version.before]
        return Page(items, found.next_page_token)

    return clinic.perform(f"{model.kind.lower()}.versions", transaction)
