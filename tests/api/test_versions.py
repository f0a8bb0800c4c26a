"""Who changed what: the earlier versions of patients and sessions."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.types import new_id
from tests.support.call_counts import calls_during, calls_when_repeated, commit, query, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import without_trace
from tools import google_firestore

pytestmark = pytest.mark.long


def patch(person: ApiClient, patient: str, fields: dict[str, Any]) -> Reply:
    etag = person.get(f"/patients/{patient}").etag
    return person.send("PATCH", f"/patients/{patient}", fields, etag=etag)


def versions(person: ApiClient, path: str, query_string: str = "") -> list[Any]:
    items: list[Any] = person.get(f"{path}/versions{query_string}").ok().body["items"]
    return items


def test_cleared_allergies_are_in_the_version_before(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    patch(clinic.doctor, patient, {"allergies": ["penicillin"], "occupation": "Baker"}).ok()
    patch(clinic.doctor, patient, {"allergies": []}).ok()

    cleared, entered = versions(clinic.doctor, f"/patients/{patient}")

    assert (cleared["before"], cleared["clinical_before"]) == ({}, {"allergies": ["penicillin"]})
    assert (entered["before"], entered["clinical_before"]) == ({"occupation": None}, {"allergies": []})
    assert (cleared["created_by"], cleared["revision"], cleared["record_id"]) == (
        clinic.doctor.user_id,
        3,
        patient,
    )
    assert "record_key" not in cleared


def test_the_front_desk_sees_changes_of_its_own_fields_alone(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    patch(clinic.receptionist, patient, {"occupation": "Baker"}).ok()
    patch(clinic.doctor, patient, {"allergies": ["Klinikwort"]}).ok()
    patch(clinic.doctor, patient, {"allergies": [], "occupation": "Pilot"}).ok()

    seen = clinic.receptionist.get(f"/patients/{patient}/versions").ok()

    assert [one["before"] for one in seen.body["items"]] == [{"occupation": "Baker"}, {"occupation": None}]
    assert [one["created_by"] for one in seen.body["items"]] == [
        clinic.doctor.user_id,
        clinic.receptionist.user_id,
    ]
    assert not any("clinical_before" in one for one in seen.body["items"])
    assert b"Klinikwort" not in seen.content
    assert b"allergies" not in seen.content
    assert "ETag" not in seen.headers


def test_a_change_that_changes_nothing_and_a_refused_one_leave_no_version(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    patch(clinic.doctor, patient, {"occupation": "Baker"}).ok()
    patch(clinic.doctor, patient, {"occupation": "Baker"}).ok()
    clinic.doctor.send("PATCH", f"/patients/{patient}", {"occupation": "Pilot"}, etag='"1"').refused(412, "stale")

    (only,) = versions(clinic.doctor, f"/patients/{patient}")

    assert only["revision"] == 2


def test_of_concurrent_changes_the_one_that_is_made_leaves_the_version(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    fields = [{"occupation": f"Baker {number}"} for number in range(4)]

    replies = at_once(4, lambda number: clinic.doctor.send("PATCH", f"/patients/{patient}", fields[number], etag='"1"'))

    assert statuses(replies) == {200: 1, 412: 3}
    (only,) = versions(clinic.doctor, f"/patients/{patient}")
    assert only["before"] == {"occupation": None}


def test_a_session_says_who_paused_it_and_what_the_notes_were(clinic: TestClinic) -> None:
    started = clinic.session()
    path = f"/sessions/{started.body['id']}"
    noted = clinic.doctor.put(path, {"session_notes": "Calm."}, etag=started.etag).ok()
    paused = clinic.admin.put(path, {"status": "paused"}, etag=noted.etag).ok()
    clinic.doctor.put(path, {"session_notes": None}, etag=paused.etag).ok()

    found = versions(clinic.doctor, path)

    assert [one["created_by"] for one in found] == [
        clinic.doctor.user_id,
        clinic.admin.user_id,
        clinic.doctor.user_id,
    ]
    assert [one["clinical_before"] for one in found] == [{"session_notes": "Calm."}, {}, {"session_notes": None}]
    assert found[1]["before"] == {"status": "in_progress", "paused_at": None}
    assert versions(clinic.doctor, f"/sessions/{started.body['number']}") == found


def test_what_the_system_does_to_a_session_leaves_no_version(clinic: TestClinic) -> None:
    started = clinic.session()
    path = f"/sessions/{started.body['id']}"
    clinic.doctor.post(f"{path}/complete", key="", etag=started.etag).ok()
    clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.body["billing_amount"] is not None)

    (completed,) = versions(clinic.doctor, path)

    assert completed["before"]["status"] == "in_progress"


def test_sharing_and_transfer_are_versions(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}"
    other = clinic.other_doctor.user_id
    clinic.doctor.put(f"{path}/doctors/{other}", {"level": "write"}, etag=patient.etag).ok()

    (shared,) = versions(clinic.doctor, path)

    assert shared["before"] == {"shared_with": [], "writers": []}


def test_pages_are_newest_first_and_bounded(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    for number in range(3):
        patch(clinic.doctor, patient, {"occupation": f"Baker {number}"}).ok()
    path = f"/patients/{patient}/versions"

    first = clinic.doctor.get(f"{path}?page_size=2").ok().body
    last = clinic.doctor.get(f"{path}?page_size=2&page_token={first['next_page_token']}").ok().body

    assert [one["revision"] for one in first["items"] + last["items"]] == [4, 3, 2]
    assert last["next_page_token"] is None
    clinic.doctor.get(f"{path}?page_size=101").refused(422, "invalid")


def test_strangers_cannot_tell_that_there_is_a_record(clinic: TestClinic, other_clinic: TestClinic) -> None:
    session = clinic.session().body
    records = [f"/patients/{session['patient_id']}", f"/sessions/{session['id']}"]
    missing = [f"/patients/{new_id()}", f"/sessions/{new_id()}-{new_id(10)}"]

    for stranger in (clinic.other_doctor, other_clinic.doctor):
        for record, none in zip(records, missing, strict=True):
            refused = stranger.get(f"{record}/versions").refused(404, "not-found")
            assert without_trace(refused) == without_trace(stranger.get(f"{none}/versions"))
    clinic.receptionist.get(f"{records[1]}/versions").refused(403, "forbidden")


def test_versions_of_a_deleted_patient_stay_readable(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    changed = patch(clinic.doctor, patient, {"occupation": "Baker"}).ok()
    before = versions(clinic.doctor, f"/patients/{patient}")

    clinic.doctor.delete(f"/patients/{patient}", etag=changed.etag).ok(204)

    assert [one["revision"] for one in before] == [2]
    assert versions(clinic.doctor, f"/patients/{patient}") == before
    clinic.other_doctor.get(f"/patients/{patient}/versions").refused(404, "not-found")


def test_call_counts(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}"
    etags = [clinic.doctor.send("PATCH", path, {"occupation": "Baker"}, etag=patient.etag).ok().etag]

    changed = calls_during(
        clinic,
        "patients",
        lambda: etags.append(clinic.doctor.send("PATCH", path, {"occupation": "Pilot"}, etag=etags[-1]).ok().etag),
    )
    unchanged = calls_during(
        clinic,
        "patients",
        lambda: clinic.doctor.send("PATCH", path, {"occupation": "Pilot"}, etag=etags[-1]).ok(),
    )
    read = calls_when_repeated(clinic, "patients", lambda: clinic.doctor.get(f"{path}/versions").ok())

    # The caller, patient, keys and settings; patient, version and audit entry, or the audit entry alone.
    assert (changed, unchanged) == ([reads(3), commit(3)], [reads(3), commit(1)])
    # The audit entry and the count of shown records.
    assert read == [reads(2), query(2), commit(2)]


def test_a_stored_version_has_nothing_to_read(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    patch(clinic.doctor, patient, {"occupation": "Grevillea", "notes": "Grevillea"}).ok()
    patch(clinic.doctor, patient, {"occupation": None, "notes": None}).ok()

    path = f"clinics/{clinic.id}/versions/{patient}-v3"
    document = google_firestore.client().document(path).get().to_dict() or {}

    assert {"before", "clinical_before"} == document["sealed"].keys()
    assert "Grevillea" not in str({name: value for name, value in document.items() if name != "sealed"})
    assert not any(b"Grevillea" in ciphertext for ciphertext in document["sealed"].values())
