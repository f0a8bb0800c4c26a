"""Deleting and restoring a patient."""

from __future__ import annotations

from tests.support.clinics import PATIENT, TestClinic
from tests.support.patients import BACKGROUND, DEMOGRAPHICS, listed, path_of


def test_deleted_patient_and_their_records_are_not_found_for_any_role(clinic: TestClinic) -> None:
    session = clinic.session().body
    patient = clinic.doctor.get(f"/patients/{session['patient_id']}").ok()
    clinic.doctor.delete(f"/sessions/{session['id']}", etag='"1"').ok()

    deletion = clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)

    assert deletion.content == b""
    paths = [path_of(patient), f"/patients/{patient.body['number']}", f"/sessions/{session['id']}"]
    for path in paths:
        for client in (clinic.doctor, clinic.admin):
            client.get(path).refused(404, "not-found")
    for client in (clinic.doctor, clinic.receptionist, clinic.admin):
        assert listed(client) == []
        client.put(path_of(patient), PATIENT, etag='"2"').refused(404, "not-found")
    clinic.doctor.delete(path_of(patient), etag='"2"').refused(404, "not-found")
    clinic.doctor.post("/sessions", {"patient_id": patient.body["id"]}).refused(404, "not-found")


def test_admin_lists_and_restores_a_deleted_patient(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    other = own_clinic.patient().body["id"]
    own_clinic.admin.delete(path_of(patient), etag=patient.etag).ok(204)

    (deleted,) = own_clinic.admin.get("/patients?deleted=true").ok().body["items"]
    restored = own_clinic.admin.post(f"{path_of(patient)}/restore", key="", etag=f'"{deleted["revision"]}"').ok()

    stamps = {"revision", "updated_at", "updated_by"}
    unstamped = {name: value for name, value in patient.body.items() if name not in stamps}
    assert deleted.items() >= unstamped.items()
    assert restored.body.items() >= unstamped.items()
    assert own_clinic.doctor.get(path_of(patient)).ok().body == restored.body
    assert listed(own_clinic.doctor) == [other, patient.body["id"]]
    assert listed(own_clinic.admin, "?deleted=true") == []


def test_only_admins_list_and_restore_deleted_patients(clinic: TestClinic, other_clinic: TestClinic) -> None:
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


def test_repeated_restoration_with_its_key_is_replayed(clinic: TestClinic) -> None:
    patient = clinic.patient()
    clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)

    replies = [clinic.admin.post(f"{path_of(patient)}/restore", key="restore-zoe", etag='"2"').ok() for _ in range(2)]

    assert replies[0].body == replies[1].body
    assert [reply.headers.get("Idempotent-Replayed") for reply in replies] == [None, "true"]
