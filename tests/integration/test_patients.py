"""Patients: registered and read, each by those who may."""

from __future__ import annotations

import pytest

from local.stack import Stack
from shared.records.patient import Patient
from shared.records.privacy import fields_of
from shared.records.types import new_id
from tests.client import ApiClient
from tests.integration.backstage import at_once, audit_of, new_trace, pointers, quiet_clinic, statuses, without_trace
from tests.integration.conftest import PATIENT, TestClinic

BACKGROUND = {
    "blood_group": "AB-",
    "allergies": ["Penicillin", "Erdnüsse"],
    "medical_history": "Panic disorder since 2019.",
    "current_medications": ["Sertraline 50 mg"],
    "notes": "Prefers mornings.",
}
DEMOGRAPHICS = {
    **PATIENT,
    "gender": "female",
    "secondary_phone": "+919845054321",
    "email": "zoe.fernandes@mail.example",
    "address": {
        "lines": ["4 Church Street"],
        "city": "Bengaluru",
        "region": "Karnataka",
        "postal_code": "560001",
        "country": "IN",
    },
    "occupation": "Teacher",
    "marital_status": "partnered",
    "preferred_language": "kn-IN",
    "emergency_contact": {"name": "Asha Rao", "phone": "+919845099999", "relationship": "sister"},
    "insurance": {"provider_name": "Star", "policy_number": "P-77", "group_number": None},
    "tags": ["anxiety group"],
}
CLINICAL = fields_of(Patient).clinical


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> TestClinic:
    """A clinic in which these tests change nothing."""
    return quiet_clinic(stack)


def test_a_registered_patient_is_read_back_as_it_was_written(clinic: TestClinic) -> None:
    registered = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    read = clinic.doctor.get(f"/patients/{registered.body['id']}").ok()

    assert read.body == registered.body
    assert read.etag == registered.etag == '"1"'
    assert read.body.items() >= (DEMOGRAPHICS | BACKGROUND).items()
    assert read.body["owner_id"] == read.body["created_by"] == clinic.doctor.user_id
    assert "record_key" not in read.body


def test_a_patient_is_found_by_number(clinic: TestClinic) -> None:
    registered = clinic.patient()

    read = clinic.doctor.get(f"/patients/{registered.body['number']}").ok()

    assert read.body == registered.body


