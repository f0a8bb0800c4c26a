"""Patients: registered and read, each by those who may."""

from __future__ import annotations

from tests.integration.conftest import PATIENT, TestClinic


def test_a_registered_patient_is_read_back_as_it_was_written(clinic: TestClinic) -> None:
    registered = clinic.patient()

    read = clinic.doctor.get(f"/patients/{registered.body['id']}").ok()

    assert read.body == registered.body
    assert read.etag == '"1"'
    assert {name: read.body[name] for name in PATIENT} == PATIENT
    assert read.body["number"].startswith("PAT-")
    assert read.body["owner_id"] == clinic.doctor.user_id
