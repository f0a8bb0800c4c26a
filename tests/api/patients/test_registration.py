"""Registering a patient: once, by whom, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.patients.patient import NewPatient
from shared.records.types import Role, local_date, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext
from shared.store.idempotency import Idempotency, Replayed, StoredResponse
from shared.vault.keyring import Keyring, Keyrings
from shared.workflows.patients import patients, registration
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.patients import (
    BACKGROUND,
    CLINICAL,
    DEMOGRAPHICS,
    EASTERNMOST,
    OTHER,
    WESTERNMOST,
    in_zone,
    listed,
    path_of,
    registered_for,
)
from tests.support.problems import pointers, without_trace


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

    assert pointers(refused) == {"/allergies", "/notes", "/blood_group"}
    assert b"Latex" not in refused.content
    assert clinic.patient().body["number"].endswith("0001")


def test_who_is_not_a_doctor_names_the_responsible_one(shared_clinic: TestClinic) -> None:
    nobody = shared_clinic.receptionist.post("/patients", PATIENT).refused(422, "invalid")
    no_doctor = shared_clinic.admin.post("/patients", {**PATIENT, "owner_id": shared_clinic.receptionist.user_id})
    unknown = shared_clinic.admin.post("/patients", {**PATIENT, "owner_id": new_id()})

    assert pointers(nobody) == {"/owner_id"}
    assert without_trace(no_doctor.refused(422, "invalid")) == without_trace(unknown.refused(422, "invalid"))


def test_a_doctor_who_registers_for_another_does_not_treat_the_patient(clinic: TestClinic) -> None:
    registered = registered_for(clinic.doctor, by=clinic.other_doctor)

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


def test_a_doctor_of_another_clinic_cannot_be_named_as_owner(
    shared_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    refused = shared_clinic.admin.post("/patients", {**PATIENT, "owner_id": other_clinic.doctor.user_id})

    assert pointers(refused.refused(422, "invalid")) == {"/owner_id"}


@pytest.mark.parametrize("name", ["%2E%2E", "__name__", "Zo%C3%AB%20Fernandes", "x" * 2_000, "-a"])
def test_what_cannot_be_an_id_is_not_found_and_never_noted(shared_clinic: TestClinic, name: str) -> None:
    trace, headers = new_trace()

    shared_clinic.doctor.get(f"/patients/{name}", **headers).refused(404, "not-found")

    assert audit_of(shared_clinic, trace) == []


def test_every_wrong_field_is_named_at_once(shared_clinic: TestClinic) -> None:
    wrong = {
        "first_name": " ",
        "date_of_birth": "1984-02-30",
        "primary_phone": "080 4123",
        "address": {"lines": [], "country": "India"},
        "emergency_contact": {"name": "Asha"},
        "allergies": ["Latex", "x" * 501],
        "a/b~c": 1,
    }

    refused = shared_clinic.doctor.post("/patients", wrong).refused(422, "invalid")

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


@pytest.mark.parametrize("zone", [EASTERNMOST, WESTERNMOST])
def test_who_is_born_today_is_so_by_the_clinics_calendar(clinic: TestClinic, zone: str) -> None:
    in_zone(clinic, zone)
    today = local_date(datetime.now(UTC), zone)
    tomorrow = (today + timedelta(days=1)).isoformat()

    born = clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": today.isoformat()}).ok(201)
    unborn = clinic.doctor.post("/patients", {**NAMESAKE, "date_of_birth": tomorrow}).refused(422, "invalid")
    rewritten = clinic.doctor.put(path_of(born), {**PATIENT, "date_of_birth": tomorrow}, etag=born.etag)

    assert born.body["age"] == 0
    assert pointers(unborn) == pointers(rewritten.refused(422, "invalid")) == {"/date_of_birth"}


def test_what_the_calendar_and_the_staff_tell_is_named_together(clinic: TestClinic) -> None:
    in_zone(clinic, WESTERNMOST)
    tomorrow = (local_date(datetime.now(UTC), WESTERNMOST) + timedelta(days=1)).isoformat()

    wrong = {**PATIENT, "date_of_birth": tomorrow, "owner_id": clinic.admin.user_id}
    refused = clinic.receptionist.post("/patients", wrong).refused(422, "invalid")

    assert pointers(refused) == {"/date_of_birth", "/owner_id"}


def test_age_is_counted_in_the_clinics_time_zone(clinic: TestClinic) -> None:
    """In two zones that are 26 hours apart it is never the same day."""
    here = local_date(datetime.now(UTC), EASTERNMOST)
    birthday = here.replace(year=here.year - 28).isoformat()  # 28 years before 29 February there was one, too
    in_zone(clinic, EASTERNMOST)
    patient = clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": birthday}).ok(201)

    in_zone(clinic, WESTERNMOST)
    foreign_clinic = clinic.doctor.get(path_of(patient)).ok()

    assert (patient.body["age"], foreign_clinic.body["age"]) == (28, 27)
    assert [one["age"] for one in clinic.doctor.get("/patients").ok().body["items"]] == [27]


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
    new = {**NAMESAKE, "owner_id": clinic.doctor.user_id}

    def register(client: ApiClient) -> str:
        reply = client.post("/patients", new, key="one-key-for-all").ok(201)
        assert "Idempotent-Replayed" not in reply.headers
        return str(reply.body["id"])

    ids = {register(client) for client in (clinic.doctor, clinic.admin, clinic.receptionist)}

    assert len(ids) == 3


PERSON = {"/first_name", "/last_name", "/date_of_birth"}


@pytest.mark.parametrize(
    ("differently", "same"),
    [
        ({}, {*PERSON, "/primary_phone"}),
        ({"first_name": "FERNANDES", "last_name": " zoe ", "primary_phone": None}, PERSON),
        ({"last_name": "Fern Andes", "primary_phone": None}, PERSON),
        ({**OTHER, "primary_phone": PATIENT["primary_phone"]}, {"/primary_phone"}),
        ({**OTHER, "secondary_phone": "+91 98450-12345"}, {"/secondary_phone"}),
        ({"first_name": "Zelda", "primary_phone": None}, set()),
        ({"date_of_birth": "1984-03-01", "primary_phone": None}, set()),
        ({"primary_phone": "+919845054321", "date_of_birth": "1984-03-01"}, set()),
    ],
)
def test_who_seems_to_be_there_already_is_a_duplicate_by_what_is_the_same(
    clinic: TestClinic, differently: dict[str, Any], same: set[str]
) -> None:
    there = clinic.doctor.post("/patients", PATIENT).ok(201)

    again = clinic.doctor.post("/patients", {**PATIENT, **differently})

    if not same:
        again.ok(201)
        return
    again.refused(409, "duplicate")
    assert again.body["duplicates"] == [there.body["id"]]
    assert pointers(again) == same
    assert not any(word in again.content.decode() for word in PATIENT.values())


def test_who_knows_better_registers_a_duplicate_all_the_same_and_that_is_not_stored(clinic: TestClinic) -> None:
    first = clinic.doctor.post("/patients", PATIENT).ok(201)

    second = clinic.doctor.post("/patients", NAMESAKE).ok(201)
    third = clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate")

    assert "allow_duplicate" not in second.body
    assert third.body["duplicates"] == [second.body["id"], first.body["id"]]


def test_a_telephone_that_a_family_shares_does_not_hide_who_has_the_name_too(clinic: TestClinic) -> None:
    there = clinic.doctor.post("/patients", PATIENT).ok(201).body["id"]
    for name in ("Ada", "Bea", "Cleo", "Dora", "Eva"):
        clinic.doctor.post("/patients", {**NAMESAKE, "first_name": name}).ok(201)

    again = clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate")

    assert again.body["duplicates"][0] == there
    assert len(set(again.body["duplicates"])) == 5
    assert pointers(again) == {*PERSON, "/primary_phone"}


def test_a_duplicate_is_told_to_none_who_may_not_see_the_patient(clinic: TestClinic, other_clinic: TestClinic) -> None:
    there = clinic.doctor.post("/patients", PATIENT).ok(201)
    for_other = {**PATIENT, "owner_id": clinic.other_doctor.user_id}

    by_desk = clinic.receptionist.post("/patients", for_other).refused(409, "duplicate")
    by_stranger = clinic.other_doctor.post("/patients", PATIENT).ok(201)
    other_clinic.doctor.post("/patients", PATIENT).ok(201)

    assert by_desk.body["duplicates"] == [there.body["id"]]
    assert listed(clinic.other_doctor) == [by_stranger.body["id"]]


def test_a_deleted_patient_is_nobodys_duplicate(clinic: TestClinic) -> None:
    there = clinic.doctor.post("/patients", PATIENT).ok(201)
    clinic.doctor.delete(path_of(there), etag=there.etag).ok(204)

    clinic.doctor.post("/patients", PATIENT).ok(201)


def test_a_duplicate_that_was_refused_is_audited_with_who_was_found(clinic: TestClinic) -> None:
    there = clinic.doctor.post("/patients", PATIENT).ok(201)
    trace, headers = new_trace()

    clinic.doctor.post("/patients", PATIENT, **headers).refused(409, "duplicate")

    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("patient.create", "duplicate")
    assert entry["patient_ids"] == [there.body["id"]]


def test_of_ten_who_register_the_same_person_at_once_one_does(clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: clinic.doctor.post("/patients", PATIENT))

    assert statuses(replies) == {201: 1, 409: 9}
    (registered,) = [reply for reply in replies if reply.status == 201]
    assert {tuple(reply.body["duplicates"]) for reply in replies if reply.status == 409} == {(registered.body["id"],)}
    assert listed(clinic.doctor) == [registered.body["id"]]


class Interrupted(Keyrings):
    """Something happens when a request has read, and before it asks for anything more."""

    def __init__(self, happening: Callable[[], object]) -> None:
        super().__init__()
        self._happenings = [lambda: None, happening]

    def get(self, clinic_id: str) -> Keyring | None:
        """Asked before the read, to know whether the keys are read along, and after it."""
        if self._happenings:
            self._happenings.pop(0)()
        return super().get(clinic_id)


def test_a_request_that_its_own_repetition_overtakes_is_no_duplicate_of_it(clinic: TestClinic) -> None:
    new = NewPatient.model_validate(PATIENT)

    def register(keyrings: Keyrings) -> None:
        caller = Caller(clinic.doctor.user_id, frozenset(Role), datetime.now(UTC))
        key = Idempotency(
            "one-key", "the same request", b"{}", lambda result, clinical: StoredResponse(201, {}, "registered")
        )
        registration.register(
            Clinic(RequestContext(clinic.id, caller, Origin("test"), idempotency=key, keyrings=keyrings)), new
        )

    with pytest.raises(Replayed) as replayed:
        register(Interrupted(lambda: register(Keyrings())))

    assert replayed.value.response.body == "registered"
    assert len(listed(clinic.doctor)) == 1


class Cooling(Keyrings):
    """Open keys that are found warm once, and then no more."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(ttl=1, clock=lambda: self._now)

    def get(self, clinic_id: str) -> Keyring | None:
        found = super().get(clinic_id)
        self._now += 1
        return found


def test_keys_that_cool_while_a_request_reads_still_serve_it(clinic: TestClinic) -> None:
    patient_id = str(clinic.patient().body["id"])
    caller = Caller(clinic.doctor.user_id, frozenset(Role), datetime.now(UTC))
    keyrings = Cooling()

    found = [
        patients.get(Clinic(RequestContext(clinic.id, caller, Origin("test"), keyrings=keyrings)), patient_id)
        for _ in range(2)
    ]

    assert [one.record.id for one in found] == [patient_id, patient_id]
