"""Lists of patients: access, pages and filters."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.types import new_id
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.patients import BACKGROUND, CLINICAL, DEMOGRAPHICS, listed, path_of, registered_for
from tests.support.problems import pointers


def test_list_contains_the_callers_patients_newest_first(clinic: TestClinic, other_clinic: TestClinic) -> None:
    other_clinic.patient()
    own = [clinic.patient().body["id"] for _ in range(2)]
    of_other = registered_for(clinic.other_doctor, by=clinic.receptionist).body["id"]

    assert listed(clinic.doctor) == [own[1], own[0]]
    assert listed(clinic.other_doctor) == [of_other]
    assert listed(clinic.receptionist) == listed(clinic.admin) == [of_other, own[1], own[0]]


def test_listed_patient_equals_a_single_read(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    for client in (own_clinic.doctor, own_clinic.receptionist, own_clinic.admin):
        (seen,) = client.get("/patients").ok().body["items"]
        assert seen == client.get(path_of(patient)).ok().body
    assert CLINICAL.isdisjoint(own_clinic.receptionist.get("/patients").body["items"][0])


def test_pages_contain_every_patient_once(own_clinic: TestClinic) -> None:
    registered = [own_clinic.patient().body["id"] for _ in range(5)]

    def pages() -> Iterator[list[str]]:
        query = "?page_size=2"
        while True:
            page = own_clinic.doctor.get(f"/patients{query}").ok().body
            yield [patient["id"] for patient in page["items"]]
            if page["next_page_token"] is None:
                return
            query = f"?page_size=2&page_token={page['next_page_token']}"

    found = [*pages()]

    assert [len(page) for page in found] == [2, 2, 1]
    assert [patient for page in found for patient in page] == registered[::-1]


def test_page_token_is_valid_only_for_its_caller_and_list(clinic: TestClinic, other_clinic: TestClinic) -> None:
    for _ in range(2):
        clinic.patient()
    token = clinic.doctor.get("/patients?page_size=1").ok().body["next_page_token"]
    mismatches: list[tuple[ApiClient, str]] = [
        (clinic.admin, ""),
        (other_clinic.doctor, ""),
        (clinic.doctor, f"&doctor_id={clinic.doctor.user_id}"),
        (clinic.doctor, "&created_from=2020-01-01T00:00:00Z"),
    ]

    for client, filters in mismatches:
        refused = client.get(f"/patients?page_token={token}{filters}").refused(422, "invalid")
        assert pointers(refused) == {"page_token"}
    clinic.doctor.get(f"/patients?page_token={token}").ok()


def test_receptionist_and_admin_filter_by_doctor(own_clinic: TestClinic) -> None:
    own = own_clinic.patient().body["id"]
    of_other = registered_for(own_clinic.other_doctor, by=own_clinic.receptionist).body["id"]

    for client in (own_clinic.receptionist, own_clinic.admin):
        assert listed(client, f"?doctor_id={own_clinic.doctor.user_id}") == [own]
        assert listed(client, f"?doctor_id={own_clinic.other_doctor.user_id}") == [of_other]
        assert listed(client, f"?doctor_id={new_id()}") == []


def test_doctor_filtering_by_another_doctor_is_forbidden(clinic: TestClinic) -> None:
    clinic.doctor.get(f"/patients?doctor_id={clinic.doctor.user_id}").ok()

    for other in (clinic.other_doctor.user_id, clinic.admin.user_id, new_id(), "front-desk"):
        clinic.doctor.get(f"/patients?doctor_id={other}").refused(403, "forbidden")


def test_list_is_filtered_by_time_of_registration(own_clinic: TestClinic) -> None:
    first, second, third = (own_clinic.patient().body for _ in range(3))

    assert listed(own_clinic.doctor, f"?created_from={second['created_at']}") == [third["id"], second["id"]]
    assert listed(own_clinic.doctor, f"?created_before={second['created_at']}") == [first["id"]]
    both = f"?created_from={second['created_at']}&created_before={third['created_at']}"
    assert listed(own_clinic.doctor, both) == [second["id"]]


def test_invalid_list_request_names_every_wrong_filter(clinic: TestClinic) -> None:
    query = "?created_from=yesterday&created_before=2026-01-01&doctor_id=%2F&page_size=101"

    refused = clinic.doctor.get(f"/patients{query}").refused(422, "invalid")

    assert pointers(refused) == {"created_from", "created_before", "doctor_id", "page_size"}
    assert pointers(clinic.doctor.get("/patients?last_name=Rao").refused(422, "invalid")) == {"last_name"}
