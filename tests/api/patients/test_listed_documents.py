"""Lists of patients read their documents without the search tokens; what is opened from them is the whole record."""

from __future__ import annotations

import pytest

from shared.records.page import PageQuery
from shared.records.patients.patient import Patient
from shared.records.patients.terms import ANY
from shared.store import pagination, search
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support import crashes as support
from tests.support.clinics import TestClinic


def test_listed_patients_have_no_tokens_and_are_saved_as_they_were(own_clinic: TestClinic) -> None:
    ids = {own_clinic.silent_patient().body["id"] for _ in range(3)}
    before = support.documents(own_clinic.id)

    def transaction(work: UnitOfWork) -> list[Patient]:
        work.prefetch(work.settings_ref())
        filters = [pagination.LIVE, search.with_any(search.tokens_of(work, work.scope, [ANY]))]
        for snapshot in pagination.documents(work, Patient, filters, limit=10):
            assert "tokens" not in snapshot.to_dict()
            with pytest.raises(LookupError):
                snapshot.get("tokens")
        page = pagination.newest(work, Patient, PageQuery(), filters)
        return [work.save(patient) for patient in page.items]

    saved = system_clinic(own_clinic.id, "saved").perform("patients.index", transaction)

    after = support.documents(own_clinic.id)
    assert {patient.id for patient in saved} == ids
    for path in (f"patients/{id}" for id in ids):
        kept = {name: value for name, value in before[path].items() if name != "sealed"}
        assert {name: value for name, value in after[path].items() if name != "sealed"} == kept
        assert after[path]["sealed"].keys() == before[path]["sealed"].keys()
