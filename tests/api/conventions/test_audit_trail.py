"""The audit trail: one entry per request, tamper-evident, with the request's origin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from tink import TinkError

from local.demo.people import PROFILE
from shared.records.types import new_id
from tests.api.conventions.helpers import ORIGIN
from tests.support.audit import audit_of, new_trace, verify
from tests.support.client import Reply
from tests.support.clinics import PATIENT, TestClinic
from tests.support.concurrency import statuses


def test_each_read_write_and_refusal_leaves_one_audit_entry(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    session = clinic.start({"patient_id": patient}).ok(201).body["id"]
    change = {"session_notes": "Fernandes is calm"}
    patient_path, session_path = f"/patients/{patient}", f"/sessions/{session}"
    requests: list[tuple[str, str, str, Callable[..., Reply]]] = [
        ("doctor", "patient.read", "done", lambda **h: clinic.doctor.get(patient_path, **h)),
        ("receptionist", "patient.read", "done", lambda **h: clinic.receptionist.get(patient_path, **h)),
        ("other-doctor", "patient.read", "not-found", lambda **h: clinic.other_doctor.get(patient_path, **h)),
        ("receptionist", "session.read", "forbidden", lambda **h: clinic.receptionist.get(session_path, **h)),
        ("doctor", "session.change", "done", lambda **h: clinic.doctor.put(session_path, change, etag='"1"', **h)),
        ("doctor", "session.change", "stale", lambda **h: clinic.doctor.put(session_path, change, etag='"1"', **h)),
        (
            "admin",
            "transcription.read",
            "none-yet",
            lambda **h: clinic.admin.get(f"{session_path}/transcription", **h),
        ),
        ("doctor", "report.read", "not-found", lambda **h: clinic.doctor.get(f"/reports/{session}-r1", **h)),
    ]

    for name, action, outcome, send in requests:
        trace, headers = new_trace()
        send(**headers)
        (entry,) = audit_of(clinic, trace)

        verify(clinic, entry)
        assert (entry["actor_id"], entry["action"], entry["outcome"]) == (f"{clinic.id}-{name}", action, outcome)
        assert entry["patient_ids"] == [patient]
        assert entry["roles"] == [name.removeprefix("other-")]
        assert abs(datetime.now(UTC) - entry["at"]) < timedelta(minutes=1)
        assert "Fernandes" not in repr(entry)


def test_creation_and_its_replay_are_both_audited(own_clinic: TestClinic) -> None:
    traces = [new_trace(), new_trace()]

    replies = [own_clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered", **h).ok(201) for _, h in traces]

    (created,), (replayed,) = (audit_of(own_clinic, trace) for trace, _ in traces)
    assert (created["action"], created["outcome"]) == ("patient.create", "done")
    assert created["patient_ids"] == [replies[0].body["id"]]
    assert f"patients/{replies[0].body['id']}" in created["documents"]
    assert (replayed["outcome"], replayed["patient_ids"]) == ("replayed", created["patient_ids"])


def test_stale_writes_are_audited(clinic: TestClinic) -> None:
    trace, headers = new_trace()

    profiles = [{**PROFILE, "organization": f"Banyan {number}"} for number in range(5)]
    replies = [clinic.doctor.put("/profile", profile, etag='"1"', **headers) for profile in profiles]

    outcomes = sorted(entry["outcome"] for entry in audit_of(clinic, trace))
    assert statuses(replies) == {200: 1, 412: 4}
    assert outcomes == ["done", "stale", "stale", "stale", "stale"]


def test_tampered_entry_fails_verification(clinic: TestClinic) -> None:
    trace, headers = new_trace()
    clinic.doctor.get(f"/patients/{clinic.patient().body['id']}", **headers).ok()
    (entry,) = audit_of(clinic, trace)
    tampered: dict[str, Any] = {
        "actor_id": clinic.admin.user_id,
        "action": "patient.export",
        "outcome": "not-found",
        "patient_ids": [],
        "documents": [],
        "granted": [f"{clinic.doctor.user_id} admin"],
        "roles": ["admin"],
        "at": entry["at"] - timedelta(microseconds=1),
        "origin": {**entry["origin"], "address": "192.0.2.1"},
        "id": new_id(),
        "clinic_id": new_id(12),
        "attempt": 1,
        "note": "added",
    }

    verify(clinic, entry)
    assert entry.keys() - tampered.keys() == {"mac"}
    for name, value in tampered.items():
        with pytest.raises(TinkError):
            verify(clinic, {**entry, name: value})


def test_entry_fails_verification_with_the_keys_of_another_clinic(clinic: TestClinic, other_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    clinic.doctor.get("/profile", **headers).ok()
    (entry,) = audit_of(clinic, trace)

    with pytest.raises(TinkError):
        verify(other_clinic, entry)


def test_entry_contains_agent_origin_and_address(clinic: TestClinic) -> None:
    trace, headers = new_trace()

    clinic.doctor.get("/profile", Origin=ORIGIN, **{"User-Agent": "synapse-app/7"}, **headers).ok()

    (entry,) = audit_of(clinic, trace)
    assert entry["origin"]["agent"] == "synapse-app/7"
    assert entry["origin"]["web_origin"] == ORIGIN
    assert entry["origin"]["address"] == "127.0.0.1"


def test_entry_contains_the_connection_address_and_not_a_forwarded_one(clinic: TestClinic) -> None:
    trace, headers = new_trace()
    claims = {"X-Forwarded-For": "203.0.113.9, 203.0.113.10", "Authorization": f"Bearer {clinic.doctor.token}"}

    with urllib3.PoolManager(source_address=("127.0.0.9", 0)) as client:
        response = client.request("GET", f"{clinic.doctor.base}/profile", headers={**claims, **headers})

    (entry,) = audit_of(clinic, trace)
    assert response.status == 200
    assert entry["origin"]["address"] == "127.0.0.9"
