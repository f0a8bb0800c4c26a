"""Logs and internal errors: ids and digests, but no content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from shared.store.audit import canonical_bytes
from tests.support.audit import audit_of, new_trace
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.database import alter
from tests.support.problems import without_trace
from tools import google_firestore


def corruptions(patient: dict[str, Any], stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Corruptions of a patient document; each one replaces the previous one."""
    intact = stored["sealed"]
    return [
        {"sealed": {**intact, "first_name": bytes(40)}},
        {"sealed": {**intact, "first_name": intact["last_name"]}},
        {"sealed": {**intact, "date_of_birth": intact["date_of_birth"][:-1]}},
        {"sealed": intact, "number": f"{patient['last_name']}, born {patient['date_of_birth']}"},
    ]


def test_record_that_does_not_open_reveals_nothing_and_is_audited_and_logged(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    patient = clinic.patient().body
    path = f"patients/{patient['id']}"
    stored = google_firestore.client().document(f"clinics/{clinic.id}/{path}").get().to_dict()
    assert stored is not None

    for corruption in corruptions(patient, stored):
        trace, headers = new_trace()
        alter(clinic, path, corruption)
        failed = clinic.doctor.get(f"/patients/{patient['id']}", **headers).refused(500, "record-unreadable")

        assert without_trace(failed) == {
            "type": "urn:synapseai:problem:record-unreadable",
            "title": "A stored record cannot be opened",
            "status": 500,
        }
        (entry,) = audit_of(clinic, trace)
        assert (entry["outcome"], entry["patient_ids"]) == ("record-unreadable", [patient["id"]])
        (error,) = [line for line in log_lines(tmp_path_factory, trace) if line["severity"] == "ERROR"]
        assert "error" in error
        assert not any(word in json.dumps(error, ensure_ascii=False) for word in PATIENT.values())


def test_log_contains_ids_and_the_audit_digest_and_no_content(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace, headers = new_trace()

    clinic.doctor.post("/patients", {**NAMESAKE, "notes": "Hears voices"}, **headers).ok(201)

    lines = log_lines(tmp_path_factory, trace)
    audited, answered = (next(line for line in lines if line["message"] == m) for m in ("audit", "request"))
    (entry,) = audit_of(clinic, trace)
    assert (audited["audit_id"], len(audited["digest"])) == (entry["id"], 64)
    assert (answered["operation"], answered["status"]) == ("register", 201)
    words = {*PATIENT.values(), "Hears voices"}
    assert not any(word in json.dumps(lines, ensure_ascii=False) for word in words)


def test_audit_digest_is_logged_when_the_response_of_the_commit_is_lost(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace, headers = new_trace()
    lost = clinic.stack.recorder.plant(Fault("firestore", "Commit", "patients", "cut"))

    clinic.doctor.post("/patients", NAMESAKE, **headers).ok(201)

    assert lost.fired.is_set()
    (audited,) = [line for line in log_lines(tmp_path_factory, trace) if line["message"] == "audit"]
    (entry,) = audit_of(clinic, trace)
    assert audited["audit_id"] == entry["id"]
    assert audited["digest"] == hashlib.sha256(canonical_bytes(entry)).hexdigest()


def log_lines(tmp_path_factory: pytest.TempPathFactory, trace: str) -> list[dict[str, Any]]:
    """The log lines of the patients function for the request with this trace."""
    files = {file.resolve() for file in tmp_path_factory.getbasetemp().glob("state*/logs/patients.log")}
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines() if trace in line]
    return [line for line in lines if line["logging.googleapis.com/trace"].endswith(trace)]
