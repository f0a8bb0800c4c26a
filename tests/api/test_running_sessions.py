"""One running session a doctor and a patient at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.visits import ago, change, complete, read


@pytest.fixture
def free(drafting: TestClinic) -> TestClinic:
    """A clinic whose two doctors are in no session."""
    drafting.forget_running(drafting.doctor.user_id, drafting.other_doctor.user_id)
    return drafting


def begin(clinic: TestClinic, patient: str, **values: object) -> Reply:
    return clinic.doctor.post("/sessions", {"patient_id": patient, **values})


def shared_patient(clinic: TestClinic) -> str:
    """A patient whom both doctors may treat."""
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}/doctors/{clinic.other_doctor.user_id}"
    clinic.doctor.put(path, {"level": "write"}, etag=patient.etag).ok()
    return str(patient.body["id"])


def running(reply: Reply) -> list[tuple[str, Any]]:
    named = reply.refused(409, "session-running").body["running_sessions"]
    return [(one["of"], one["session_id"]) for one in named]


@pytest.mark.parametrize("status", ["in_progress", "paused"])
def test_a_doctor_has_one_running_session(free: TestClinic, status: str) -> None:
    first = begin(free, free.patient().body["id"]).ok(201).body["id"]
    if status == "paused":
        change(free, first, status="paused").ok()
    other = free.patient().body["id"]

    assert running(begin(free, other)) == [("doctor", first)]

    complete(free, first).ok()
    begin(free, other).ok(201)


def test_a_patient_has_one_running_session_whoever_the_doctor_is(free: TestClinic) -> None:
    patient = shared_patient(free)
    first = begin(free, patient).ok(201)

    refused = free.other_doctor.post("/sessions", {"patient_id": patient})
    assert running(refused) == [("patient", first.body["id"])]

    free.doctor.delete(f"/sessions/{first.body['id']}", etag=first.etag).ok()
    free.other_doctor.post("/sessions", {"patient_id": patient}).ok(201)


def test_both_sessions_are_named_and_none_that_the_caller_may_not_see(free: TestClinic) -> None:
    patient = shared_patient(free)
    hidden = begin(free, free.patient().body["id"]).ok(201).body
    of_patient = free.other_doctor.post("/sessions", {"patient_id": patient}).ok(201).body["id"]
    assert running(begin(free, patient)) == [("doctor", hidden["id"]), ("patient", of_patient)]

    alter(free, f"patients/{hidden['patient_id']}", {"owner_id": free.other_doctor.user_id})

    assert running(begin(free, patient)) == [("doctor", None), ("patient", of_patient)]


def test_of_concurrent_starts_of_a_doctor_one_succeeds(free: TestClinic) -> None:
    patients = [free.patient().body["id"] for _ in range(4)]

    replies = at_once(4, lambda n: begin(free, patients[n]))

    assert statuses(replies) == {201: 1, 409: 3}


def test_of_concurrent_starts_with_a_patient_one_succeeds(free: TestClinic) -> None:
    patient = shared_patient(free)
    doctors = (free.doctor, free.other_doctor)

    replies = at_once(4, lambda n: doctors[n % 2].post("/sessions", {"patient_id": patient}))

    assert statuses(replies) == {201: 1, 409: 3}


@pytest.mark.parametrize("end", ["complete", "cancel"])
def test_a_session_is_not_reopened_beside_another(free: TestClinic, end: str) -> None:
    first = begin(free, free.patient().body["id"]).ok(201)
    path = f"/sessions/{first.body['id']}"
    if end == "complete":
        ended = free.doctor.post(f"{path}/complete", etag=first.etag).ok()
    else:
        ended = free.doctor.delete(path, etag=first.etag).ok()
    second = begin(free, free.patient().body["id"]).ok(201).body["id"]

    refused = free.doctor.post(f"{path}/reopen", etag=read(free, first.body["id"]).etag)
    assert running(refused) == [("doctor", second)]

    assert read(free, first.body["id"]).body["status"] == ended.body["status"]
    complete(free, second).ok()
    free.doctor.post(f"{path}/reopen", etag=read(free, first.body["id"]).etag).ok()


def test_a_reopening_and_a_start_at_once_leave_one_session_running(free: TestClinic) -> None:
    first, other = begin(free, free.patient().body["id"]).ok(201).body["id"], free.patient().body["id"]
    complete(free, first).ok()
    etag = read(free, first).etag

    replies = at_once(
        4, lambda n: begin(free, other) if n else free.doctor.post(f"/sessions/{first}/reopen", etag=etag)
    )

    assert statuses(replies) in ({200: 1, 409: 3}, {201: 1, 409: 3})


def test_a_session_that_nobody_ended_blocks_nobody_and_does_not_resume_beside_another(free: TestClinic) -> None:
    patient = free.patient().body["id"]
    forgotten = begin(free, patient, started_at=ago(hours=13)).ok(201).body
    change(free, forgotten["id"], status="paused").ok()
    assert read(free, forgotten["id"]).body["overdue_running"] is True

    second = begin(free, patient).ok(201).body["id"]

    assert running(change(free, forgotten["id"], status="in_progress")) == [("doctor", second), ("patient", second)]
    complete(free, second).ok()
    change(free, forgotten["id"], status="in_progress").ok()


def test_a_visit_that_is_over_is_registered_beside_a_running_one(free: TestClinic) -> None:
    patient = free.patient().body["id"]
    begin(free, patient).ok(201)

    over = begin(free, patient, started_at=ago(hours=3), ended_at=ago(hours=2)).ok(201)

    assert over.body["status"] == "completed"


def test_call_counts(free: TestClinic) -> None:
    patient, other = (free.patient().body["id"] for _ in range(2))
    begun: list[Reply] = []

    first = calls_during(free, "sessions", lambda: begun.append(begin(free, patient).ok(201)))
    ended = complete(free, begun[0].body["id"]).ok()
    path = f"/sessions/{begun[0].body['id']}/reopen"
    free.stack.wait_idle(60)
    etag = read(free, begun[0].body["id"]).etag
    reopening = calls_during(free, "sessions", lambda: free.doctor.post(path, etag=etag, key="").ok())
    complete(free, begun[0].body["id"]).ok()
    second = calls_during(free, "sessions", lambda: begin(free, other).ok(201))

    # The running sessions of doctor and patient are read with the patient. Only if they name a session, it is read too.
    assert ended.body["status"] == "completed"
    assert first == [reads(8), commit(9)]
    assert reopening == [reads(3), reads(7), commit(8)]
    assert second == [reads(8), reads(1), commit(9)]
