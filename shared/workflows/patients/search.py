"""Searching patients. The search text is not logged."""

from __future__ import annotations

from shared.records.patients.search import PatientSearch, SearchNotice, SearchPage, tiers
from shared.store import search
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients.access import ShownPatient, page_with_facts


def find(clinic: Clinic, query: PatientSearch) -> SearchPage[ShownPatient]:
    """The matching patients that the caller may see, best matches first."""

    def transaction(work: UnitOfWork) -> SearchPage[ShownPatient]:
        work.prefetch(work.settings_ref())
        found = page_with_facts(work, search.find(work, tiers(query, work.settings().country), query))
        return SearchPage(found.items, found.next_page_token, SearchNotice.of(query))

    return clinic.perform("patient.search", transaction)
