"""Who may read a patient, and which fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext
from shared.vault.keyring import Keyring, Keyrings
from shared.workflows.patients import patients
from tests.support.audit import audit_of, new_trace
from tests.support.clinics import TestClinic
from tests.support.patients import (
    BACKGROUND,
    CLINICAL,
    DEMOGRAPHICS,
)
from tests.support.problems import without_trace


def test_patient_is_read_by_number(clinic: TestClinic) -> None:
    registered = clinic.patient()

    read = clinic.doctor.get(f"/patients/{registered.body['number']}").ok()

    assert read.body == registered.body


def test_receptionist_reads_a_patient_without_clinical_fields(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    seen = own_clinic.receptionist.get(f"/patients/{patient.body['id']}").ok()

    assert patient.body.keys() - seen.body.keys() == CLINICAL == BACKGROUND.keys()
    assert seen.body.items() <= patient.body.items()
    assert b"Penicillin" not in seen.content


def test_admin_reads_every_field_of_a_patient(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    seen = own_clinic.admin.get(f"/patients/{patient.body['id']}").ok()

    assert seen.body == patient.body


def test_doctor_without_access_gets_the_same_problem_for_a_patient_and_a_missing_one(clinic: TestClinic) -> None:
    patient = clinic.patient().body

    by_id = clinic.other_doctor.get(f"/patients/{patient['id']}").refused(404, "not-found")
    by_number = clinic.other_doctor.get(f"/patients/{patient['number']}").refused(404, "not-found")
    missing = clinic.other_doctor.get(f"/patients/{new_id()}").refused(404, "not-found")

    assert without_trace(by_id) == without_trace(by_number) == without_trace(missing)


def test_other_clinic_gets_the_same_problem_for_a_patient_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    patient = clinic.patient().body

    for stranger in (other_clinic.doctor, other_clinic.receptionist, other_clinic.admin):
        by_id = stranger.get(f"/patients/{patient['id']}").refused(404, "not-found")
        by_number = stranger.get(f"/patients/{patient['number']}").refused(404, "not-found")
        missing = stranger.get(f"/patients/{new_id()}").refused(404, "not-found")

        assert without_trace(by_id) == without_trace(by_number) == without_trace(missing)


@pytest.mark.parametrize("name", ["%2E%2E", "__name__", "Zo%C3%AB%20Fernandes", "x" * 2_000, "-a"])
def test_malformed_id_is_not_found_and_not_audited(clinic: TestClinic, name: str) -> None:
    trace, headers = new_trace()

    clinic.doctor.get(f"/patients/{name}", **headers).refused(404, "not-found")

    assert audit_of(clinic, trace) == []


class ExpiringKeyrings(Keyrings):
    """A cache in which an entry is found once and has expired at the next look-up."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(ttl=1, clock=lambda: self._now)

    def get(self, clinic_id: str) -> Keyring | None:
        found = super().get(clinic_id)
        self._now += 1
        return found


def test_keyring_that_expires_during_a_request_still_serves_it(clinic: TestClinic) -> None:
    patient_id = str(clinic.patient().body["id"])
    caller = Caller(clinic.doctor.user_id, frozenset(Role), datetime.now(UTC))
    keyrings = ExpiringKeyrings()

    views = [
        patients.get(Clinic(RequestContext(clinic.id, caller, Origin("test"), keyrings=keyrings)), patient_id)
        for _ in range(2)
    ]

    assert [view.record.id for view in views] == [patient_id, patient_id]