def test_a_receptionist_sees_a_patient_without_clinical_fields(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    seen = clinic.receptionist.get(f"/patients/{patient.body['id']}").ok()

    assert patient.body.keys() - seen.body.keys() == CLINICAL == BACKGROUND.keys()
    assert seen.body.items() <= patient.body.items()
    assert b"Penicillin" not in seen.content


def test_an_admin_sees_every_patient_whole(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    seen = clinic.admin.get(f"/patients/{patient.body['id']}").ok()

    assert seen.body == patient.body


def test_a_receptionist_registers_for_a_doctor_and_is_shown_nothing_clinical(clinic: TestClinic) -> None:
    new = {**PATIENT, "owner_id": clinic.doctor.user_id}

    registered = clinic.receptionist.post("/patients", new).ok(201)

    assert registered.body["owner_id"] == clinic.doctor.user_id
    assert registered.body["created_by"] == clinic.receptionist.user_id
    assert CLINICAL.isdisjoint(registered.body)
    assert clinic.doctor.get(f"/patients/{registered.body['id']}").ok().body.keys() >= CLINICAL


def test_a_receptionist_does_not_write_clinical_fields(clinic: TestClinic) -> None:
    new = {
        **PATIENT,
        "owner_id": clinic.doctor.user_id,
        "allergies": ["Latex"],
        "notes": "Anxious",
        "blood_group": None,
    }

    refused = clinic.receptionist.post("/patients", new).refused(403, "forbidden")

    assert pointers(refused) == {"/allergies", "/notes"}
    assert b"Latex" not in refused.content
    assert clinic.patient().body["number"].endswith("0001")


def test_who_is_not_a_doctor_names_the_responsible_one(quiet: TestClinic) -> None:
    nobody = quiet.receptionist.post("/patients", PATIENT).refused(422, "invalid")
    no_doctor = quiet.admin.post("/patients", {**PATIENT, "owner_id": quiet.receptionist.user_id})
    unknown = quiet.admin.post("/patients", {**PATIENT, "owner_id": new_id()})

    assert pointers(nobody) == {"/owner_id"}
    assert without_trace(no_doctor.refused(422, "invalid")) == without_trace(unknown.refused(422, "invalid"))


def test_a_doctor_who_registers_for_another_does_not_treat_the_patient(clinic: TestClinic) -> None:
    registered = clinic.other_doctor.post("/patients", {**PATIENT, "owner_id": clinic.doctor.user_id}).ok(201)

    assert CLINICAL.isdisjoint(registered.body)
    clinic.other_doctor.get(f"/patients/{registered.body['id']}").refused(404, "not-found")
    clinic.doctor.get(f"/patients/{registered.body['id']}").ok()


def test_a_strange_doctor_cannot_tell_a_patient_from_a_missing_one(clinic: TestClinic) -> None:
    patient = clinic.patient().body

    by_id = clinic.other_doctor.get(f"/patients/{patient['id']}").refused(404, "not-found")
    by_number = clinic.other_doctor.get(f"/patients/{patient['number']}").refused(404, "not-found")
    missing = clinic.other_doctor.get(f"/patients/{new_id()}").refused(404, "not-found")

    assert without_trace(by_id) == without_trace(by_number) == without_trace(missing)


def test_another_clinic_cannot_tell_a_patient_from_a_missing_one(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = clinic.patient().body

    for stranger in (other_clinic.doctor, other_clinic.receptionist, other_clinic.admin):
        by_id = stranger.get(f"/patients/{patient['id']}").refused(404, "not-found")
        by_number = stranger.get(f"/patients/{patient['number']}").refused(404, "not-found")
        missing = stranger.get(f"/patients/{new_id()}").refused(404, "not-found")

        assert without_trace(by_id) == without_trace(by_number) == without_trace(missing)


def test_a_doctor_of_another_clinic_cannot_be_named_as_owner(quiet: TestClinic, other_clinic: TestClinic) -> None:
    refused = quiet.admin.post("/patients", {**PATIENT, "owner_id": other_clinic.doctor.user_id})

    assert pointers(refused.refused(422, "invalid")) == {"/owner_id"}


@pytest.mark.parametrize("name", ["%2E%2E", "__name__", "Zo%C3%AB%20Fernandes", "x" * 2_000, "-a"])
def test_what_cannot_be_an_id_is_not_found_and_never_noted(quiet: TestClinic, name: str) -> None:
    trace, headers = new_trace()

    quiet.doctor.get(f"/patients/{name}", **headers).refused(404, "not-found")

    assert audit_of(quiet, trace) == []


def test_every_wrong_field_is_named_at_once(quiet: TestClinic) -> None:
    wrong = {
        "first_name": " ",
        "date_of_birth": "1984-02-30",
        "primary_phone": "080 4123",
        "address": {"lines": [], "country": "India"},
        "emergency_contact": {"name": "Asha"},
        "allergies": ["Latex", "x" * 501],
        "a/b~c": 1,
    }

    refused = quiet.doctor.post("/patients", wrong).refused(422, "invalid")

    assert pointers(refused) == {
        "/first_name",
        "/last_name",
        "/date_of_birth",
        "/primary_phone",
        "/address/lines",
        "/address/country",
        "/emergency_contact/phone",
        "/allergies/1",
        "/a~1b~0c",
    }
    assert b"India" not in refused.content
    assert b"080 4123" not in refused.content


def test_nobody_is_born_tomorrow(quiet: TestClinic) -> None:
    refused = quiet.doctor.post("/patients", {**PATIENT, "date_of_birth": "2999-01-01"}).refused(422, "invalid")

    assert pointers(refused) == {"/date_of_birth"}


def test_forty_registrations_at_once_get_numbers_without_gap_or_twin(clinic: TestClinic) -> None:
    registered = at_once(40, lambda _: clinic.patient())

    numbers = sorted(reply.body["number"] for reply in registered)

    year = numbers[0].removeprefix("PAT-")[:4]
    assert numbers == [f"PAT-{year}{count:04}" for count in range(1, 41)]
    assert len({reply.body["id"] for reply in registered}) == 40


def test_twenty_duplicates_of_a_registration_register_one_patient(clinic: TestClinic) -> None:
    replies = at_once(20, lambda _: clinic.doctor.post("/patients", PATIENT, key="registration-of-zoe"))

    assert statuses(replies) == {201: 20}
    assert len({(reply.content, reply.etag) for reply in replies}) == 1
    assert sorted(reply.headers.get("Idempotent-Replayed", "first") for reply in replies) == ["first", *["true"] * 19]
    assert clinic.patient().body["number"].endswith("0002")


def test_an_answer_is_replayed_to_nobody_else(clinic: TestClinic) -> None:
    new = {**PATIENT, "owner_id": clinic.doctor.user_id}

    def register(client: ApiClient) -> str:
        reply = client.post("/patients", new, key="one-key-for-all").ok(201)
        assert "Idempotent-Replayed" not in reply.headers
        return str(reply.body["id"])

    ids = {register(client) for client in (clinic.doctor, clinic.admin, clinic.receptionist)}

    assert len(ids) == 3
