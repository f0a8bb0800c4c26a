"""Stories of a session, run until the system is idle, and their final state, which no crash may change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from time import monotonic
from typing import Any, cast

from google.api_core.exceptions import NotFound
from google.cloud import storage, tasks_v2
from google.cloud.firestore_v1._helpers import decode_dict

from local.samples import load
from local.services.kit.identity import PROJECT
from local.stack.environment import QUEUES, RESULTS_BUCKET
from local.stack.stack import Stack
from shared.records.numbering import DocumentSeries
from shared.records.record import patient_of
from tests.support import audio_files
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic, clinic_with_profile
from tools import google_firestore

OGG = "audio/ogg"
NOT_AUDIO = audio_files.UNDECODABLE
"""Received, and not readable for the recogniser."""
PATIENCE = 90.0
"""Seconds after which an unfinished story counts as stuck."""

_RUN_SPECIFIC = {
    "revision",
    "attempt",
    "processing_duration_seconds",
    "generation_duration_seconds",
    "due_date",
    "consent_id",
}
"""Fields that differ between runs of a story. Times and dates differ as well."""

_SHARD = re.compile(r"(book_days|receivables)/(\d{6,8})-\d")
_QUOTA_HOUR = re.compile(r"^(quotas/.+)-\d{8}T\d\d$")
_CONSENTED_AT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
"""The time in a statement from a consent record."""
Documents = dict[str, dict[str, Any]]
"""Documents by their path below their clinic."""


def short_recording() -> bytes:
    """A recording of a few seconds, the doctor left, the patient right and silent: one voice is transcribed faster."""
    return load("short_visit").audio.read_bytes()


def new_clinic(stack: Stack) -> TestClinic:
    """Like the fixture `clinic`, for stories that several tests share."""
    return clinic_with_profile(stack)


# The stories

Story = Callable[[TestClinic, bytes], str]
"""Runs a session in a new clinic, with a recording, until the system is idle; returns the session's id."""


def consultation(clinic: TestClinic, audio: bytes) -> str:
    """From the recording to the draft, then from the session's end to the bill."""
    session_id = str(clinic.session().body["id"])
    with polling_paused(clinic.stack):
        clinic.record(session_id, audio)
        converge(clinic.stack)
    complete(clinic, session_id).ok()
    converge(clinic.stack)
    return session_id


def two_recordings(clinic: TestClinic, audio: bytes) -> str:
    """A second recording after the draft: the report lacks it until it is written anew, from both."""
    session_id = str(clinic.session().body["id"])
    with polling_paused(clinic.stack):
        for _ in range(2):
            clinic.record(session_id, audio)
            converge(clinic.stack)
        with paused(clinic.stack, "reports"):  # no task precedes the commit that needs it
            clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
        converge(clinic.stack)
    return session_id


def unrecorded_visit(clinic: TestClinic, _audio: bytes) -> str:
    """A session without a recording; it leads to a bill only."""
    session_id = str(clinic.session().body["id"])
    complete(clinic, session_id).ok()
    converge(clinic.stack)
    return session_id


def unreadable_recording(clinic: TestClinic, _audio: bytes) -> str:
    """A recording that is not audio: its transcription fails, is retried, and fails again."""
    session_id = str(clinic.session().body["id"])
    with polling_paused(clinic.stack):
        clinic.record(session_id, NOT_AUDIO)
        converge(clinic.stack)
        regenerate(clinic, session_id).ok(202)
        converge(clinic.stack)
    return session_id


def cancelled_session(clinic: TestClinic, audio: bytes) -> str:
    """A recording that arrives after its session was cancelled."""
    session_id = str(clinic.session().body["id"])
    path, request = f"/sessions/{session_id}", {"content_type": OGG, "size_bytes": len(audio)}
    opened = clinic.doctor.post(f"{path}/recordings", request).ok(201).body
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).ok()
    assert upload(opened["upload_url"], audio, OGG) == 200
    converge(clinic.stack)
    return session_id


def complete(clinic: TestClinic, session_id: str) -> Reply:
    path = f"/sessions/{session_id}"
    return clinic.doctor.post(f"{path}/complete", etag=clinic.doctor.get(path).ok().etag)


