"""Runs of the sweep and their calls to Google, and jobs that stalled because their task was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud import tasks_v2

from local.services.kit.recorder import Call
from local.stack.environment import QUEUES
from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.crashes import NOT_AUDIO
from tests.support.database import alter, plant_transcription

MINUTE = timedelta(minutes=1)


def sweep(stack: Stack) -> int:
    """Run the sweep as Cloud Scheduler does; returns the status of the response."""
    return stack.schedules.tick("sweep_stalled")


def sweep_calls(stack: Stack, since: int) -> list[Call]:
    """The calls of the sweep to Google."""
    return [call for call in stack.recorder.calls(since) if call.caller == "sweep_stalled"]


def call_name(call: Call) -> str:
    return f"{call.service}.{call.method}"


def job_log(stack: Stack) -> list[dict[str, Any]]:
    """The log entries of the sweep about jobs."""
    lines = [json.loads(line) for line in (stack.logs / "sweep_stalled.log").read_text().splitlines()]
    return [line for line in lines if line["logger"] == "synapse.jobs"]


def age(clinic: TestClinic, path: str, unchanged: timedelta, requested: timedelta | None = None) -> None:
    """Set the job's last change, and the request for it, back by these durations."""
    now = datetime.now(UTC)
    times = {"updated_at": now - unchanged, "requested_at": now - (unchanged if requested is None else requested)}
    alter(clinic, path, times)
    clinic.stack.wait_idle(support.PATIENCE)


def retire(clinic: TestClinic, *paths: str) -> None:
    """Hide jobs from the sweeps of other tests."""
    for path in paths:
        alter(clinic, path, {"live": False})
    clinic.stack.wait_idle(support.PATIENCE)


@contextmanager
def tasks_lost(stack: Stack, queue: str) -> Iterator[None]:
    """Delete the tasks that are enqueued in the `with` block, as if their last attempt had failed."""
    name = f"{QUEUES}/{queue}"
    support.queues_of(stack).pause_queue(name=name)
    yield
    stack.wait_idle(support.PATIENCE)
    support.queues_of(stack).purge_queue(name=name)
    support.queues_of(stack).resume_queue(name=name)


@contextmanager
def delivery_limit(stack: Stack, queue: str, limit: int) -> Iterator[None]:
    """Limit the deliveries of a task in the `with` block; with the configured limit, a failing task takes minutes."""
    queues, name = support.queues_of(stack), f"{QUEUES}/{queue}"
    configured = queues.get_queue(name=name)
    limited = tasks_v2.Queue(configured)
    limited.retry_config.max_attempts = limit
    queues.update_queue(queue=limited)
    yield
    queues.update_queue(queue=configured)


def lost_report(clinic: TestClinic) -> str:
    """Create a session whose report waits for a deleted task; returns the session's id."""
    session_id = str(clinic.session().body["id"])
    with tasks_lost(clinic.stack, "reports"):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    assert report_of(clinic, session_id)["status"] == "pending"
    return session_id


def lost_transcription(clinic: TestClinic) -> str:
    """Create a session whose transcription waits for deleted polls; its recording is not audio. Returns its id."""
    session_id = str(clinic.session().body["id"])
    with tasks_lost(clinic.stack, "transcriptions"):
        clinic.record(session_id, NOT_AUDIO)
    return session_id


def report_of(clinic: TestClinic, session_id: str) -> Any:
    return clinic.doctor.get(f"/reports/{session_id}-r1").ok().body


def transcription_of(clinic: TestClinic, session_id: str) -> Any:
    return clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body
