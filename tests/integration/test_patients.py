"""Patients: registered, read, changed, shared, deleted and restored, each by those who may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.patients.patient import NewPatient, Patient
from shared.records.privacy import fields_of
from shared.records.types import Role, local_date, new_id
from shared.store import database
from shared.store.answers import Answer, Idempotency, Replayed
from shared.store.audit import Origin
from shared.store.clinic import Caller, Clinic
from shared.vault.keyring import Keyring, Keyrings
from shared.workflows.patients import patients, registration
from tests.client import ApiClient, Reply
from tests.integration.backstage import (
    alter,
    at_once,
    audit_of,
    new_trace,
    pointers,
    statuses,
    without_trace,
)
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic

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


EASTERNMOST, WESTERNMOST = "Pacific/Kiritimati", "Etc/GMT+12"


def path_of(patient: Reply) -> str:
    return f"/patients/{patient.body['id']}"


def in_zone(clinic: TestClinic, zone: str) -> None:
    """Hang the clinic's clock elsewhere."""
    database.client().document("clinics", clinic.id).update({"time_zone": zone})


def registered_for(doctor: ApiClient, *, by: ApiClient, **values: object) -> Reply:
    """A new patient of the doctor, whom somebody else registers."""
    return by.post("/patients", {**NAMESAKE, "owner_id": doctor.user_id, **values}).ok(201)


def listed(client: ApiClient, query: str = "") -> list[str]:
    """The ids in the first page of a list."""
    return [patient["id"] for patient in client.get(f"/patients{query}").ok().body["items"]]


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


def test_who_is_not_a_doctor_names_the_responsible_one(quiet: TestClinic) -> None:
    nobody = quiet.receptionist.post("/patients", PATIENT).refused(422, "invalid")
    no_doctor = quiet.admin.post("/patients", {**PATIENT, "owner_id": quiet.receptionist.user_id})
    unknown = quiet.admin.post("/patients", {**PATIENT, "owner_id": new_id()})

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
    elsewhere = clinic.doctor.get(path_of(patient)).ok()

    assert (patient.body["age"], elsewhere.body["age"]) == (28, 27)
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


# Duplicates

OTHER = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1990-01-01", "primary_phone": "+919845054321"}
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
        key = Idempotency("one-key", "the same request", b"{}", lambda result, clinical: Answer(201, {}, "registered"))
        registration.register(Clinic(clinic.id, caller, Origin("test"), idempotency=key, keyrings=keyrings), new)

    with pytest.raises(Replayed) as replayed:
        register(Interrupted(lambda: register(Keyrings())))

    assert replayed.value.answer.body == "registered"
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

    found = [patients.get(Clinic(clinic.id, caller, Origin("test"), keyrings=keyrings), patient_id) for _ in range(2)]

    assert [one.record.id for one in found] == [patient_id, patient_id]


# Lists


def test_each_sees_in_the_list_whom_they_may_see_newest_first(clinic: TestClinic, other_clinic: TestClinic) -> None:
    other_clinic.patient()
    own = [clinic.patient().body["id"] for _ in range(2)]
    foreign = registered_for(clinic.other_doctor, by=clinic.receptionist).body["id"]

    assert listed(clinic.doctor) == [own[1], own[0]]
    assert listed(clinic.other_doctor) == [foreign]
    assert listed(clinic.receptionist) == listed(clinic.admin) == [foreign, own[1], own[0]]


