"""Searching patients. The search text is not logged."""

from __future__ import annotations

from shared.records.patients.age import Age
from shared.records.patients.patient import Patient
from shared.records.patients.search import PatientSearch, SearchNotice, SearchPage, tiers
from shared.records.record import Detailed
from shared.store import search
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients.access import page_with_ages


def find(clinic: Clinic, query: PatientSearch) -> SearchPage[Detailed[Patient, Age]]:
    """The matching patients that the caller may see, best matches first."""

    def transaction(work: UnitOfWork) -> SearchPage[Detailed[Patient, Age]]:
        work.prefetch(work.settings_ref())
        found = page_with_ages(work, search.find(work, tiers(query, work.settings().country), query))
        return SearchPage(found.items, found.next_page_token, SearchNotice.of(query))

    return clinic.perform("patient.search", transaction)
