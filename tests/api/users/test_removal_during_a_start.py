"""A session that starts while its doctor is removed from the clinic: one of the two is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.records.permissions import Handover
from shared.records.problems import Conflict, Forbidden
from shared.records.types import Role
from shared.records.visits.requests import NewSession
from shared.records.visits.session import SessionType
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext
from shared.workflows import handover
from shared.workflows.clinic import staff
from shared.workflows.reports import requesting
from shared.workflows.visits import sessions
from tests.api.users.helpers import read_user
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.database import plant_transcription
from tools import google_firestore


def as_caller(clinic: TestClinic, person: ApiClient, role: Role, if_match: int | None = None) -> Clinic:
    """The clinic in the context of a request of this person, which runs in this process."""
    caller = Caller(person.user_id, frozenset({role}), datetime.now(UTC))
    return Clinic(RequestContext(clinic.id, caller, Origin("test"), if_match=if_match))


def interrupt(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Any) -> list[int]:
    """Let `act` happen before the first call of a function; returns a list as long as the number of calls."""
    function, calls = getattr(module, name), []

    def interrupted(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        calls.append(1)
        if len(calls) == 1:
            act()
        return result

    monkeypatch.setattr(module, name, interrupted)
    return calls


def open_sessions(clinic: TestClinic) -> int:
    found = google_firestore.client().collection("clinics", clinic.id, "sessions").get()
    return sum(snapshot.get("status") == "in_progress" for snapshot in found)


def test_session_that_starts_after_the_look_of_the_removal_refuses_it(
    own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = own_clinic.patient().body["id"]
    new = {"patient_id": patient, "type": "followup"}
    looks = interrupt(
        monkeypatch, handover, "require_nothing_open", lambda: own_clinic.doctor.post("/sessions", new).ok(201)
    )

    with pytest.raises(Conflict) as refused:
        staff.remove(
            as_caller(own_clinic, own_clinic.admin, Role.ADMIN, if_match=1), own_clinic.doctor.user_id, Handover()
        )

    assert len(looks) == 1, "the second look finds the session"
    assert [error.detail for error in refused.value.errors] == ["is running"]
    assert open_sessions(own_clinic) == 1
    assert read_user(own_clinic, own_clinic.doctor.user_id).body["removed_at"] is None


def test_report_that_is_created_after_the_look_of_the_removal_refuses_it(
    own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = own_clinic.session()
    plant_transcription(own_clinic, session.body["id"], TranscriptionStatus.COMPLETED)
    report, transcription = f"{session.body['id']}-r1", f"{session.body['id']}-t1"
    own_clinic.until(lambda: own_clinic.doctor.get(f"/reports/{report}"), lambda reply: reply.status == 200)
    own_clinic.doctor.post(f"/sessions/{session.body['id']}/complete", key="", etag=session.etag).ok()
    root = google_firestore.client().document("clinics", own_clinic.id)
    root.collection("reports").document(report).delete()
    looks = interrupt(
        monkeypatch,
        handover,
        "require_nothing_open",
        lambda: requesting.request_first(system_clinic(own_clinic.id, "event"), transcription),
    )

    with pytest.raises(Conflict) as refused:
        staff.remove(
            as_caller(own_clinic, own_clinic.admin, Role.ADMIN, if_match=1), own_clinic.doctor.user_id, Handover()
        )

    assert len(looks) == 1
    assert [error.pointer for error in refused.value.errors] == [f"reports/{report}"]


def test_doctor_who_is_removed_while_a_session_starts_starts_none(
    own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, doctor = own_clinic.patient().body["id"], own_clinic.doctor.user_id
    etag = read_user(own_clinic, doctor).etag
    interrupt(
        monkeypatch, sessions, "_appointment", lambda: own_clinic.admin.delete(f"/users/{doctor}", etag=etag).ok()
    )

    with pytest.raises(Forbidden):
        sessions.start(
            as_caller(own_clinic, own_clinic.doctor, Role.DOCTOR),
            NewSession(patient_id=patient, type=SessionType.FOLLOWUP),
        )

    assert open_sessions(own_clinic) == 0


def test_of_a_removal_and_session_starts_at_once_none_survives_the_doctor(own_clinic: TestClinic) -> None:
    patients = [own_clinic.patient().body["id"] for _ in range(3)]
    doctor = own_clinic.doctor.user_id
    etag = read_user(own_clinic, doctor).etag

    replies = at_once(
        4,
        lambda n: (
            own_clinic.doctor.post("/sessions", {"patient_id": patients[n - 1], "type": "followup"})
            if n
            else own_clinic.admin.delete(f"/users/{doctor}", etag=etag)
        ),
    )

    assert (replies[0].status == 200) != (open_sessions(own_clinic) > 0), [reply.status for reply in replies]
