"""Similar patients at every door: registering, PUT, PATCH and restoring tell or refuse them by one rule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.patients import listed, path_of
from tests.support.problems import pointers

ALI = {"first_name": "Mohammed", "last_name": "Ali", "date_of_birth": "1985-06-07"}
ANYBODY = {"first_name": "Zoë", "last_name": "Fernandes", "date_of_birth": "1984-02-29"}
PHONE = "+919845012345"


def registered(clinic: TestClinic, **values: Any) -> Reply:
    return clinic.doctor.post("/patients", {**ALI, **values}).ok(201)


def patched(client: ApiClient, patient: Reply, **changes: Any) -> Reply:
    return client.send("PATCH", path_of(patient), changes, etag=client.get(path_of(patient)).etag)


def deleted(clinic: TestClinic, patient: Reply) -> str:
    """Delete the patient; the path that restores them."""
    clinic.doctor.delete(path_of(patient), etag=clinic.doctor.get(path_of(patient)).etag).ok(204)
    return f"{path_of(patient)}/restore"


NEARLY = [
    {"first_name": "Mohammad"},
    {"last_name": "Aly"},
    {"first_name": "मोहम्मद", "last_name": "अली"},
    {"first_name": "محمد", "last_name": "علي"},
    {"date_of_birth": "1985-07-06"},
    {"first_name": "Ali", "last_name": "Mohammed"},
    {"first_name": "Muhammad", "date_of_birth": None, "primary_phone": PHONE},
    {"first_name": "Mohammed", "date_of_birth": "1961-01-01", "email": "ALI@mail.example"},
]


@pytest.mark.parametrize("nearly", NEARLY)
def test_who_seems_to_be_the_same_person_is_refused_at_every_door(
    own_clinic: TestClinic, nearly: dict[str, Any]
) -> None:
    existing = registered(own_clinic, primary_phone=PHONE, email="ali@mail.example")
    doctor, same = own_clinic.doctor, {**ALI, **nearly}
    other = doctor.post("/patients", ANYBODY).ok(201)
    gone = doctor.post("/patients", {**same, "allow_duplicate": True}).ok(201)
    restore = deleted(own_clinic, gone)
    touched = patched(doctor, existing, occupation="Baker").ok()

    refusals = [
        doctor.post("/patients", same),
        doctor.put(path_of(other), same, etag=other.etag),
        patched(doctor, other, **same),
        own_clinic.admin.post(restore, etag='"2"'),
    ]

    for refused in refusals:
        refused.refused(409, "duplicate")
        [named] = refused.body["duplicate_patients"]
        assert named["id"] == existing.body["id"]
        assert 90 <= named["score"] <= 100
        assert {f"/{field}" for reason in named["reasons"] for field in reason["fields"]} == pointers(refused)
    assert doctor.get(path_of(existing)).etag == touched.etag
    assert doctor.get(path_of(other)).etag == other.etag
    assert listed(own_clinic.admin, "?deleted=true") == [gone.body["id"]]


@pytest.mark.parametrize("nearly", NEARLY)
def test_who_insists_does_it_all_the_same_at_every_door(own_clinic: TestClinic, nearly: dict[str, Any]) -> None:
    existing = registered(own_clinic, primary_phone=PHONE, email="ali@mail.example")
    doctor, insisting = own_clinic.doctor, {**ALI, **nearly, "allow_duplicate": True}
    one, other = (doctor.post("/patients", {**ANYBODY, "allow_duplicate": True}).ok(201) for _ in range(2))
    gone = doctor.post("/patients", insisting).ok(201)
    restore = deleted(own_clinic, gone)
    patched(doctor, existing, occupation="Baker").ok()

    answers = [
        doctor.put(path_of(one), insisting, etag=one.etag).ok(),
        patched(doctor, other, **insisting).ok(),
        own_clinic.admin.post(restore, {"allow_duplicate": True}, etag='"2"').ok(),
    ]

    assert all(answer.body["warnings"] == [] and "allow_duplicate" not in answer.body for answer in answers)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"date_of_birth": "1985"}, ["same_name", "partly_known_birth_date"]),
        ({"first_name": "Mohammad", "date_of_birth": "1985-06"}, ["similar_name", "partly_known_birth_date"]),
        ({"first_name": "Mohammad", "date_of_birth": "1985-07-06"}, ["similar_name", "swapped_birth_date"]),
        ({"date_of_birth": "1985-06-08"}, ["same_name", "similar_birth_date"]),
        ({"date_of_birth": None, "estimated_age": {"years": 41, "as_of": "2026-11-01"}}, ["same_name", "similar_age"]),
        ({"last_name": None}, ["partial_name", "same_birth_date"]),
        ({"first_name": "Zoya", "date_of_birth": "2019-01-01", "secondary_phone": PHONE}, ["same_phone"]),
        ({"first_name": "Zoya", "date_of_birth": "2019-01-01", "email": "ali@mail.example"}, ["same_email"]),
    ],
)
def test_who_may_be_the_same_person_is_told_at_every_door(
    own_clinic: TestClinic, changes: dict[str, Any], reasons: list[str]
) -> None:
    existing = registered(own_clinic, primary_phone=PHONE, email="ali@mail.example")
    doctor, near = own_clinic.doctor, {**ALI, **changes}
    other = doctor.post("/patients", ANYBODY).ok(201)
    assert other.body["warnings"] == []

    new = doctor.post("/patients", near).ok(201)
    restore = deleted(own_clinic, new)
    patched(doctor, existing, occupation="Baker").ok()
    answers = [
        new,
        patched(doctor, other, **near).ok(),
        doctor.put(path_of(other), ANYBODY, etag='"2"').ok(),
        doctor.put(path_of(other), near, etag='"3"').ok(),
        doctor.put(path_of(other), ANYBODY, etag='"4"').ok(),
        own_clinic.admin.post(restore, etag='"2"').ok(),
    ]

    shown = {name: existing.body[name] for name in ("id", "number", "date_of_birth")}
    for answer in (*answers[:2], answers[3], answers[5]):
        [warning] = answer.body["warnings"]
        assert warning.items() >= {**shown, "code": "similar_patient", "name": "Mohammed Ali"}.items()
        assert [reason["code"] for reason in warning["reasons"]] == reasons
        assert 30 <= warning["score"] < 90
    assert answers[2].body["warnings"] == answers[4].body["warnings"] == []
    assert doctor.get(path_of(new)).ok().body["warnings"] == []


def test_the_five_most_similar_are_told_in_order(own_clinic: TestClinic) -> None:
    for name in ("Anna", "Bodo", "Carl", "Dilip", "Gert", "Lata"):
        registered(own_clinic, first_name=name, last_name=None, date_of_birth=None, primary_phone=PHONE)
    near = registered(own_clinic, date_of_birth="1985")

    warnings = registered(own_clinic, first_name="Muhammad", date_of_birth="1985-06", primary_phone=PHONE).body[
        "warnings"
    ]

    scores = [warning["score"] for warning in warnings]
    assert warnings[0]["id"] == near.body["id"]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 5


def test_a_number_or_birthday_that_many_share_hides_nobody(own_clinic: TestClinic) -> None:
    existing = registered(own_clinic, date_of_birth="1990-01-01").body["id"]
    for number in range(31):
        name = f"{chr(97 + number % 26) * 3}{chr(110 - number % 13) * 4}"
        born = {"date_of_birth": "1990-01-01", "primary_phone": PHONE, "allow_duplicate": True}
        registered(own_clinic, first_name=name, last_name=None, **born)

    again = own_clinic.doctor.post("/patients", {**ALI, "date_of_birth": "1990-01-01", "primary_phone": PHONE})

    assert again.refused(409, "duplicate").body["duplicates"][0] == existing


def test_who_was_allowed_beside_a_twin_is_changed_without_asking_again(own_clinic: TestClinic) -> None:
    registered(own_clinic, primary_phone=PHONE)
    twin = registered(own_clinic, primary_phone=PHONE, allow_duplicate=True)

    for changes in (
        {"occupation": "Baker"},
        {"email": "twin@mail.example"},
        {"first_name": "Mohammad"},
        {"first_name": "Omar"},
        {"primary_phone": None},
    ):
        assert patched(own_clinic.doctor, twin, **changes).ok().body["warnings"] == []
    patched(own_clinic.doctor, twin, first_name="Mohammed").refused(409, "duplicate")


def test_who_was_deleted_beside_a_twin_is_restored_beside_them(own_clinic: TestClinic) -> None:
    registered(own_clinic)
    twin = registered(own_clinic, allow_duplicate=True)

    assert own_clinic.admin.post(deleted(own_clinic, twin), etag='"2"').ok().body["warnings"] == []


def test_patients_without_a_known_name_are_told_by_their_number_alone(own_clinic: TestClinic) -> None:
    unknown = {"name_unknown": True, "date_of_birth": "1990-01-01"}
    one = own_clinic.doctor.post("/patients", {**unknown, "primary_phone": PHONE}).ok(201)

    assert own_clinic.doctor.post("/patients", unknown).ok(201).body["warnings"] == []
    [warning] = own_clinic.doctor.post("/patients", {**unknown, "primary_phone": PHONE}).ok(201).body["warnings"]
    assert (warning["id"], warning["name"]) == (one.body["id"], f"Unknown patient {one.body['number']}")


def test_patients_whom_the_caller_may_not_see_are_told_nowhere(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    registered(own_clinic, primary_phone=PHONE)
    registered(other_clinic)
    stranger = own_clinic.other_doctor
    other = stranger.post("/patients", ANYBODY).ok(201)

    assert patched(stranger, other, **ALI, primary_phone=PHONE).ok().body["warnings"] == []
    assert patched(stranger, other, **ANYBODY, primary_phone=None).ok().body["warnings"] == []
    assert stranger.post("/patients", {**ALI, "primary_phone": PHONE}).ok(201).body["warnings"] == []
    desk = {**ALI, "owner_id": stranger.user_id, "date_of_birth": "1985"}
    assert len(own_clinic.receptionist.post("/patients", desk).ok(201).body["warnings"]) == 2


def test_a_similar_patient_of_a_colleague_leaves_the_clinical_fields_in_the_answer(own_clinic: TestClinic) -> None:
    doctor = own_clinic.doctor
    alter(own_clinic, f"users/{doctor.user_id}", {"roles": ["doctor", "receptionist"]})
    existing = own_clinic.other_doctor.post("/patients", ALI).ok(201)
    new = {**ALI, "date_of_birth": "1985", "allergies": ["Penicillin"]}

    first, again = (doctor.post("/patients", new, key="the-only-key").ok(201) for _ in range(2))
    patient = path_of(first)
    changed = doctor.send("PATCH", patient, {"date_of_birth": "1985-06", "notes": "x"}, etag=first.etag).ok()

    assert [warning["id"] for warning in first.body["warnings"]] == [existing.body["id"]]
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (changed.body["allergies"], changed.body["notes"]) == (["Penicillin"], "x")


def test_a_stored_answer_is_not_told_to_who_may_no_longer_see_the_similar_patient(own_clinic: TestClinic) -> None:
    existing = registered(own_clinic)
    own_clinic.doctor.post("/patients", {**ALI, "date_of_birth": "1985"}, key="the-only-key").ok(201)
    owner = {"owner_id": own_clinic.other_doctor.user_id}
    own_clinic.doctor.put(f"{path_of(existing)}/owner", owner, etag=existing.etag).ok()

    own_clinic.doctor.post("/patients", {**ALI, "date_of_birth": "1985"}, key="the-only-key").refused(404, "not-found")


def test_of_concurrent_changes_into_one_person_one_is_done(own_clinic: TestClinic) -> None:
    names = [f"{letter * 5}" for letter in "bcdfgklm"]
    others = [registered(own_clinic, first_name=name, last_name=None, date_of_birth=None) for name in names]

    replies = at_once(
        len(others),
        lambda number: own_clinic.doctor.send("PATCH", path_of(others[number]), ALI, etag=others[number].etag),
    )

    assert statuses(replies) == {200: 1, 409: 7}
    [done] = [reply.body["id"] for reply in replies if reply.status == 200]
    assert {tuple(reply.body["duplicates"]) for reply in replies if reply.status == 409} == {(done,)}


def test_of_concurrent_doors_into_one_person_one_is_opened(own_clinic: TestClinic) -> None:
    gone = registered(own_clinic)
    restore = deleted(own_clinic, gone)
    other = own_clinic.doctor.post("/patients", ANYBODY).ok(201)
    doors = [
        lambda: own_clinic.doctor.post("/patients", ALI),
        lambda: own_clinic.doctor.send("PATCH", path_of(other), ALI, etag=other.etag),
        lambda: own_clinic.admin.post(restore, etag='"2"'),
    ]

    replies = at_once(len(doors), lambda number: doors[number]())

    assert sorted(reply.status for reply in replies)[1:] == [409, 409]


def test_a_stale_change_into_somebody_else_is_stale_first(own_clinic: TestClinic) -> None:
    registered(own_clinic)
    other = own_clinic.doctor.post("/patients", ANYBODY).ok(201)

    own_clinic.doctor.send("PATCH", path_of(other), ALI, etag='"7"').refused(412, "stale")
    own_clinic.doctor.send("PATCH", path_of(other), ALI).refused(428, "precondition-required")
