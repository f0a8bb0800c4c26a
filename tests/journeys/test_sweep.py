"""What stalled is swept up: every job comes to its end, whatever died, in its own clinic, however often it is swept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud import tasks_v2

from local.services.functions.processes import FunctionDown
from local.services.kit.recorder import Call, Fault
from local.stack.environment import QUEUES
from local.stack.stack import Stack
from shared.records.record import SYSTEM
from shared.records.reports.report import Report, ReportStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from shared.store import queries
from shared.store.queries import Found
from shared.workflows.visits import recordings
from tests.support import crashes as support
from tests.support.client import upload
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.crashes import NOT_AUDIO
from tests.support.database import alter, plant_report, plant_transcription

MINUTE = timedelta(minutes=1)
QUERY, READ, UNLOCK = "firestore.RunQuery", "firestore.BatchGetDocuments", "kms.Decrypt"
ENQUEUE, COMMIT = "tasks.CreateTask", "firestore.Commit"
NOTHING_FOUND = [(QUERY, 1), (QUERY, 1), (QUERY, 1)]
"""One question for each kind of job; a query that finds nothing is billed as one read."""
ONE_REPORT = [QUERY, QUERY, READ, UNLOCK, ENQUEUE, COMMIT, QUERY]
"""A sweep that finds one report, in a clinic that is new to it."""


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


# Reports


def test_report_whose_task_died_in_every_delivery_is_written(clinic: TestClinic) -> None:
    deaths = [clinic.stack.recorder.plant(Fault("gemini", "generateContent", "write_report", "kill")) for _ in range(2)]
    session_id = str(clinic.session().body["id"])
    with deliveries(clinic.stack, "reports", len(deaths)):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
        support.converge(clinic.stack)
    abandoned = report_of(clinic, session_id)

    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    written = report_of(clinic, session_id)
    assert all(death.fired.is_set() for death in deaths)
    assert (abandoned["status"], written["status"]) == ("generating", "completed")
    assert written["attempt"] == abandoned["attempt"] == 1
    assert [statement["text"] for statement in written["statements"]]


def test_report_past_its_deadline_fails_and_can_be_retried(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.deadline + MINUTE)

    assert sweep(clinic.stack) == 204

    failed = report_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "deadline_exceeded")
    assert support.documents(clinic.id)[f"progress/{session_id}"]["report"] == "failed"
    assert clinic.stack.task_queues.pending() == []
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
    support.converge(clinic.stack)
    assert report_of(clinic, session_id)["status"] == "completed"


def test_report_that_every_sweep_retries_in_vain_fails_at_its_deadline(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    path = f"reports/{session_id}-r1"
    for _ in range(3):
        age(clinic, path, Report.policy.stalled_after + MINUTE, requested=timedelta(0))
        with tasks_lost(clinic.stack, "reports"):
            sweep(clinic.stack)
    age(clinic, path, Report.policy.stalled_after + MINUTE, requested=Report.policy.deadline)

    sweep(clinic.stack)

    names = {task.name for task in clinic.stack.task_queues.history if f"{session_id}-r1".encode() in body_of(task)}
    assert len(names) == 4, "each sweep asks under a name of its own"
    assert report_of(clinic, session_id)["error_code"] == "deadline_exceeded"


# Transcriptions


def test_transcription_whose_poll_was_lost_is_completed(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    waiting = transcription_of(clinic, session_id)
    age(clinic, f"transcriptions/{session_id}-t1", Transcription.policy.stalled_after + MINUTE)

    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    failed = transcription_of(clinic, session_id)
    assert waiting["status"] == "processing"
    assert (failed["status"], failed["error_code"]) == ("failed", "audio_not_readable")
    assert failed["attempt"] == 1


def test_transcription_that_never_started_is_started(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    path = f"transcriptions/{session_id}-t1"
    alter(clinic, path, {"status": "pending", "operation_name": None})
    age(clinic, path, Transcription.policy.stalled_after + MINUTE)

    sweep(clinic.stack)
    support.converge(clinic.stack)

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "audio_not_readable")
    assert failed["attempt"] == 2, "the engine was called again"


def test_poll_of_the_sweep_without_effect_is_not_followed_by_another(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"transcriptions/{session_id}-t1"
    with tasks_lost(clinic.stack, "transcriptions"):
        clinic.record(session_id, support.short_recording(), support.OGG)
    # As if its result had been lost: the operation is done, and there is nothing to hear.
    alter(clinic, path, {"status": "processing"})
    age(clinic, path, Transcription.policy.stalled_after + MINUTE)
    mark = clinic.stack.recorder.mark()

    sweep(clinic.stack)
    clinic.stack.wait_idle(support.PATIENCE)

    left = clinic.stack.task_queues.pending()
    waiting = transcription_of(clinic, session_id)
    retire(clinic, path)
    assert "speech.GetOperation" in support.calls_of(clinic.stack, "check_transcription", mark)
    assert (waiting["status"], left) == ("processing", [])


def test_transcription_fails_after_a_day(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    age(clinic, f"transcriptions/{session_id}-t1", Transcription.policy.deadline + MINUTE)

    assert sweep(clinic.stack) == 204

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "deadline_exceeded")
    assert support.documents(clinic.id)[f"progress/{session_id}"]["transcription"] == "failed"
    assert clinic.stack.task_queues.pending() == []


# Recordings


def test_recording_that_was_not_uploaded_expires_and_is_accepted_later(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    wanted = {"content_type": "audio/flac", "size_bytes": len(NOT_AUDIO)}
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", wanted).ok(201).body
    path = f"sessions/{session_id}/recordings/{session_id}-a1"
    age(clinic, path, recordings.UPLOAD_AWAITED_FOR + MINUTE)

    assert sweep(clinic.stack) == 204

    expired = support.documents(clinic.id)
    assert expired[path]["status"] == "expired"
    assert expired[f"progress/{session_id}"]["recording"] == "expired"
    assert upload(opened["upload_url"], NOT_AUDIO, "audio/flac") == 200
    support.converge(clinic.stack)
    assert support.documents(clinic.id)[path]["status"] == "received"
    assert transcription_of(clinic, session_id)["error_code"] == "audio_not_readable"


# Whatever the sweep itself meets


def test_sweep_without_findings_makes_one_query_per_job_kind_and_no_write(stack: Stack) -> None:
    sweep(stack)
    mark = stack.recorder.mark()

    assert sweep(stack) == 204

    assert [(name_of(call), sum(call.amounts.values())) for call in calls(stack, mark)] == NOTHING_FOUND


def test_jobs_within_their_time_are_unchanged(clinic: TestClinic, other_clinic: TestClinic) -> None:
    stalled, waiting = lost_report(clinic), lost_report(other_clinic)
    heard = lost_transcription(other_clinic)
    age(clinic, f"reports/{stalled}-r1", Report.policy.stalled_after + MINUTE)
    age(other_clinic, f"reports/{waiting}-r1", Report.policy.stalled_after - 10 * MINUTE)
    age(other_clinic, f"transcriptions/{heard}-t1", Transcription.policy.stalled_after - 10 * MINUTE)
    before, entries = support.documents(other_clinic.id), support.audited(other_clinic.id)

    sweep(clinic.stack)
    support.converge(clinic.stack)

    after, noted = support.documents(other_clinic.id), support.audited(other_clinic.id)
    retire(other_clinic, f"reports/{waiting}-r1", f"transcriptions/{heard}-t1")
    assert report_of(clinic, stalled)["status"] == "completed"
    assert (after, noted) == (before, entries)


def test_concurrent_sweeps_enqueue_a_job_once_and_the_next_finds_nothing(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    made = len(clinic.stack.task_queues.history)

    statuses = at_once(2, lambda _: sweep(clinic.stack))
    mark = clinic.stack.recorder.mark()
    again = sweep(clinic.stack)

    assert [*statuses, again] == [204, 204, 204]
    assert len(clinic.stack.task_queues.history) == made + 1
    assert [(name_of(call), sum(call.amounts.values())) for call in calls(clinic.stack, mark)] == NOTHING_FOUND


def test_sweep_makes_the_listed_calls(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    mark = clinic.stack.recorder.mark()

    sweep(clinic.stack)

    assert [name_of(call) for call in calls(clinic.stack, mark)] == ONE_REPORT


@pytest.mark.parametrize("number", range(len(ONE_REPORT)), ids=lambda number: f"{number}-{ONE_REPORT[number]}")
def test_sweep_killed_after_any_call_is_completed_by_the_next(clinic: TestClinic, number: int) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    service, _, method = ONE_REPORT[number].partition(".")
    skip = ONE_REPORT[:number].count(ONE_REPORT[number])
    crash = clinic.stack.recorder.plant(Fault(service, method, "sweep_stalled", "kill", skip))

    with pytest.raises(FunctionDown):
        sweep(clinic.stack)
    next_one = sweep(clinic.stack)
    support.converge(clinic.stack)

    assert crash.fired.is_set()
    assert next_one == 204
    assert report_of(clinic, session_id)["status"] == "completed"


def test_job_that_fails_in_the_sweep_does_not_block_others(clinic: TestClinic, other_clinic: TestClinic) -> None:
    broken, stalled = lost_report(clinic), lost_report(other_clinic)
    keys = f"patient_keys/{broken.partition('-')[0]}"
    alter(clinic, keys, {"care": b"no keyset"})
    age(clinic, f"reports/{broken}-r1", Report.policy.stalled_after + 2 * MINUTE)
    age(other_clinic, f"reports/{stalled}-r1", Report.policy.stalled_after + MINUTE)
    written = len(logged(clinic.stack))

    status = sweep(clinic.stack)
    support.converge(clinic.stack)
    retire(clinic, f"reports/{broken}-r1")

    assert status == 503, "Cloud Scheduler learns of it"
    assert report_of(other_clinic, stalled)["status"] == "completed"
    assert [(line["clinic_id"], line["action"], "error" in line) for line in logged(clinic.stack)[written:]] == [
        (clinic.id, "none", True),
        (other_clinic.id, "enqueued", False),
    ]
    assert sweep(clinic.stack) == 204


def test_stalled_job_is_logged_once_by_ids_and_audited_in_its_clinic(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    written = len(logged(clinic.stack))

    clinic.stack.schedules.tick("sweep_stalled", datetime(2026, 11, 23, 2, 10, tzinfo=UTC))

    [line] = logged(clinic.stack)[written:]
    assert line == {
        "severity": "WARNING",
        "message": "stalled job",
        "logger": "synapse.jobs",
        "kind": "report",
        "id": f"{session_id}-r1",
        "clinic_id": clinic.id,
        "action": "enqueued",
    }
    # The task that it enqueued may already have left entries of its own.
    request_id = "sweep-stalled 2026-11-23T02:10:00+00:00"
    [entry] = [entry for entry in support.audit_entries(clinic.id) if entry["origin"]["request_id"] == request_id]
    assert entry["action"] == "report.revive"
    assert (entry["actor_id"], entry["documents"], entry["outcome"]) == (SYSTEM, [f"reports/{session_id}-r1"], "done")


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_sweep_pages_through_stalled_jobs_oldest_first(clinic: TestClinic, other_clinic: TestClinic, page: int) -> None:
    now = datetime.now(UTC)
    minutes = [50, 40, 40, 40, 31]  # of the same age are more than fit on a page
    planted: dict[Found, datetime] = {}
    for number, age_in_minutes in enumerate(minutes):
        owner = (clinic, other_clinic)[number % 2]
        report_id = plant_report(owner, str(owner.session().body["id"]), ReportStatus.PENDING)
        planted[Found(owner.id, report_id)] = now - age_in_minutes * MINUTE
        alter(owner, f"reports/{report_id}", {"updated_at": now - age_in_minutes * MINUTE})

    found = list(queries.unchanged_since(Report, Report.waiting_states, now - 30 * MINUTE, page))

    for place in planted:
        retire(clinic if place.clinic_id == clinic.id else other_clinic, f"reports/{place.id}")
    assert len(found) == len(set(found))
    assert set(found) == planted.keys()
    assert [planted[place] for place in found] == sorted(planted.values())
    assert list(queries.unchanged_since(Report, Report.waiting_states, now - 30 * MINUTE, page)) == []


# Helpers


def sweep(stack: Stack) -> int:
    """The status that the sweep answers Cloud Scheduler."""
    return stack.schedules.tick("sweep_stalled")


def calls(stack: Stack, since: int) -> list[Call]:
    """What the sweep asked of Google."""
    return [call for call in stack.recorder.calls(since) if call.caller == "sweep_stalled"]


def name_of(call: Call) -> str:
    return f"{call.service}.{call.method}"


def logged(stack: Stack) -> list[dict[str, Any]]:
    """What the sweep logged about jobs."""
    lines = [json.loads(line) for line in (stack.logs / "sweep_stalled.log").read_text().splitlines()]
    return [line for line in lines if line["logger"] == "synapse.jobs"]


def age(clinic: TestClinic, path: str, unchanged: timedelta, requested: timedelta | None = None) -> None:
    """As if a job had not changed for so long, and been asked for so long ago."""
    now = datetime.now(UTC)
    times = {"updated_at": now - unchanged, "requested_at": now - (unchanged if requested is None else requested)}
    alter(clinic, path, times)
    clinic.stack.wait_idle(support.PATIENCE)


def retire(clinic: TestClinic, *paths: str) -> None:
    """Hide a job from the sweeps of other tests."""
    for path in paths:
        alter(clinic, path, {"live": False})
    clinic.stack.wait_idle(support.PATIENCE)


@contextmanager
def tasks_lost(stack: Stack, queue: str) -> Iterator[None]:
    """Whatever is enqueued meanwhile is gone, as after its last attempt."""
    name = f"{QUEUES}/{queue}"
    support.queues_of(stack).pause_queue(name=name)
    yield
    stack.wait_idle(support.PATIENCE)
    support.queues_of(stack).purge_queue(name=name)
    support.queues_of(stack).resume_queue(name=name)


@contextmanager
def deliveries(stack: Stack, queue: str, most: int) -> Iterator[None]:
    """Meanwhile a queue gives a task up after so many deliveries; as configured, it would take minutes to."""
    queues, name = support.queues_of(stack), f"{QUEUES}/{queue}"
    configured = queues.get_queue(name=name)
    impatient = tasks_v2.Queue(configured)
    impatient.retry_config.max_attempts = most
    queues.update_queue(queue=impatient)
    yield
    queues.update_queue(queue=configured)


def lost_report(clinic: TestClinic) -> str:
    """A session whose report waits for a task that is gone; returns the session's id."""
    session_id = str(clinic.session().body["id"])
    with tasks_lost(clinic.stack, "reports"):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    assert report_of(clinic, session_id)["status"] == "pending"
    return session_id


def lost_transcription(clinic: TestClinic) -> str:
    """A session whose recording cannot be recognised, which nobody finds out: the looks are gone."""
    session_id = str(clinic.session().body["id"])
    with tasks_lost(clinic.stack, "transcriptions"):
        clinic.record(session_id, NOT_AUDIO)
    return session_id


def report_of(clinic: TestClinic, session_id: str) -> Any:
    return clinic.doctor.get(f"/reports/{session_id}-r1").ok().body


def transcription_of(clinic: TestClinic, session_id: str) -> Any:
    return clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body


def body_of(task: Any) -> bytes:
    return bytes(task.http_request.body)
