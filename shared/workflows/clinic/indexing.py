"""Computing the search tokens of stored patients again, after a release that changed the terms of names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.store import clinic_keys, queries
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError

AT_ONCE = 50
"""Patients per commit, which may be large documents: each has up to 1,024 tokens for each doctor."""


def index_again(clinic_id: str) -> int:
    """Write the search tokens of all patients of a clinic again, and return how many there are.

    A commit that meets a concurrent change is retried, and a repeated run changes nothing. Raises RefusedError if there
    is no such clinic.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")
    clinic = system_clinic(clinic_id, "index-patients")
    ids = list(queries.ids_of(clinic_id, Patient.collection))
    written = 0
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        written += clinic.perform("patients.index", lambda work, some=some: _write(work, some))  # type: ignore[misc]
    return written


def _write(work: UnitOfWork, ids: Sequence[str]) -> int:
    work.prefetch(*map(Patient.ref, ids))
    written = 0
    for id in ids:
        with suppress(NotFound):  # deleted, or erased
            work.index(work.get(Patient.ref(id)))
            written += 1
    return written