def regenerate(clinic: TestClinic, session_id: str) -> Reply:
    path = f"/transcriptions/{session_id}-t1"
    return clinic.doctor.post(f"{path}/regenerate", etag=clinic.doctor.get(path).ok().etag)


def converge(stack: Stack) -> None:
    """Wait until the system is idle. Tasks that are scheduled for later are run now, as an operator can."""
    deadline = monotonic() + PATIENCE
    stack.wait_idle(PATIENCE)
    while waiting := tasks_of_jobs(stack):
        assert monotonic() < deadline, f"tasks without an end: {[task.http_request.url for task in waiting]}"
        run_tasks(stack)
        stack.wait_idle(PATIENCE)


def tasks_of_jobs(stack: Stack) -> list[tasks_v2.Task]:
    """The pending tasks, without reminders: those come again until their visit is near."""
    return [task for task in stack.task_queues.pending() if not task.name.startswith(f"{QUEUES}/reminders/")]


def run_tasks(stack: Stack) -> None:
    """Run all pending tasks now, regardless of their schedule."""
    for task in stack.task_queues.pending():
        with suppress(NotFound):  # the task has completed in the meantime
            queues_of(stack).run_task(name=task.name)


@contextmanager
def quiet(stack: Stack) -> Iterator[None]:
    """Wait for the events and purge the tasks of the previous test; afterwards clear the planted faults."""
    stack.wait_idle(PATIENCE)
    for queue in ("reports", "transcriptions", "messages", "reminders", "exports"):
        queues_of(stack).purge_queue(name=f"{QUEUES}/{queue}")
    yield
    stack.recorder.clear_faults()


@contextmanager
def polling_paused(stack: Stack) -> Iterator[None]:
    """In the `with` block, only `run_tasks` and `converge` poll: no poll precedes the event of a result."""
    with paused(stack, "transcriptions"):
        yield


@contextmanager
def paused(stack: Stack, queue: str) -> Iterator[None]:
    """In the `with` block, no task of the queue is delivered."""
    name = f"{QUEUES}/{queue}"
    queues_of(stack).pause_queue(name=name)
    try:
        yield
    finally:
        queues_of(stack).resume_queue(name=name)


# The final state


@dataclass(frozen=True)
class Ending:
    """The final state of a story, in a form that is the same for every clinic."""

    documents: list[Any]
    """Path and status of every document except audit entries."""
    progress: Any
    """The progress document that apps listen to."""
    session: Any
    visit: Any
    """The transcript of all recordings."""
    transcription: Any
    report: Any
    bill: Any
    """For each resource: the body of the API's response, or its status if that is not 200."""


def ending(clinic: TestClinic, session_id: str) -> Ending:
    """The final state of a clinic with one session. Raises AssertionError if its documents are inconsistent."""
    found = documents(clinic.id)
    _check_consistency(clinic, found)
    resources = {
        "session": f"/sessions/{session_id}",
        "visit": f"/sessions/{session_id}/transcription",
        "transcription": f"/transcriptions/{session_id}-t1",
        "report": f"/reports/{session_id}-r1",
        "bill": f"/bills/{session_id}-bill",
    }
    state = {
        "documents": [[_comparable_path(path), str(document.get("status"))] for path, document in found.items()],
        "progress": found[f"progress/{session_id}"],
        **{name: _body_or_status(clinic.doctor.get(path)) for name, path in resources.items()},
    }
    text = _CONSENTED_AT.sub("TIME", json.dumps(_comparable(state)))
    names = {clinic.id: "CLINIC", session_id: "SESSION", patient_of(session_id): "PATIENT"}
    for name, stand_in in names.items():
        text = text.replace(name, stand_in)
    compared = json.loads(text)
    compared["documents"].sort()  # only now: ids differ between clinics
    return Ending(**compared)


def documents(clinic_id: str) -> Documents:
    """Every document of a clinic except audit entries."""
    client: Any = google_firestore.client()
    found = {path: fields for path, fields in _raw_documents(clinic_id) if not path.startswith("audit/")}
    return {path: cast(dict[str, Any], decode_dict(fields, client)) for path, fields in found.items()}


def audit_entries(clinic_id: str) -> list[dict[str, Any]]:
    return [entry.to_dict() for entry in _audit(clinic_id).stream()]


def audited(clinic_id: str) -> int:
    """The number of audit entries."""
    [[number]] = _audit(clinic_id).count().get()
    return int(number.value)