def test_a_listed_patient_is_as_it_is_read(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    for client in (clinic.doctor, clinic.receptionist, clinic.admin):
        (seen,) = client.get("/patients").ok().body["items"]
        assert seen == client.get(path_of(patient)).ok().body
    assert CLINICAL.isdisjoint(clinic.receptionist.get("/patients").body["items"][0])


def test_pages_hold_everybody_once(clinic: TestClinic) -> None:
    registered = [clinic.patient().body["id"] for _ in range(5)]

    def pages() -> Iterator[list[str]]:
        query = "?page_size=2"
        while True:
            page = clinic.doctor.get(f"/patients{query}").ok().body
            yield [patient["id"] for patient in page["items"]]
            if page["next_page_token"] is None:
                return
            query = f"?page_size=2&page_token={page['next_page_token']}"

    found = [*pages()]

    assert [len(page) for page in found] == [2, 2, 1]
    assert [one for page in found for one in page] == registered[::-1]


def test_a_page_token_is_for_one_caller_and_one_list(clinic: TestClinic, other_clinic: TestClinic) -> None:
    for _ in range(2):
        clinic.patient()
    token = clinic.doctor.get("/patients?page_size=1").ok().body["next_page_token"]
    elsewhere: list[tuple[ApiClient, str]] = [
        (clinic.admin, ""),
        (other_clinic.doctor, ""),
        (clinic.doctor, f"&doctor_id={clinic.doctor.user_id}"),
        (clinic.doctor, "&created_from=2020-01-01T00:00:00Z"),
    ]

    for client, more in elsewhere:
        refused = client.get(f"/patients?page_token={token}{more}").refused(422, "invalid")
        assert pointers(refused) == {"page_token"}
    clinic.doctor.get(f"/patients?page_token={token}").ok()


def test_front_desk_and_admin_list_the_patients_of_a_doctor(clinic: TestClinic) -> None:
    own = clinic.patient().body["id"]
    foreign = registered_for(clinic.other_doctor, by=clinic.receptionist).body["id"]

    for client in (clinic.receptionist, clinic.admin):
        assert listed(client, f"?doctor_id={clinic.doctor.user_id}") == [own]
        assert listed(client, f"?doctor_id={clinic.other_doctor.user_id}") == [foreign]
        assert listed(client, f"?doctor_id={new_id()}") == []


def test_a_doctor_names_only_themselves(quiet: TestClinic) -> None:
    quiet.doctor.get(f"/patients?doctor_id={quiet.doctor.user_id}").ok()

    for other in (quiet.other_doctor.user_id, quiet.admin.user_id, new_id(), "front-desk"):
        quiet.doctor.get(f"/patients?doctor_id={other}").refused(403, "forbidden")


def test_patients_are_listed_by_when_they_were_registered(clinic: TestClinic) -> None:
    first, second, third = (clinic.patient().body for _ in range(3))

    assert listed(clinic.doctor, f"?created_from={second['created_at']}") == [third["id"], second["id"]]
    assert listed(clinic.doctor, f"?created_before={second['created_at']}") == [first["id"]]
    both = f"?created_from={second['created_at']}&created_before={third['created_at']}"
    assert listed(clinic.doctor, both) == [second["id"]]


def test_every_wrong_filter_is_named_at_once(quiet: TestClinic) -> None:
    query = "?created_from=yesterday&created_before=2026-01-01&doctor_id=%2F&page_size=101"

    refused = quiet.doctor.get(f"/patients{query}").refused(422, "invalid")

    assert pointers(refused) == {"created_from", "created_before", "doctor_id", "page_size"}
    assert pointers(quiet.doctor.get("/patients?last_name=Rao").refused(422, "invalid")) == {"last_name"}


# Changes

Change = Callable[[ApiClient, str, str], Reply]
"""A change by a user, of the patient at a path, with an ETag."""
ALONE: dict[str, Change] = {
    "write": lambda user, path, etag: user.put(path, PATIENT, etag=etag),
    "change": lambda user, path, etag: user.send("PATCH", path, {"occupation": "Baker"}, etag=etag),
    "delete": lambda user, path, etag: user.delete(path, etag=etag),
}


def sharing(clinic: TestClinic) -> dict[str, Change]:
    """The changes of who may see a patient; they name the clinic's other doctor."""
    other = clinic.other_doctor.user_id
    return {
        "share": lambda user, path, etag: user.put(f"{path}/doctors/{other}", None, etag=etag),
        "withdraw": lambda user, path, etag: user.delete(f"{path}/doctors/{other}", etag=etag),
        "transfer": lambda user, path, etag: user.put(f"{path}/owner", {"owner_id": other}, etag=etag),
    }


OF_OWNERS = ["delete", "share", "withdraw", "transfer"]


@pytest.mark.parametrize("name", ["write", "change", *OF_OWNERS])
def test_a_change_needs_the_revision_that_it_changes(clinic: TestClinic, name: str) -> None:
    call = (ALONE | sharing(clinic))[name]
    patient = clinic.patient()
    path = path_of(patient)
    current = clinic.doctor.put(path, PATIENT, etag=patient.etag).ok()

    call(clinic.doctor, path, "").refused(428, "precondition-required")
    call(clinic.doctor, path, patient.etag).refused(412, "stale")
    call(clinic.doctor, path, '"99"').refused(412, "stale")

    assert clinic.doctor.get(path).ok().body == current.body


@pytest.mark.parametrize("name", ["write", "change", *OF_OWNERS])
def test_strangers_cannot_tell_who_they_would_change_from_nobody(
    clinic: TestClinic, other_clinic: TestClinic, name: str
) -> None:
    call = (ALONE | sharing(clinic))[name]
    patient = clinic.patient()

    for stranger in (clinic.other_doctor, other_clinic.doctor, other_clinic.admin):
        refused = call(stranger, path_of(patient), patient.etag).refused(404, "not-found")
        missing = call(stranger, f"/patients/{new_id()}", patient.etag).refused(404, "not-found")
        assert without_trace(refused) == without_trace(missing)


@pytest.mark.parametrize("name", OF_OWNERS)
def test_who_sees_a_shared_patient_neither_deletes_nor_shares_nor_gives_away(clinic: TestClinic, name: str) -> None:
    call = (ALONE | sharing(clinic))[name]
    shared = sharing(clinic)["share"](clinic.doctor, path_of(clinic.patient()), '"1"').ok()

    call(clinic.other_doctor, path_of(shared), shared.etag).refused(403, "forbidden")
    call(clinic.receptionist, path_of(shared), shared.etag).refused(403, "forbidden")

    assert clinic.doctor.get(path_of(shared)).ok().etag == shared.etag


def test_fifty_writers_with_one_etag_change_a_patient_once(clinic: TestClinic) -> None:
    patient = clinic.patient()
    names = [f"Zoë {chr(ord('A') + number // 26)}{chr(ord('a') + number % 26)}" for number in range(50)]

    replies = at_once(
        50, lambda n: clinic.doctor.put(path_of(patient), {**PATIENT, "first_name": names[n]}, etag=patient.etag)
    )

    assert statuses(replies) == {200: 1, 412: 49}
    (changed,) = [reply for reply in replies if reply.status == 200]
    assert clinic.doctor.get(path_of(patient)).ok().body == changed.body


def test_a_patient_is_written_anew(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    written = clinic.doctor.put(path_of(patient), {**OTHER, "notes": "Moved"}, etag=patient.etag).ok()

    kept = {name: patient.body[name] for name in ("id", "number", "owner_id", "created_at", "shared_with")}
    assert written.body.items() >= {**OTHER, **kept, "notes": "Moved"}.items()
    assert written.etag == '"2"'
    gone = (DEMOGRAPHICS | BACKGROUND).keys() - OTHER.keys() - {"notes"}
    assert all(written.body[name] in (None, []) for name in gone)
    assert clinic.doctor.get(path_of(patient)).ok().body == written.body


def test_a_part_of_a_patient_is_changed_and_the_rest_stays(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    patch: dict[str, object] = {"email": None, "address": {"city": "Mysuru"}, "tags": []}
    headers = {"Content-Type": "application/merge-patch+json"}

    changed = clinic.doctor.send("PATCH", path_of(patient), patch, etag=patient.etag, **headers).ok()

    address = {**patient.body["address"], "city": "Mysuru"}
    differ = {name for name, value in changed.body.items() if value != patient.body[name]}
    assert differ == {"email", "address", "tags", "revision", "updated_at"}
    assert (changed.body["email"], changed.body["address"], changed.body["tags"]) == (None, address, [])


def test_a_patch_that_names_nothing_changes_nothing(clinic: TestClinic) -> None:
    patient = clinic.patient()

    unchanged = clinic.doctor.send("PATCH", path_of(patient), {}, etag=patient.etag).ok()

    assert unchanged.body == patient.body


def test_what_a_patch_leaves_incomplete_is_refused_by_name(clinic: TestClinic) -> None:
    patient = clinic.patient()
    patch = {"insurance": {"group_number": "7"}}

    refused = clinic.doctor.send("PATCH", path_of(patient), patch, etag=patient.etag).refused(422, "invalid")

    assert pointers(refused) == {"/insurance/provider_name", "/insurance/policy_number"}


def test_neither_owner_nor_sharing_is_written_with_the_patient(clinic: TestClinic) -> None:
    patient = clinic.patient()
    other = {"owner_id": clinic.other_doctor.user_id, "shared_with": [clinic.other_doctor.user_id], "number": "PAT-1"}

    written = clinic.doctor.put(path_of(patient), {**PATIENT, **other}, etag=patient.etag).refused(422, "invalid")
    patched = clinic.doctor.send("PATCH", path_of(patient), other, etag=patient.etag).refused(422, "invalid")

    assert pointers(written) == pointers(patched) == {"/owner_id", "/shared_with", "/number"}


def test_a_receptionist_changes_a_patient_and_loses_nothing_clinical(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    written = clinic.receptionist.put(path_of(patient), OTHER, etag=patient.etag).ok()
    patched = clinic.receptionist.send("PATCH", path_of(patient), {"gender": "female"}, etag=written.etag).ok()

    assert CLINICAL.isdisjoint(written.body) and CLINICAL.isdisjoint(patched.body)
    assert clinic.doctor.get(path_of(patient)).ok().body.items() >= {**OTHER, **BACKGROUND, "gender": "female"}.items()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_receptionist_who_sends_clinical_fields_changes_nothing(clinic: TestClinic, method: str) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    sent: dict[str, object] = {**PATIENT, "allergies": [], "notes": None, "blood_group": "O+"}

    refused = clinic.receptionist.send(method, path_of(patient), sent, etag=patient.etag).refused(403, "forbidden")

    assert pointers(refused) == {"/allergies", "/notes", "/blood_group"}
    assert clinic.doctor.get(path_of(patient)).ok().body == patient.body


def test_a_doctor_at_the_front_desk_writes_nothing_clinical_of_a_strange_patient(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    alter(clinic, f"users/{clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})

    noted = clinic.other_doctor.put(path_of(patient), {**PATIENT, "notes": "x"}, etag=patient.etag)
    written = clinic.other_doctor.put(path_of(patient), PATIENT, etag=patient.etag).ok()

    assert pointers(noted.refused(403, "forbidden")) == {"/notes"}
    assert CLINICAL.isdisjoint(written.body)
    assert clinic.doctor.get(path_of(patient)).ok().body.items() >= BACKGROUND.items()


# Deleting


def test_a_deleted_patient_and_all_that_belongs_to_them_are_gone_for_everybody(clinic: TestClinic) -> None:
    session = clinic.session().body
    patient = clinic.doctor.get(f"/patients/{session['patient_id']}").ok()

    gone = clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)

    assert gone.content == b""
    of_patient = [path_of(patient), f"/patients/{patient.body['number']}", f"/sessions/{session['id']}"]
    for path in of_patient:
        for client in (clinic.doctor, clinic.admin):
            client.get(path).refused(404, "not-found")
    for client in (clinic.doctor, clinic.receptionist, clinic.admin):
        assert listed(client) == []
        client.put(path_of(patient), PATIENT, etag='"2"').refused(404, "not-found")
    clinic.doctor.delete(path_of(patient), etag='"2"').refused(404, "not-found")
    clinic.doctor.post("/sessions", {"patient_id": patient.body["id"]}).refused(404, "not-found")


def test_an_admin_finds_a_deleted_patient_and_restores_them(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    kept = clinic.patient().body["id"]
    clinic.admin.delete(path_of(patient), etag=patient.etag).ok(204)

    (deleted,) = clinic.admin.get("/patients?deleted=true").ok().body["items"]
    restored = clinic.admin.post(f"{path_of(patient)}/restore", key="", etag=f'"{deleted["revision"]}"').ok()

    stamps = {"revision", "updated_at", "updated_by"}
    unstamped = {name: value for name, value in patient.body.items() if name not in stamps}
    assert deleted.items() >= unstamped.items()
    assert restored.body.items() >= unstamped.items()
    assert clinic.doctor.get(path_of(patient)).ok().body == restored.body
    assert listed(clinic.doctor) == [kept, patient.body["id"]]
    assert listed(clinic.admin, "?deleted=true") == []


def test_only_admins_see_deleted_patients_and_restore_them(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = clinic.patient()
    clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)
    path = f"{path_of(patient)}/restore"

    for client in (clinic.doctor, clinic.other_doctor, clinic.receptionist):
        client.get("/patients?deleted=true").refused(403, "forbidden")
        client.post(path, etag='"2"').refused(403, "forbidden")
    assert listed(other_clinic.admin, "?deleted=true") == []
    other_clinic.admin.post(path, etag='"2"').refused(404, "not-found")
    clinic.admin.post(path).refused(428, "precondition-required")
    clinic.admin.post(path, etag='"1"').refused(412, "stale")
    clinic.admin.post(path, etag='"2"').ok()
    clinic.admin.post(path, etag='"3"').refused(404, "not-found")


def test_a_restoration_that_is_repeated_with_its_key_is_answered_again(clinic: TestClinic) -> None:
    patient = clinic.patient()
    clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)

    replies = [clinic.admin.post(f"{path_of(patient)}/restore", key="restore-zoe", etag='"2"').ok() for _ in range(2)]

    assert replies[0].body == replies[1].body
    assert [reply.headers.get("Idempotent-Replayed") for reply in replies] == [None, "true"]


# Sharing


def test_a_shared_patient_is_the_other_doctors_until_withdrawn(clinic: TestClinic) -> None:
    share, withdraw = sharing(clinic)["share"], sharing(clinic)["withdraw"]
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    path = path_of(patient)

    shared = share(clinic.doctor, path, patient.etag).ok()
    seen, in_list = clinic.other_doctor.get(path).ok(), listed(clinic.other_doctor)
    changed = clinic.other_doctor.put(path, {**PATIENT, "notes": "Seen."}, etag=shared.etag).ok()
    withdrawn = withdraw(clinic.doctor, path, changed.etag).ok()

    assert shared.body["shared_with"] == [clinic.other_doctor.user_id]
    assert seen.body == shared.body
    assert in_list == [patient.body["id"]]
    assert changed.body["notes"] == "Seen."
    assert withdrawn.body["shared_with"] == []
    clinic.other_doctor.get(path).refused(404, "not-found")
    clinic.other_doctor.put(path, PATIENT, etag=withdrawn.etag).refused(404, "not-found")
    assert listed(clinic.other_doctor) == []
    assert listed(clinic.doctor) == [patient.body["id"]]


def test_sharing_twice_and_withdrawing_from_who_has_nothing_change_nothing(clinic: TestClinic) -> None:
    share, withdraw = sharing(clinic)["share"], sharing(clinic)["withdraw"]
    patient = clinic.patient()
    path = path_of(patient)

    nothing = withdraw(clinic.doctor, path, patient.etag).ok()
    shared = share(clinic.doctor, path, patient.etag).ok()
    again = share(clinic.admin, path, shared.etag).ok()
    with_owner = clinic.admin.put(f"{path}/doctors/{clinic.doctor.user_id}", None, etag=shared.etag).ok()
    same_owner = clinic.admin.put(f"{path}/owner", {"owner_id": clinic.doctor.user_id}, etag=shared.etag).ok()

    assert nothing.body == patient.body
    assert again.body == with_owner.body == same_owner.body == shared.body


def test_the_responsible_doctor_is_not_withdrawn(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"{path_of(patient)}/doctors/{clinic.doctor.user_id}"

    clinic.admin.delete(path, etag=patient.etag).refused(409, "conflict")


def test_a_transferred_patient_is_the_new_doctors_alone(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    path = path_of(patient)

    transferred = sharing(clinic)["transfer"](clinic.doctor, path, patient.etag).ok()

    assert transferred.body["owner_id"] == clinic.other_doctor.user_id
    assert CLINICAL.isdisjoint(transferred.body), "the earlier owner is a stranger now"
    clinic.doctor.get(path).refused(404, "not-found")
    assert (listed(clinic.doctor), listed(clinic.other_doctor)) == ([], [patient.body["id"]])
    assert clinic.other_doctor.get(path).ok().body.items() >= BACKGROUND.items()
    shared = clinic.other_doctor.put(f"{path}/doctors/{clinic.doctor.user_id}", None, etag=transferred.etag).ok()
    assert clinic.doctor.get(path).ok().body == shared.body


def test_an_admin_transfers_a_shared_patient_and_sees_it_whole(clinic: TestClinic) -> None:
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    shared = sharing(clinic)["share"](clinic.admin, path_of(patient), patient.etag).ok()

    transferred = sharing(clinic)["transfer"](clinic.admin, path_of(patient), shared.etag).ok()

    assert (transferred.body["owner_id"], transferred.body["shared_with"]) == (clinic.other_doctor.user_id, [])
    assert transferred.body.items() >= BACKGROUND.items()


def test_a_patient_goes_to_enabled_doctors_of_the_clinic_only(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = path_of(patient)
    alter(clinic, f"users/{clinic.other_doctor.user_id}", {"disabled": True})
    others = [clinic.receptionist, clinic.admin, clinic.other_doctor, other_clinic.doctor]
    numbers = [patient.body["number"], patient.body["number"].replace("0001", "9999")]

    for wrong in [*(client.user_id for client in others), new_id(), *numbers]:
        shared = clinic.doctor.put(f"{path}/doctors/{wrong}", None, etag=patient.etag).refused(422, "invalid")
        given = clinic.doctor.put(f"{path}/owner", {"owner_id": wrong}, etag=patient.etag).refused(422, "invalid")
        assert (pointers(shared), pointers(given)) == ({"doctor_id"}, {"/owner_id"})
    assert clinic.doctor.get(path).ok().body == patient.body


def test_a_disabled_doctor_is_withdrawn_all_the_same(clinic: TestClinic) -> None:
    patient = clinic.patient()
    shared = sharing(clinic)["share"](clinic.doctor, path_of(patient), patient.etag).ok()
    alter(clinic, f"users/{clinic.other_doctor.user_id}", {"disabled": True})

    withdrawn = sharing(clinic)["withdraw"](clinic.doctor, path_of(patient), shared.etag).ok()

    assert withdrawn.body["shared_with"] == []


def test_search_tokens_follow_what_is_changed_and_shared(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = path_of(patient)
    tokens = count_tokens(clinic, patient)

    shared = sharing(clinic)["share"](clinic.doctor, path, patient.etag).ok()
    with_two = count_tokens(clinic, patient)
    withdrawn = sharing(clinic)["withdraw"](clinic.doctor, path, shared.etag).ok()
    without = count_tokens(clinic, patient)
    clinic.doctor.put(path, OTHER, etag=withdrawn.etag).ok()

    assert len(with_two) * 2 == len(tokens) * 3, "of the front desk and of each doctor"
    assert without == tokens < with_two
    assert len(count_tokens(clinic, patient) & tokens) == len({"front desk", "doctor"}) * len({"any", "number", "id"})


def count_tokens(clinic: TestClinic, patient: Reply) -> set[bytes]:
    """What finds the patient, as it is stored."""
    return set(database.client().document(f"clinics/{clinic.id}{path_of(patient)}").get().get("tokens"))


# What is noted, and what is asked of Google


Request = tuple[str, str, object, str]
"""Method, path, body, ETag."""
ACTIONS = {
    "list": "patient.list",
    "write": "patient.change",
    "change": "patient.change",
    "delete": "patient.delete",
    "restore": "patient.restore",
    "share": "patient.share",
    "withdraw": "patient.withdraw",
    "transfer": "patient.transfer",
}


def prepared(clinic: TestClinic, name: str) -> tuple[str, Request]:
    """A patient, by id, and a request that can be made of them."""
    patient = clinic.patient()
    path, etag = path_of(patient), patient.etag
    if name == "restore":
        clinic.doctor.delete(path, etag=etag).ok(204)
        etag = '"2"'
    if name == "withdraw":
        etag = sharing(clinic)["share"](clinic.doctor, path, etag).ok().etag
    other = clinic.other_doctor.user_id
    requests: dict[str, Request] = {
        "list": ("GET", "/patients", None, ""),
        "write": ("PUT", path, PATIENT, etag),
        "change": ("PATCH", path, {"occupation": "Baker"}, etag),
        "delete": ("DELETE", path, None, etag),
        "restore": ("POST", f"{path}/restore", None, etag),
        "share": ("PUT", f"{path}/doctors/{other}", None, etag),
        "withdraw": ("DELETE", f"{path}/doctors/{other}", None, etag),
        "transfer": ("PUT", f"{path}/owner", {"owner_id": other}, etag),
    }
    return patient.body["id"], requests[name]


@pytest.mark.parametrize("name", ACTIONS)
def test_what_was_done_is_audited_by_name(clinic: TestClinic, name: str) -> None:
    trace, headers = new_trace()
    patient, (method, path, body, etag) = prepared(clinic, name)

    reply = clinic.admin.send(method, path, body, etag=etag, **headers)

    assert reply.status in (200, 204)
    (entry,) = audit_of(clinic, trace)
    assert (entry["actor_id"], entry["action"], entry["outcome"]) == (clinic.admin.user_id, ACTIONS[name], "done")
    assert entry["patient_ids"] == [patient]
    assert not any(word in repr(entry) for word in PATIENT.values())


READS, QUERY, COMMIT = "BatchGetDocuments", "RunQuery", "Commit"
COSTS = {
    # Caller and settings; then the patient, the patient's keys, and the other doctor come along.
    "list": [(READS, 2), (QUERY, 1), (COMMIT, 1)],
    "write": [(READS, 4), (COMMIT, 2)],
    "change": [(READS, 4), (COMMIT, 2)],
    "delete": [(READS, 4), (COMMIT, 2)],
    "restore": [(READS, 4), (COMMIT, 2)],
    "share": [(READS, 5), (COMMIT, 3)],
    "withdraw": [(READS, 4), (COMMIT, 2)],
    "transfer": [(READS, 5), (COMMIT, 3)],
}


@pytest.mark.parametrize("name", COSTS)
def test_a_request_asks_google_for_exactly_this(clinic: TestClinic, name: str) -> None:
    _, (method, path, body, etag) = prepared(clinic, name)

    assert costs(clinic, lambda: clinic.admin.send(method, path, body, etag=etag)) == COSTS[name]


def test_registering_asks_once_for_duplicates_unless_they_are_allowed(clinic: TestClinic) -> None:
    clinic.doctor.get("/patients").ok()

    first = costs(clinic, lambda: clinic.doctor.post("/patients", PATIENT).ok(201))
    again = costs(clinic, lambda: clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate"))
    allowed = costs(clinic, lambda: clinic.doctor.post("/patients", NAMESAKE).ok(201))
    for_another = costs(clinic, lambda: registered_for(clinic.doctor, by=clinic.receptionist))

    assert first == [(READS, 4), (QUERY, 1), (COMMIT, 6)]
    # The caller and an earlier answer once more: what was found may be this very request's effect.
    assert again == [(READS, 4), (QUERY, 1), (READS, 2), (COMMIT, 1)]
    assert allowed == [(READS, 4), (COMMIT, 6)]
    assert for_another == [(READS, 5), (COMMIT, 7)]


def costs(clinic: TestClinic, act: Callable[[], object]) -> list[tuple[str, int]]:
    """What the function asks of Google meanwhile, with how many documents."""
    mark = clinic.stack.taps.mark()
    act()
    calls = [call for call in clinic.stack.taps.calls(mark) if call.caller == "patients"]
    return [(call.method, sum(call.amounts.values())) for call in calls]
