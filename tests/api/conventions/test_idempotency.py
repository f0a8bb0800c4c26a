"""Idempotency-Key: required, replayed, expired, and re-authorised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.database import alter
from tests.support.problems import pointers
from tools import google_firestore


def test_creation_without_a_valid_key_is_a_bad_request(clinic: TestClinic) -> None:
    for key in ("", "short", "with space 1234", "x" * 201):
        clinic.doctor.post("/patients", PATIENT, key=key).refused(400, "bad-request")

    assert clinic.patient().body["number"].endswith("0001")


def test_repeated_key_replays_the_response_and_refuses_another_body(own_clinic: TestClinic) -> None:
    first = own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    again = own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)
    other = own_clinic.doctor.post("/patients", {**PATIENT, "last_name": "Rao"}, key="zoe-is-registered")

    assert (again.content, again.etag) == (first.content, first.etag)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert pointers(other.refused(422, "invalid")) == {"Idempotency-Key"}


def test_key_of_a_refused_request_may_be_used_again(own_clinic: TestClinic) -> None:
    own_clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": "2999-01-01"}, key="zoe-is-registered")

    registered = own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    assert "Idempotent-Replayed" not in registered.headers


def test_expired_key_may_be_used_again_while_its_response_is_still_stored(own_clinic: TestClinic) -> None:
    first = own_clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").ok(201)
    stored = next(iter(google_firestore.client().collection("clinics", own_clinic.id, "requests").stream()))

    stored.reference.update({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
    second = own_clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").ok(201)

    assert stored.get("expires_at") > datetime.now(UTC) + timedelta(hours=23)
    assert second.body["id"] != first.body["id"]
    assert own_clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").body == second.body


def cancel_sessions(clinic: TestClinic, path: str) -> None:
    for session in clinic.admin.get(f"{path}/sessions").ok().body["items"]:
        clinic.admin.delete(f"/sessions/{session['id']}", etag=f'"{session["revision"]}"').ok()


def withdraw_sharing(clinic: TestClinic, path: str) -> None:
    cancel_sessions(clinic, path)
    clinic.admin.delete(f"{path}/doctors/{clinic.other_doctor.user_id}", etag='"2"').ok()


def delete_patient(clinic: TestClinic, path: str) -> None:
    cancel_sessions(clinic, path)
    clinic.admin.delete(path, etag='"2"').ok(204)


@pytest.mark.parametrize("remove_access", [withdraw_sharing, delete_patient])
def test_response_is_not_replayed_after_losing_access_to_the_patient(
    own_clinic: TestClinic, remove_access: Callable[[TestClinic, str], None]
) -> None:
    patient = own_clinic.patient()
    path = f"/patients/{patient.body['id']}"
    own_clinic.doctor.put(
        f"{path}/doctors/{own_clinic.other_doctor.user_id}", {"level": "write"}, etag=patient.etag
    ).ok()
    visit, audio = {"patient_id": patient.body["id"]}, {"content_type": "audio/flac", "size_bytes": 9}
    session = own_clinic.other_doctor.post("/sessions", visit, key="a-key-for-all").ok(201)
    recordings = f"/sessions/{session.body['id']}/recordings"
    own_clinic.other_doctor.post(recordings, audio, key="a-key-for-all").ok(201)

    remove_access(own_clinic, path)

    own_clinic.other_doctor.post("/sessions", visit, key="a-key-for-all").refused(404, "not-found")
    own_clinic.other_doctor.post(recordings, audio, key="a-key-for-all").refused(404, "not-found")


def test_clinical_response_is_not_replayed_after_losing_the_clinical_role(own_clinic: TestClinic) -> None:
    own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"roles": ["receptionist"]})

    own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").refused(403, "forbidden")


def test_search_with_a_repeated_key_is_executed_again(own_clinic: TestClinic) -> None:
    query, key = {"text": "fernandes"}, "the-same-search"
    before = own_clinic.doctor.post("/patients/search", query, key=key).ok()

    own_clinic.patient()
    after = own_clinic.doctor.post("/patients/search", query, key=key).ok()

    assert [len(reply.body["items"]) for reply in (before, after)] == [0, 1]
    assert "Idempotent-Replayed" not in after.headers


def test_stored_response_is_encrypted(own_clinic: TestClinic) -> None:
    own_clinic.silent_patient()

    stored = [
        doc.to_dict() for doc in google_firestore.client().collection("clinics", own_clinic.id, "requests").stream()
    ]

    assert len(stored) == 1
    assert not any(word in repr(stored) for word in PATIENT.values())