def _audit(clinic_id: str) -> Any:
    return google_firestore.client().collection("clinics", clinic_id, "audit")


def results_in_the_clear(clinic: TestClinic) -> list[str]:
    """The names of the results of Speech-to-Text that still exist; they are not encrypted."""
    blobs = bucket_of(clinic.stack, RESULTS_BUCKET).list_blobs(prefix=f"clinics/{clinic.id}/")
    return [blob.name for blob in blobs]


def _check_consistency(clinic: TestClinic, found: Documents) -> None:
    """Raises AssertionError for a skipped number, a missing or extra audit entry, a left result, task or event."""
    numbers = sorted(number for document in found.values() if (number := _number(document)))
    counts = {
        path.removeprefix("counters/"): sum(document["counts"].values())
        for path, document in found.items()
        if path.startswith("counters/")
    }
    assert counts == Counter(_SERIES[number.partition("-")[0]] for number in numbers), "a number was skipped"
    assert sorted(path for path in found if path.startswith("numbers/")) == [f"numbers/{number}" for number in numbers]
    assert audited(clinic.id) == _commits(clinic) + 1, "one per commit, and one for the opening of the clinic"
    assert results_in_the_clear(clinic) == []
    assert tasks_of_jobs(clinic.stack) == []
    assert not any(clinic.id in delivery.event.headers["ce-subject"] for delivery in clinic.stack.triggers.dropped)


_SERIES = {
    "PAT": "patients",
    "SESS": "sessions",
    "REP": "reports",
    **{series.value: series.counter.removeprefix("counters/") for series in DocumentSeries},
}
"""The counter of each series of numbers, by the letters that begin them."""


def _number(document: dict[str, Any]) -> str | None:
    return document.get("report_number") or document.get("number")


def _commits(clinic: TestClinic) -> int:
    """The number of commits to the clinic by functions."""
    root = f"clinics/{clinic.id}/"
    return sum(call.method == "Commit" and root in call.resource for call in clinic.stack.recorder.calls())


def _raw_documents(clinic_id: str) -> Iterator[tuple[str, Any]]:
    """All documents below a clinic, at any depth, by one query, which the public client API does not offer.

    Their fields are not decoded, because that takes longer than the query.
    """
    client: Any = google_firestore.client()
    all_descendants = {"from_": [{"all_descendants": True}]}
    root = client.document("clinics", clinic_id)._document_path
    request = {"parent": root, "structured_query": all_descendants}
    for response in client._firestore_api.run_query(request, metadata=client._rpc_metadata):
        if name := response.document.name:
            yield name.removeprefix(f"{root}/"), response.document.fields


def _comparable_path(path: str) -> str:
    """The path without what follows from random ids, and without the hour of a quota: another may begin meanwhile."""
    if path.startswith("requests/"):
        return "requests/ONE"
    return _QUOTA_HOUR.sub(r"\1-HOUR", _SHARD.sub(r"\1/\2-SHARD", path))


def _body_or_status(reply: Reply) -> Any:
    return reply.body if reply.status == 200 else reply.status


def _comparable(value: Any) -> Any:
    """The value without the fields that differ between runs."""
    if isinstance(value, dict):
        return {
            name: _comparable(part)
            for name, part in value.items()
            if name not in _RUN_SPECIFIC and not name.endswith(("_at", "_date")) and not isinstance(part, datetime)
        }
    return [_comparable(part) for part in value] if isinstance(value, list) else value


# The local services


def calls_of(stack: Stack, function: str, since: int) -> list[str]:
    """The calls of a function to Google Cloud, as `service.Method`."""
    return [f"{call.service}.{call.method}" for call in stack.recorder.calls(since) if call.caller == function]


def bucket_of(stack: Stack, name: str) -> Any:
    return _storage(stack.client_environment()["STORAGE_ENDPOINT"]).bucket(name)


def queues_of(stack: Stack) -> Any:
    return _tasks(stack.client_environment()["TASKS_ENDPOINT"])


@cache
def _storage(endpoint: str) -> Any:
    return storage.Client(project=PROJECT, client_options={"api_endpoint": endpoint})


@cache
def _tasks(endpoint: str) -> Any:
    return tasks_v2.CloudTasksClient(client_options={"api_endpoint": endpoint})
