"""A record that cannot be decrypted: the response says so, a security event is logged, lists leave it out (S25)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conventions.test_logs import log_lines
from tests.support.audit import new_trace
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tools import google_firestore

EVENT = "record does not open"


def document(clinic: TestClinic, path: str) -> dict[str, Any]:
    stored = google_firestore.client().document(f"clinics/{clinic.id}/{path}").get().to_dict()
    assert stored is not None
    return stored


def check_event(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory, path: str, kind: str, id: str, reason: str
) -> None:
    """The request to this path is refused, with one security event that names the document and nothing else."""
    trace, headers = new_trace()

    clinic.doctor.get(path, **headers).refused(500, "record-unreadable")

    lines = [line for line in log_lines(tmp_path_factory, trace) if line["severity"] == "ERROR"]
    assert [
        {name: line[name] for name in ("logger", "message", "clinic_id", "kind", "id", "reason")} for line in lines
    ] == [
        {
            "logger": "synapse.security",
            "message": EVENT,
            "clinic_id": clinic.id,
            "kind": kind,
            "id": id,
            "reason": reason,
        }
    ]


def test_ciphertext_of_another_patient_is_reported(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, other = (clinic.patient().body["id"] for _ in range(2))
    alter(clinic, f"patients/{one}", {"sealed": document(clinic, f"patients/{other}")["sealed"]})

    check_event(clinic, tmp_path_factory, f"/patients/{one}", "Patient", one, "altered")
    clinic.doctor.get(f"/patients/{other}").ok()


def test_record_without_its_ciphertexts_is_reported(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    patient = clinic.patient().body["id"]
    alter(clinic, f"patients/{patient}", {"sealed": {}})

    check_event(clinic, tmp_path_factory, f"/patients/{patient}", "Patient", patient, "incomplete")


def test_altered_keys_of_a_patient_are_reported(clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory) -> None:
    one, other = (clinic.patient().body["id"] for _ in range(2))
    alter(clinic, f"patients/{one}", {"care": document(clinic, f"patients/{other}")["care"]})

    check_event(clinic, tmp_path_factory, f"/patients/{one}", "PatientKeys", one, "altered")


def test_altered_content_of_a_report_is_reported(clinic: TestClinic) -> None:
    report = plant_report(clinic, clinic.session().body["id"])
    stored = google_firestore.client().collection(f"clinics/{clinic.id}/reports/{report}/bodies").document("content")
    assert stored.get().exists
    stored.update({"sealed": {"statements": bytes(60)}})

    clinic.doctor.get(f"/reports/{report}").refused(500, "record-unreadable")


def test_list_with_such_a_record_is_refused_and_the_record_named_in_the_log(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    patient = clinic.patient().body["id"]
    alter(clinic, f"patients/{patient}", {"sealed": {"first_name": bytes(40)}})

    check_event(clinic, tmp_path_factory, "/patients", "Patient", patient, "altered")


def test_change_of_such_a_record_changes_nothing(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"patients/{patient.body['id']}"
    alter(clinic, path, {"sealed": {"first_name": bytes(40)}})
    before = document(clinic, path)

    clinic.doctor.send("PATCH", f"/{path}", {"notes": "new"}, etag=patient.etag).refused(500, "record-unreadable")

    assert document(clinic, path) == before


def test_altered_stored_response_is_reported_and_not_replayed(own_clinic: TestClinic) -> None:
    new = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1990-01-01", "allow_duplicate": True}
    own_clinic.doctor.post("/patients", new, key="registered-once").ok(201)
    (stored,) = [
        entry
        for entry in google_firestore.client().collection("clinics", own_clinic.id, "requests").stream()
        if (entry.to_dict() or {})["patient_ids"]
    ]
    stored.reference.update({"sealed": {"answer": bytes(60)}})

    own_clinic.doctor.post("/patients", new, key="registered-once").refused(500, "record-unreadable")
