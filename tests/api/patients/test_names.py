"""Names as patients have them: one or two, in any script, without hidden characters."""

from __future__ import annotations

import pytest

from tests.support.clinics import TestClinic
from tests.support.problems import pointers

BORN = {"date_of_birth": "1984-02-29"}


@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_patient_with_one_name_is_registered_found_and_changed(own_clinic: TestClinic, field: str) -> None:
    patient = own_clinic.doctor.post("/patients", BORN | {field: "Suharto"}).ok(201)
    other = "last_name" if field == "first_name" else "first_name"

    assert (patient.body[field], patient.body[other]) == ("Suharto", None)
    found = own_clinic.doctor.post("/patients/search", {"text": "suhar"}).ok().body["items"]
    assert [one["id"] for one in found] == [patient.body["id"]]

    renamed = own_clinic.doctor.send(
        "PATCH", f"/patients/{patient.body['id']}", {other: "Jaya"}, etag=patient.etag
    ).ok()
    assert (renamed.body[field], renamed.body[other]) == ("Suharto", "Jaya")


def test_the_last_name_that_is_left_cannot_be_cleared(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", BORN | {"first_name": "Suharto"}).ok(201)

    cleared = own_clinic.doctor.send(
        "PATCH", f"/patients/{patient.body['id']}", {"first_name": None}, etag=patient.etag
    )

    assert pointers(cleared.refused(422, "invalid")) == {"/first_name"}


def test_a_registration_without_a_name_is_refused(clinic: TestClinic) -> None:
    assert pointers(clinic.doctor.post("/patients", BORN).refused(422, "invalid")) == {"/first_name"}


def test_a_second_patient_of_one_name_and_birthday_is_a_duplicate(own_clinic: TestClinic) -> None:
    own_clinic.doctor.post("/patients", BORN | {"first_name": "Suharto"}).ok(201)

    refused = own_clinic.doctor.post("/patients", BORN | {"first_name": "Suharto"}).refused(409, "duplicate")

    assert pointers(refused) == {"/first_name", "/date_of_birth"}


@pytest.mark.parametrize(
    "name", ["Asha\nALLERGIES: NONE", "As\u200bha", "\u202eAsha", "\u3164", "As\x00ha", "Asha\U000e0041"]
)
def test_a_name_that_prints_otherwise_than_it_reads_is_refused_everywhere(own_clinic: TestClinic, name: str) -> None:
    doctor = own_clinic.doctor
    patient = doctor.post("/patients", BORN | {"first_name": "Suharto"}).ok(201)

    for refused in (
        doctor.post("/patients", BORN | {"first_name": name}),
        doctor.send("PATCH", f"/patients/{patient.body['id']}", {"first_name": name}, etag=patient.etag),
    ):
        assert pointers(refused.refused(422, "invalid")) == {"/first_name"}
    profile = {"first_name": name, "last_name": "Iyer"}
    assert pointers(doctor.put("/profile", profile).refused(422, "invalid")) == {"/first_name"}


def test_names_are_stored_in_normalization_form_c(clinic: TestClinic) -> None:
    assert clinic.doctor.post("/patients", BORN | {"first_name": "Jose\u0301"}).ok(201).body["first_name"] == "José"


def test_patients_without_a_known_name_are_not_one_person_and_are_listed_with_a_label(own_clinic: TestClinic) -> None:
    doctor = own_clinic.doctor
    one = doctor.post("/patients", BORN | {"name_unknown": True}).ok(201)
    other = doctor.post("/patients", BORN | {"first_name": "?", "last_name": "-"}).ok(201)

    assert (other.body["first_name"], other.body["last_name"], other.body["name_unknown"]) == (None, None, True)
    assert one.body["id"] != other.body["id"]
    session = doctor.post("/sessions", {"patient_id": one.body["id"]}).ok(201).body
    assert session["patient"]["name"] == f"Unknown patient {one.body['number']}"

    named = {"first_name": "Kabir", "name_unknown": False}
    known = doctor.send("PATCH", f"/patients/{one.body['id']}", named, etag=one.etag).ok()
    assert (known.body["first_name"], known.body["name_unknown"]) == ("Kabir", False)


@pytest.mark.parametrize("filler", [".", "NA", "xxx", "unknown"])
def test_a_filler_never_replaces_or_joins_a_name(own_clinic: TestClinic, filler: str) -> None:
    doctor = own_clinic.doctor
    patient = doctor.post("/patients", BORN | {"first_name": "Suharto"}).ok(201)

    for refused in (
        doctor.post("/patients", BORN | {"first_name": "Suharto", "last_name": filler}),
        doctor.send("PATCH", f"/patients/{patient.body['id']}", {"last_name": filler}, etag=patient.etag),
    ):
        assert pointers(refused.refused(422, "invalid")) == {"/last_name"}


def test_who_is_called_otherwise_or_written_in_latin_letters_is_found_by_each_name(own_clinic: TestClinic) -> None:
    names = {
        "first_name": "वेंकटरमण",
        "last_name": "अय्यर",
        "preferred_name": "Raju",
        "latin_name": {"first_name": "Venkataraman", "last_name": "Iyer"},
    }
    doctor = own_clinic.doctor
    patient = doctor.post("/patients", BORN | names).ok(201).body

    assert {name: patient[name] for name in names} == names
    for typed in ("वेंकटरमण अय्यर", "raju", "venkataraman iyer", "venkat", "iyer"):
        found = doctor.post("/patients/search", {"text": typed, "kinds": ["name"]}).ok().body["items"]
        assert [one["id"] for one in found] == [patient["id"]], typed
