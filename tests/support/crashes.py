"""Stories played to their end, and what is left of them then: what no crash on the way may change."""

from __future__ import annotations

import json
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
from shared.records.record import patient_of
from shared.store import database
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic, clinic_with_profile

OGG = "audio/ogg"
NOT_AUDIO = b"this is no recording " * 500
PATIENCE = 90.0
"""Seconds after which a story that has not come to its end is stuck."""

_OF_THE_RUN = {"revision", "attempt", "processing_duration_seconds", "generation_duration_seconds", "due_date"}
"""Fields that tell how and when a story was played; so do all moments and days."""

Documents = dict[str, dict[str, Any]]
"""Documents by their path below their clinic."""


def short_recording() -> bytes:
    """A recording of a few seconds, the doctor left and a silent patient right: one voice is sooner heard than two."""
    return load("short_visit").audio.read_bytes()


def new_clinic(stack: Stack) -> TestClinic:
    """As the fixture `clinic`, for stories that more than one test looks at."""
    return clinic_with_profile(stack)


# The stories

Story = Callable[[TestClinic, bytes], str]
"""Plays to its end in a new clinic, with a recording; returns the session's id."""


def consultation(clinic: TestClinic, audio: bytes) -> str:
    """From the recording to the draft, then from the session's end to the bill."""
    session_id = str(clinic.session().body["id"])
    with looks_held_back(clinic.stack):
        clinic.record(session_id, audio)
        converge(clinic.stack)
    complete(clinic, session_id).ok()
    converge(clinic.stack)
    return session_id


def unrecorded_visit(clinic: TestClinic, _audio: bytes) -> str:
    """A session without a recording: only its bill follows."""
    session_id = str(clinic.session().body["id"])
    complete(clinic, session_id).ok()
    converge(clinic.stack)
    return session_id


def unreadable_recording(clinic: TestClinic, _audio: bytes) -> str:
    """A recording that is none: its transcription fails, is asked for again, and fails again."""
    session_id = str(clinic.session().body["id"])
    with looks_held_back(clinic.stack):
        clinic.record(session_id, NOT_AUDIO)
        converge(clinic.stack)
        regenerate(clinic, session_id).ok(202)
        converge(clinic.stack)
    return session_id


def cancelled_session(clinic: TestClinic, audio: bytes) -> str:
    """A recording that arrives after its session was cancelled."""
    session_id = str(clinic.session().body["id"])
    path, wanted = f"/sessions/{session_id}", {"content_type": OGG, "size_bytes": len(audio)}
    opened = clinic.doctor.post(f"{path}/recordings", wanted).ok(201).body
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
    """Deliver until nothing is left to deliver; what is scheduled for later is run now, as an operator may."""
    deadline = monotonic() + PATIENCE
    stack.wait_idle(PATIENCE)
    while waiting := stack.task_queues.pending():
        assert monotonic() < deadline, f"these tasks find no end: {[task.http_request.url for task in waiting]}"
        run_tasks(stack)
        stack.wait_idle(PATIENCE)


def run_tasks(stack: Stack) -> None:
    """Run all tasks now, whenever they are due."""
    for task in stack.task_queues.pending():
        with suppress(NotFound):  # it is done meanwhile
            queues_of(stack).run_task(name=task.name)


@contextmanager
def quiet(stack: Stack) -> Iterator[None]:
    """Wait for the events and purge the tasks of the previous test; afterwards clear the planted faults."""
    stack.wait_idle(PATIENCE)
    for queue in ("reports", "transcriptions"):
        queues_of(stack).purge_queue(name=f"{QUEUES}/{queue}")
    yield
    stack.recorder.clear_faults()


@contextmanager
def looks_held_back(stack: Stack) -> Iterator[None]:
    """Meanwhile, transcriptions are looked after only by `run_tasks` and `converge`: no look overtakes a result."""
    name = f"{QUEUES}/transcriptions"
    queues_of(stack).pause_queue(name=name)
    try:
        yield
    finally:
        queues_of(stack).resume_queue(name=name)


# What is left


@dataclass(frozen=True)
class Ending:
    """What a story left in its clinic, in terms that are the same for every clinic that it is played in."""

    documents: list[Any]
    """The path and the status of every document but the audit's."""
    progress: Any
    """What the apps that listen were told last."""
    session: Any
    transcription: Any
    report: Any
    bill: Any
    """What the API answers; its status where there is none."""


