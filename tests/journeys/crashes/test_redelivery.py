"""Events, tasks and results that are delivered again, late or out of order."""

from __future__ import annotations

import json

import pytest

from local.stack.environment import RESULTS_BUCKET
from local.stack.stack import Stack
from tests.journeys.crashes.helpers import (
    READ,
    STAGES,
    Undisturbed,
    is_over,
    plant,
)
from tests.support import crashes as support
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.crashes import Story

pytestmark = pytest.mark.long


@pytest.mark.parametrize("story", [support.consultation, support.two_recordings])
def test_redelivery_of_all_events_and_tasks_in_reverse_order_changes_nothing(
    story: Story, own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    clinic, stack = own_clinic, own_clinic.stack
    session_id = story(clinic, audio)
    before = _kept(clinic.id)
    deliveries = [d for d in stack.triggers.history if clinic.id in d.event.headers["ce-subject"]]
    tasks = [task.http_request for task in stack.task_queues.history if clinic.id.encode() in task.http_request.body]

    statuses = [stack.triggers.deliver(delivery.function, delivery.event) for delivery in reversed(deliveries)]
    statuses += [_run_again(stack, request.url, request.body) for request in reversed(tasks)]
    support.converge(stack)

    assert {d.function for d in deliveries} | {_function(t.url) for t in tasks} == {*PIPELINE, "on_staff_changed"}
    assert {status // 100 for status in statuses} == {2}
    assert _kept(clinic.id) == before
    assert support.ending(clinic, session_id) == undisturbed[story].ending


PIPELINE = {function for functions in STAGES.values() for function in functions}


def test_late_result_of_an_earlier_attempt_is_deleted_without_effect(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    clinic.record(session_id, support.NOT_AUDIO)
    support.converge(clinic.stack)

    with support.polling_paused(clinic.stack):
        assert support.regenerate(clinic, session_id).ok(202).body["attempt"] == 2
        waiting = _kept(clinic.id)
        _write_result(clinic, session_id, attempt=1)
        after_late_result = _kept(clinic.id)
        _write_result(clinic, session_id, attempt=2)

    transcription_body = clinic.doctor.get(path).ok().body
    assert waiting[f"transcriptions/{session_id}-t1"]["status"] == "pending"
    assert after_late_result == waiting
    assert (transcription_body["status"], transcription_body["transcript_text"]) == ("completed", "Attempt 2.")
    assert support.results_in_the_clear(clinic) == []


def test_polling_finds_a_result_whose_event_fails(
    own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    session_id = str(own_clinic.session().body["id"])
    for _ in range(50):
        plant(own_clinic.stack, "on_transcript_ready", READ, "kill")

    with support.polling_paused(own_clinic.stack):
        own_clinic.record(session_id, audio)
        transcription_body = own_clinic.until(lambda: _poll(own_clinic, session_id), is_over, support.PATIENCE).body
    own_clinic.stack.recorder.clear_faults()
    support.converge(own_clinic.stack)

    assert transcription_body["segments"] == undisturbed[support.consultation].ending.transcription["segments"]
    assert support.ending(own_clinic, session_id).report == undisturbed[support.consultation].ending.report


def _kept(clinic_id: str) -> support.Documents:
    """All documents of a clinic, without the write times in progress documents."""
    found = support.documents(clinic_id)
    return {
        path: {name: value for name, value in document.items() if not (path.startswith("progress/") and name == "at")}
        for path, document in found.items()
    }


def _function(task_url: str) -> str:
    return task_url.rpartition("/")[2].replace("-", "_")


def _run_again(stack: Stack, url: str, body: bytes) -> int:
    """Deliver a completed task again."""
    function = _function(url)
    headers = [("Content-Type", "application/json"), stack.authorization(function)]
    return stack.functions.request(function, "POST", "/", headers, body).status


def _write_result(clinic: TestClinic, session_id: str, attempt: int) -> None:
    """Write a result of one attempt as Speech-to-Text does; returns when it is handled."""
    words = [
        {"word": "Attempt", "startOffset": "0s", "endOffset": "0.500s", "confidence": 0.9},
        {"word": f"{attempt}.", "startOffset": "0.500s", "endOffset": "1s", "confidence": 0.9},
    ]
    result = {"alternatives": [{"words": words}], "channelTag": 1, "resultEndOffset": "1s"}
    name = f"clinics/{clinic.id}/transcriptions/{session_id}-t1/attempts/{attempt}/result.json"
    blob = support.bucket_of(clinic.stack, RESULTS_BUCKET).blob(name)
    blob.upload_from_string(json.dumps({"results": [result]}), content_type="application/json")
    clinic.stack.wait_idle(support.PATIENCE)
    assert not blob.exists()


def _poll(clinic: TestClinic, session_id: str) -> Reply:
    """Run the polls that are due; returns the transcription."""
    support.run_tasks(clinic.stack)
    return clinic.doctor.get(f"/transcriptions/{session_id}-t1")
