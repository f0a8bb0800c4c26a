"""Registering a patient: owner, clinical fields, validation, numbers and repetition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.records.types import local_date, new_id
from tests.support.client import ApiClient
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.patients import (
    BACKGROUND,
    CLINICAL,
    DEMOGRAPHICS,
    EASTERNMOST,
    WESTERNMOST,
    in_zone,
    path_of,
    registered_for,
)
from tests.support.problems import pointers, without_trace


def test_registered_patient_is_read_back_as_written(clinic: TestClinic) -> None:
    registered = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    read = clinic.doctor.get(f"/patients/{registered.body['id']}").ok()

    assert read.body == registered.body
    assert read.etag == registered.etag == '"1"'
    assert read.body.items() >= (DEMOGRAPHICS | BACKGROUND).items()
    assert read.body["owner_id"] == read.body["created_by"] == clinic.doctor.user_id
    assert "record_key" not in read.body


def test_receptionist_registers_for_a_doctor_and_gets_no_clinical_fields(own_clinic: TestClinic) -> None:
    new = {**PATIENT, "owner_id": own_clinic.doctor.user_id}

    registered = own_clinic.receptionist.post("/patients", new).ok(201)

    assert registered.body["owner_id"] == own_clinic.doctor.user_id
    assert registered.body["created_by"] == own_clinic.receptionist.user_id
    assert CLINICAL.isdisjoint(registered.body)
    assert own_clinic.doctor.get(f"/patients/{registered.body['id']}").ok().body.keys() >= CLINICAL


def test_registration_by_a_receptionist_with_clinical_fields_is_forbidden(own_clinic: TestClinic) -> None:
    new = {
        **PATIENT,
        "owner_id": own_clinic.doctor.user_id,
        "allergies": ["Latex"],
        "notes": "Anxious",
        "blood_group": None,
    }

    refused = own_clinic.receptionist.post("/patients", new).refused(403, "forbidden")

    assert pointers(refused) == {"/allergies", "/notes", "/blood_group"}
    assert b"Latex" not in refused.content
    assert own_clinic.patient().body["number"].endswith("0001")


def test_registration_by_a_non_doctor_requires_a_doctor_as_owner(clinic: TestClinic) -> None:
    no_owner = clinic.receptionist.post("/patients", PATIENT).refused(422, "invalid")
    receptionist = clinic.admin.post("/patients", {**PATIENT, "owner_id": clinic.receptionist.user_id})
    unknown = clinic.admin.post("/patients", {**PATIENT, "owner_id": new_id()})

    assert pointers(no_owner) == {"/owner_id"}
    assert without_trace(receptionist.refused(422, "invalid")) == without_trace(unknown.refused(422, "invalid"))


def test_doctor_registering_for_another_doctor_gets_no_access(clinic: TestClinic) -> None:
    registered = registered_for(clinic.doctor, by=clinic.other_doctor)

    assert CLINICAL.isdisjoint(registered.body)
    clinic.other_doctor.get(f"/patients/{registered.body['id']}").refused(404, "not-found")
    clinic.doctor.get(f"/patients/{registered.body['id']}").ok()


def test_owner_from_another_clinic_is_invalid(clinic: TestClinic, other_clinic: TestClinic) -> None:
    refused = clinic.admin.post("/patients", {**PATIENT, "owner_id": other_clinic.doctor.user_id})

    assert pointers(refused.refused(422, "invalid")) == {"/owner_id"}


def test_invalid_registration_names_every_wrong_field(clinic: TestClinic) -> None:
    wrong = {
        "first_name": " ",
        "date_of_birth": "1984-02-30",
        "primary_phone": "080 41",
        "address": {"lines": [], "country": "India"},
        "emergency_contact": {"name": "Asha"},
        "allergies": ["Latex", "x" * 501],
        "a/b~c": 1,
    }

    refused = clinic.doctor.post("/patients", wrong).refused(422, "invalid")

    assert pointers(refused) == {
        "/first_name",
        "/date_of_birth",
        "/primary_phone",
        "/address/lines",
        "/address/country",
        "/emergency_contact/phone",
        "/allergies/1",
        "/a~1b~0c",
    }
    assert b"India" not in refused.content
    assert b"080 41" not in refused.content


@pytest.mark.parametrize("zone", [EASTERNMOST, WESTERNMOST])
def test_latest_date_of_birth_is_today_in_the_clinics_time_zone(own_clinic: TestClinic, zone: str) -> None:
    in_zone(own_clinic, zone)
    today = local_date(datetime.now(UTC), zone)
    tomorrow = (today + timedelta(days=1)).isoformat()

    born_today = own_clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": today.isoformat()}).ok(201)
    born_tomorrow = own_clinic.doctor.post("/patients", {**NAMESAKE, "date_of_birth": tomorrow}).refused(422, "invalid")
    changed = own_clinic.doctor.put(path_of(born_today), {**PATIENT, "date_of_birth": tomorrow}, etag=born_today.etag)

    assert born_today.body["age"] == 0
    assert pointers(born_tomorrow) == pointers(changed.refused(422, "invalid")) == {"/date_of_birth"}


def test_errors_of_date_of_birth_and_owner_are_reported_together(clinic: TestClinic) -> None:
    in_zone(clinic, WESTERNMOST)
    tomorrow = (local_date(datetime.now(UTC), WESTERNMOST) + timedelta(days=1)).isoformat()

    wrong = {**PATIENT, "date_of_birth": tomorrow, "owner_id": clinic.admin.user_id}
    refused = clinic.receptionist.post("/patients", wrong).refused(422, "invalid")

    assert pointers(refused) == {"/date_of_birth", "/owner_id"}


def test_age_is_computed_in_the_clinics_time_zone(own_clinic: TestClinic) -> None:
    """The two time zones are 26 hours apart and so never have the same date."""
    today = local_date(datetime.now(UTC), EASTERNMOST)
    birthday = today.replace(year=today.year - 28).isoformat()  # 28 years before a leap year is a leap year
    in_zone(own_clinic, EASTERNMOST)
    patient = own_clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": birthday}).ok(201)

    in_zone(own_clinic, WESTERNMOST)
    in_the_west = own_clinic.doctor.get(path_of(patient)).ok()

    assert (patient.body["age"], in_the_west.body["age"]) == (28, 27)
    assert [item["age"] for item in own_clinic.doctor.get("/patients").ok().body["items"]] == [27]


def test_forty_concurrent_registrations_get_consecutive_unique_numbers(own_clinic: TestClinic) -> None:
    registered = at_once(40, lambda _: own_clinic.patient())

    numbers = sorted(reply.body["number"] for reply in registered)

    year = numbers[0].removeprefix("PAT-")[:4]
    assert numbers == [f"PAT-{year}{count:04}" for count in range(1, 41)]
    assert len({reply.body["id"] for reply in registered}) == 40


def test_twenty_concurrent_repetitions_of_a_key_register_one_patient(own_clinic: TestClinic) -> None:
    replies = at_once(20, lambda _: own_clinic.doctor.post("/patients", PATIENT, key="registration-of-zoe"))

    assert statuses(replies) == {201: 20}
    assert len({(reply.content, reply.etag) for reply in replies}) == 1
    assert sorted(reply.headers.get("Idempotent-Replayed", "first") for reply in replies) == ["first", *["true"] * 19]
    assert own_clinic.patient().body["number"].endswith("0002")


def test_response_is_replayed_only_to_its_caller(clinic: TestClinic) -> None:
    new = {**NAMESAKE, "owner_id": clinic.doctor.user_id}

    def register(client: ApiClient) -> str:
        reply = client.post("/patients", new, key="one-key-for-all").ok(201)
        assert "Idempotent-Replayed" not in reply.headers
        return str(reply.body["id"])

    ids = {register(client) for client in (clinic.doctor, clinic.admin, clinic.receptionist)}

    assert len(ids) == 3
