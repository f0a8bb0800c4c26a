"""Registration of a patient who seems to be registered already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.records.patients.update import NewPatient
from shared.records.types import Role
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext
from shared.store.idempotency import Idempotency, Replayed, StoredResponse
from shared.vault.keyring import Keyring, Keyrings
from shared.web import serialization
from shared.workflows.patients import registration
from tests.support.audit import audit_of, new_trace
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.patients import (
    listed,
    path_of,
)
from tests.support.problems import pointers

NAME_AND_BIRTH = {"/first_name", "/last_name", "/date_of_birth"}


@pytest.mark.parametrize(
    ("changes", "matching"),
    [
        ({}, {*NAME_AND_BIRTH, "/primary_phone"}),
        ({"first_name": "FERNANDES", "last_name": " zoe ", "primary_phone": None}, NAME_AND_BIRTH),
        ({"last_name": "Fern Andes", "primary_phone": None}, NAME_AND_BIRTH),
        ({"date_of_birth": None}, {"/first_name", "/last_name", "/primary_phone"}),
        ({"date_of_birth": "1960-03-01"}, {"/first_name", "/last_name", "/primary_phone"}),
        ({"first_name": "Zelda", "primary_phone": None}, set()),
        ({"date_of_birth": "1984-03-01", "primary_phone": None}, set()),
        ({"primary_phone": "+919845054321", "date_of_birth": "1984-03-01"}, set()),
    ],
)
def test_probable_duplicate_is_refused_with_the_matching_fields(
    own_clinic: TestClinic, changes: dict[str, Any], matching: set[str]
) -> None:
    existing = own_clinic.doctor.post("/patients", PATIENT).ok(201)

    again = own_clinic.doctor.post("/patients", {**PATIENT, **changes})

    if not matching:
        again.ok(201)
        return
    again.refused(409, "duplicate")
    assert again.body["duplicates"] == [existing.body["id"]]
    assert pointers(again) == matching
    shown = {name: existing.body[name] for name in ("id", "number", "date_of_birth")}
    [named] = again.body["duplicate_patients"]
    assert named.items() >= {**shown, "name": "Zoë Fernandes"}.items()
    assert named.keys() - shown.keys() == {"name", "score", "reasons"}
    assert PATIENT["primary_phone"] not in again.content.decode()


def test_allow_duplicate_registers_and_is_not_persisted(own_clinic: TestClinic) -> None:
    first = own_clinic.doctor.post("/patients", PATIENT).ok(201)

    second = own_clinic.doctor.post("/patients", NAMESAKE).ok(201)
    third = own_clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate")

    assert "allow_duplicate" not in second.body
    assert third.body["duplicates"] == [second.body["id"], first.body["id"]]


def test_duplicate_by_name_is_listed_before_patients_with_the_same_phone(own_clinic: TestClinic) -> None:
    existing = own_clinic.doctor.post("/patients", PATIENT).ok(201).body["id"]
    for name in ("Ada", "Bea", "Cleo", "Dora", "Eva"):
        own_clinic.doctor.post("/patients", {**NAMESAKE, "first_name": name}).ok(201)

    again = own_clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate")

    assert again.body["duplicates"][0] == existing
    assert len(set(again.body["duplicates"])) == 5
    assert pointers(again) == {*NAME_AND_BIRTH, "/primary_phone"}


def test_duplicate_is_not_reported_to_a_caller_without_access(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    existing = own_clinic.doctor.post("/patients", PATIENT).ok(201)
    for_other = {**PATIENT, "owner_id": own_clinic.other_doctor.user_id}

    by_desk = own_clinic.receptionist.post("/patients", for_other).refused(409, "duplicate")
    by_stranger = own_clinic.other_doctor.post("/patients", PATIENT).ok(201)
    other_clinic.doctor.post("/patients", PATIENT).ok(201)

    assert by_desk.body["duplicates"] == [existing.body["id"]]
    assert listed(own_clinic.other_doctor) == [by_stranger.body["id"]]


def test_deleted_patient_is_not_a_duplicate(own_clinic: TestClinic) -> None:
    existing = own_clinic.doctor.post("/patients", PATIENT).ok(201)
    own_clinic.doctor.delete(path_of(existing), etag=existing.etag).ok(204)

    own_clinic.doctor.post("/patients", PATIENT).ok(201)


def test_refused_duplicate_is_audited_with_the_found_patient(own_clinic: TestClinic) -> None:
    existing = own_clinic.doctor.post("/patients", PATIENT).ok(201)
    trace, headers = new_trace()

    own_clinic.doctor.post("/patients", PATIENT, **headers).refused(409, "duplicate")

    (entry,) = audit_of(own_clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("patient.create", "duplicate")
    assert entry["patient_ids"] == [existing.body["id"]]


def test_ten_concurrent_registrations_of_one_person_register_one_patient(own_clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: own_clinic.doctor.post("/patients", PATIENT))

    assert statuses(replies) == {201: 1, 409: 9}
    (registered,) = [reply for reply in replies if reply.status == 201]
    assert {tuple(reply.body["duplicates"]) for reply in replies if reply.status == 409} == {(registered.body["id"],)}
    assert listed(own_clinic.doctor) == [registered.body["id"]]


class InterruptedKeyrings(Keyrings):
    """Runs an action after the first read of a request and before its next one."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__()
        self._actions = [lambda: None, action]

    def get(self, clinic_id: str) -> Keyring | None:
        """Called before the first read, which includes the keys if they are not cached, and again after it."""
        if self._actions:
            self._actions.pop(0)()
        return super().get(clinic_id)


def test_request_overtaken_by_its_repetition_is_replayed_and_not_a_duplicate(own_clinic: TestClinic) -> None:
    new = NewPatient.model_validate(PATIENT)

    def register(keyrings: Keyrings) -> None:
        caller = Caller(own_clinic.doctor.user_id, frozenset(Role), datetime.now(UTC))
        key = Idempotency(
            "one-key",
            "the same request",
            b"{}",
            lambda result, clinical: StoredResponse(201, {}, "registered"),
            serialization.has_clinical,
        )
        registration.register(
            Clinic(RequestContext(own_clinic.id, caller, Origin("test"), idempotency=key, keyrings=keyrings)), new
        )

    with pytest.raises(Replayed) as replayed:
        register(InterruptedKeyrings(lambda: register(Keyrings())))

    assert replayed.value.response.body == "registered"
    assert len(listed(own_clinic.doctor)) == 1
