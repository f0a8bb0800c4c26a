"""Sessions over HTTP: access, states, ETags and concurrent requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.records.types import new_id
from shared.records.visits.transcription import TranscriptionStatus
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_transcription
from tests.support.problems import pointers, without_trace
from tests.support.visits import ago

pytestmark = pytest.mark.long

Call = Callable[[ApiClient, str], Reply]
UPLOAD = {"content_type": "audio/flac", "size_bytes": 1_000}
OPERATIONS: dict[str, Call] = {
    "get": lambda user, session: user.get(f"/sessions/{session}"),
    "change": lambda user, session: user.put(f"/sessions/{session}", {"status": "paused"}, etag='"1"'),
    "complete": lambda user, session: user.post(f"/sessions/{session}/complete", etag='"1"'),
    "cancel": lambda user, session: user.delete(f"/sessions/{session}", etag='"1"'),
    "open upload": lambda user, session: user.post(f"/sessions/{session}/recordings", UPLOAD),
    "transcription": lambda user, session: user.get(f"/sessions/{session}/transcription"),
    "generate report": lambda user, session: user.post(f"/sessions/{session}/generate-report"),
}
CHANGES = ["change", "complete", "cancel"]


@pytest.fixture(scope="module")
def running(clinic: TestClinic) -> str:
    """The id of a session in progress, which the tests do not change."""
    return str(clinic.session().body["id"])


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_receptionist_is_refused_every_session_operation(clinic: TestClinic, running: str, call: Call) -> None:
    refused = call(clinic.receptionist, running).refused(403, "forbidden")

    assert without_trace(refused) == without_trace(call(clinic.receptionist, new_id()))


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_stranger_gets_the_same_problem_for_a_session_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic, running: str, call: Call
) -> None:
    for stranger in (clinic.other_doctor, other_clinic.doctor, other_clinic.admin):
        refused = call(stranger, running).refused(404, "not-found")
        missing = call(stranger, f"{new_id()}-{new_id(10)}").refused(404, "not-found")

        assert without_trace(refused) == without_trace(missing)


def test_only_doctors_start_sessions(own_clinic: TestClinic) -> None:
    new = {"patient_id": own_clinic.patient().body["id"]}

    own_clinic.receptionist.post("/sessions", new).refused(403, "forbidden")
    own_clinic.admin.post("/sessions", new).refused(403, "forbidden")
    started = own_clinic.doctor.post("/sessions", new).ok(201)

    assert started.body["doctor_id"] == own_clinic.doctor.user_id
    assert started.body["number"].startswith("SESS-")
    assert started.body["number"].endswith("0001")


def test_start_by_a_stranger_gets_the_same_problem_as_for_a_missing_patient(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]

    strange = clinic.other_doctor.post("/sessions", {"patient_id": patient}).refused(404, "not-found")
    missing = clinic.other_doctor.post("/sessions", {"patient_id": new_id()}).refused(404, "not-found")

    assert without_trace(strange) == without_trace(missing)


def test_session_is_started_paused_resumed_and_completed(clinic: TestClinic) -> None:
    started = clinic.session(chief_complaint="Sleeps badly")
    path = f"/sessions/{started.body['id']}"

    paused = clinic.doctor.put(path, {"status": "paused"}, etag=started.etag).ok()
    resumed = clinic.doctor.put(path, {"status": "in_progress", "session_notes": "Calm"}, etag=paused.etag).ok()
    completed = clinic.doctor.post(f"{path}/complete", etag=resumed.etag).ok()

    assert [r.body["status"] for r in (started, paused, resumed, completed)] == [
        "in_progress",
        "paused",
        "in_progress",
        "completed",
    ]
    assert [r.etag for r in (started, paused, resumed, completed)] == ['"1"', '"2"', '"3"', '"4"']
    assert completed.body["chief_complaint"] == "Sleeps badly"
    assert completed.body["session_notes"] == "Calm"
    assert completed.body["total_duration_minutes"] == 1


def test_admin_reads_a_session_by_number(clinic: TestClinic) -> None:
    session = clinic.session()

    seen = clinic.admin.get(f"/sessions/{session.body['number']}").ok()

    assert seen.body == session.body


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_an_ended_session_is_a_conflict(clinic: TestClinic, name: str) -> None:
    session = clinic.session().body["id"]
    ended = clinic.doctor.delete(f"/sessions/{session}", etag='"1"').ok()
    changes: dict[str, Callable[[], Reply]] = {
        "change": lambda: clinic.doctor.put(f"/sessions/{session}", {"session_notes": "?"}, etag=ended.etag),
        "complete": lambda: clinic.doctor.post(f"/sessions/{session}/complete", etag=ended.etag),
        "cancel": lambda: clinic.doctor.delete(f"/sessions/{session}", etag=ended.etag),
    }

    changes[name]().refused(409, "conflict")

    assert clinic.doctor.get(f"/sessions/{session}").ok().etag == ended.etag


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize(
    ("etag", "status", "problem"),
    [("", 428, "precondition-required"), ('"7"', 412, "stale"), ("1", 400, "bad-request"), ("*", 400, "bad-request")],
)
def test_change_requires_the_current_etag(
    clinic: TestClinic, running: str, name: str, etag: str, status: int, problem: str
) -> None:
    change: dict[str, Callable[[], Reply]] = {
        "change": lambda: clinic.doctor.put(f"/sessions/{running}", {"status": "paused"}, etag=etag),
        "complete": lambda: clinic.doctor.post(f"/sessions/{running}/complete", etag=etag),
        "cancel": lambda: clinic.doctor.delete(f"/sessions/{running}", etag=etag),
    }

    change[name]().refused(status, problem)

    assert clinic.doctor.get(f"/sessions/{running}").ok().etag == '"1"'


def test_thirty_concurrent_writes_with_one_etag_apply_one(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}"

    replies = at_once(30, lambda n: clinic.doctor.put(path, {"session_notes": f"note {n}"}, etag=session.etag))

    assert statuses(replies) == {200: 1, 412: 29}
    winner = next(reply for reply in replies if reply.status == 200)
    assert {**clinic.doctor.get(path).ok().body, "recording_allowed": None} == winner.body
    assert winner.etag == '"2"'


def test_ten_concurrent_sessions_get_consecutive_numbers(own_clinic: TestClinic) -> None:
    over = {"started_at": ago(minutes=30), "ended_at": ago(minutes=10)}
    new = {"patient_id": own_clinic.patient().body["id"], **over}

    started = at_once(10, lambda _: own_clinic.doctor.post("/sessions", new).ok(201))

    counts = sorted(int(reply.body["number"][-4:]) for reply in started)
    assert counts == list(range(1, 11))


def test_concurrent_repetitions_of_a_start_start_one_session(own_clinic: TestClinic) -> None:
    new = {"patient_id": own_clinic.patient().body["id"]}

    replies = at_once(20, lambda _: own_clinic.doctor.post("/sessions", new, key="start-of-this-visit"))

    assert statuses(replies) == {201: 20}
    assert len({reply.content for reply in replies}) == 1
    assert own_clinic.start(new).ok(201).body["number"].endswith("0002")


def test_repeated_completion_with_its_key_is_replayed(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}/complete"

    first = clinic.doctor.post(path, etag=session.etag, key="the-end-of-it").ok()
    again = clinic.doctor.post(path, etag=session.etag, key="the-end-of-it").ok()
    without_key = clinic.doctor.post(path, etag=session.etag, key="").refused(412, "stale")

    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert "Idempotent-Replayed" not in without_key.headers


def test_session_with_an_unknown_template_is_invalid(clinic: TestClinic) -> None:
    new = {"patient_id": clinic.patient().body["id"], "template_id": "none"}

    refused = clinic.doctor.post("/sessions", new).refused(422, "invalid")

    assert pointers(refused) == {"/template_id"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({}, ""), ({"status": "completed"}, "/status"), ({"status": "over"}, "/status"), ({"note": "x"}, "/note")],
)
def test_empty_or_impossible_change_is_invalid(
    clinic: TestClinic, running: str, change: dict[str, str], pointer: str
) -> None:
    refused = clinic.doctor.put(f"/sessions/{running}", change, etag='"1"').refused(422, "invalid")

    assert pointers(refused) == {pointer}


def test_upload_is_opened_only_for_audio_of_a_session_that_is_not_cancelled(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}/recordings"

    opened = clinic.doctor.post(path, UPLOAD).ok(201)
    no_audio = clinic.doctor.post(path, {**UPLOAD, "content_type": "application/pdf"}).refused(422, "invalid")
    clinic.doctor.post(path, {**UPLOAD, "size_bytes": 3 * 1024**3}).refused(413, "too-large")
    cancelled = clinic.session().body["id"]
    clinic.doctor.delete(f"/sessions/{cancelled}", etag='"1"').ok()
    clinic.doctor.post(f"/sessions/{cancelled}/recordings", UPLOAD).refused(409, "conflict")

    assert opened.body["status"] == "awaited"
    assert opened.body["upload_url"].startswith("http")
    assert pointers(no_audio) == {"/content_type"}


def test_report_without_a_transcription_is_a_conflict(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]

    clinic.doctor.get(f"/sessions/{session}/transcription").refused(404, "none-yet")
    clinic.doctor.post(f"/sessions/{session}/generate-report").refused(409, "conflict")


def test_transcription_is_read_by_doctor_and_admin_only(clinic: TestClinic, other_clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    transcription = plant_transcription(clinic, session)

    of_session = clinic.doctor.get(f"/sessions/{session}/transcription").ok()
    by_id = clinic.admin.get(f"/transcriptions/{transcription}").ok()
    refused = clinic.receptionist.get(f"/transcriptions/{transcription}").refused(403, "forbidden")
    strange = clinic.other_doctor.get(f"/transcriptions/{transcription}").refused(404, "not-found")
    foreign = other_clinic.doctor.get(f"/transcriptions/{transcription}").refused(404, "not-found")

    assert of_session.body["id"] == by_id.body["id"]
    assert by_id.body["transcript_text"] == "I sleep badly."
    assert {"operation_name", "parts", "record_key"}.isdisjoint(by_id.body)
    assert without_trace(strange) == without_trace(foreign)
    assert b"badly" not in refused.content + strange.content


def test_regeneration_clears_the_results_of_the_earlier_run(clinic: TestClinic) -> None:
    transcription = plant_transcription(clinic, clinic.session().body["id"], TranscriptionStatus.NO_SPEECH)
    earlier = {"word_count": 0, "processing_duration_seconds": 2.0}
    stamps = {"processing_started_at": datetime.now(UTC), "completed_at": datetime.now(UTC)}
    alter(clinic, f"transcriptions/{transcription}", {**earlier, **stamps, "audio_duration_seconds": 4.5})
    path = f"/transcriptions/{transcription}"

    again = clinic.doctor.post(f"{path}/regenerate", etag=clinic.doctor.get(path).etag).ok(202).body

    assert (again["status"], again["retry_count"], again["attempt"]) == ("pending", 1, 2)
    assert {again[name] for name in (*earlier, *stamps, "error_code", "confidence_score")} == {None}
    assert again["audio_duration_seconds"] == 4.5, "the length of the recording stays known"


def test_regeneration_requires_access_and_the_current_etag(clinic: TestClinic) -> None:
    transcription = plant_transcription(clinic, clinic.session().body["id"])
    path = f"/transcriptions/{transcription}/regenerate"

    clinic.receptionist.post(path, etag='"1"').refused(403, "forbidden")
    clinic.other_doctor.post(path, etag='"1"').refused(404, "not-found")
    clinic.doctor.post(path).refused(428, "precondition-required")
    clinic.doctor.post(path, etag='"2"').refused(412, "stale")
    clinic.doctor.post(path, etag='"1"', key="").refused(400, "bad-request")

    assert clinic.doctor.get(f"/transcriptions/{transcription}").ok().body["retry_count"] == 0