def ending(clinic: TestClinic, session_id: str) -> Ending:
    """How it stands in a clinic with this one session. Fails when its accounts do not add up."""
    found = documents(clinic.id)
    _check_accounts(clinic, found)
    resources = {
        "session": f"/sessions/{session_id}",
        "transcription": f"/transcriptions/{session_id}-t1",
        "report": f"/reports/{session_id}-r1",
        "bill": f"/bills/{session_id}-bill",
    }
    told = {
        "documents": sorted([_placed(path), str(document.get("status"))] for path, document in found.items()),
        "progress": found[f"progress/{session_id}"],
        **{name: _shown(clinic.doctor.get(path)) for name, path in resources.items()},
    }
    text = json.dumps(_lasting(told))
    names = {clinic.id: "CLINIC", session_id: "SESSION", patient_of(session_id): "PATIENT"}
    for name, stand_in in names.items():
        text = text.replace(name, stand_in)
    return Ending(**json.loads(text))


def documents(clinic_id: str) -> Documents:
    """Every document of a clinic but the audit's."""
    client: Any = database.client()
    found = {path: fields for path, fields in _below(clinic_id) if not path.startswith("audit/")}
    return {path: cast(dict[str, Any], decode_dict(fields, client)) for path, fields in found.items()}


def audit_entries(clinic_id: str) -> list[dict[str, Any]]:
    return [entry.to_dict() for entry in _audit(clinic_id).stream()]


def audited(clinic_id: str) -> int:
    """How many audit entries there are."""
    [[number]] = _audit(clinic_id).count().get()
    return int(number.value)


def _audit(clinic_id: str) -> Any:
    return database.client().collection("clinics", clinic_id, "audit")


def results_in_the_clear(clinic: TestClinic) -> list[str]:
    """The names of what Speech-to-Text wrote and nobody deleted."""
    blobs = bucket_of(clinic.stack, RESULTS_BUCKET).list_blobs(prefix=f"clinics/{clinic.id}/")
    return [blob.name for blob in blobs]


def _check_accounts(clinic: TestClinic, found: Documents) -> None:
    """Nothing is doubled, forgotten or left lying about."""
    numbers = sorted(str(document["number"]) for document in found.values() if document.get("number"))
    counts = {
        path.removeprefix("counters/"): sum(document["counts"].values())
        for path, document in found.items()
        if path.startswith("counters/")
    }
    numbered = {name: _numbered(found, name) for name in ("patients", "sessions", "bills")}

    assert counts == {name: count for name, count in numbered.items() if count}, "a number was skipped"
    assert sorted(path for path in found if path.startswith("numbers/")) == [f"numbers/{number}" for number in numbers]
    assert audited(clinic.id) == _commits(clinic) + 1, "one a commit; the operator opened the clinic"
    assert results_in_the_clear(clinic) == []
    assert clinic.stack.task_queues.pending() == []
    assert not any(clinic.id in delivery.event.headers["ce-subject"] for delivery in clinic.stack.triggers.dropped)


def _numbered(found: Documents, collection: str) -> int:
    return sum(path.startswith(f"{collection}/") for path, document in found.items() if document.get("number"))


def _commits(clinic: TestClinic) -> int:
    """How often a function committed something in the clinic."""
    root = f"clinics/{clinic.id}/"
    return sum(call.method == "Commit" and root in call.resource for call in clinic.stack.recorder.calls())


def _below(clinic_id: str) -> Iterator[tuple[str, Any]]:
    """The documents in all collections of a clinic, and in theirs, in one call; clients have no name for that query.

    Their fields are as they were received: to decode them takes longer than the call.
    """
    client: Any = database.client()
    everything = {"from_": [{"all_descendants": True}]}
    root = client.document("clinics", clinic_id)._document_path
    request = {"parent": root, "structured_query": everything}
    for response in client._firestore_api.run_query(request, metadata=client._rpc_metadata):
        if name := response.document.name:
            yield name.removeprefix(f"{root}/"), response.document.fields


def _placed(path: str) -> str:
    """A path without what is random in it."""
    return "requests/ONE" if path.startswith("requests/") else path


def _shown(reply: Reply) -> Any:
    return reply.body if reply.status == 200 else reply.status


def _lasting(value: Any) -> Any:
    """The value without what differs from run to run."""
    if isinstance(value, dict):
        return {
            name: _lasting(part)
            for name, part in value.items()
            if name not in _OF_THE_RUN and not name.endswith(("_at", "_date")) and not isinstance(part, datetime)
        }
    return [_lasting(part) for part in value] if isinstance(value, list) else value


# What a test sees and moves of Google's services


def calls_of(stack: Stack, function: str, since: int) -> list[str]:
    """What a function asked of Google, as `service.Method`."""
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
