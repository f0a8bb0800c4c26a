"""A cancelled session discards its uploads, recognitions and drafts in progress; their states say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from local.stack.stack import Stack
from shared.records.record import session_of
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import drafting, requesting
from shared.workflows.visits import receiving, recognition
from tests.journeys.sweep.stalled_jobs import report_of, tasks_lost, transcription_of
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.results import SPOKEN, await_result, cancel, write_result


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


def progress_of(clinic: TestClinic, session_id: str) -> Any:
    return support.documents(clinic.id)[f"progress/{session_id}"]


def ended(body: Any) -> tuple[str, str]:
    return body["status"], body["error_code"]


CANCELLED = ("failed", "session_cancelled")


def test_result_for_a_cancelled_session_is_deleted_without_effect(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        cancel(clinic, session_id)
        write_result(clinic, session_id, SPOKEN)
    support.converge(clinic.stack)

    body = transcription_of(clinic, session_id)
    assert (ended(body), body["transcript_text"]) == (CANCELLED, "")
    assert progress_of(clinic, session_id)["transcription"] == "failed"
    assert progress_of(clinic, session_id)["session"] == "cancelled"
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")
    support.regenerate(clinic, session_id).refused(409, "conflict")


def test_result_is_thrown_away_though_the_cancellation_left_its_transcription_waiting(clinic: TestClinic) -> None:
    """The state after a recording that arrived while the session was being cancelled."""
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        alter(clinic, f"sessions/{session_id}", {"status": "cancelled"})
        write_result(clinic, session_id, SPOKEN)

    body = transcription_of(clinic, session_id)
    assert (ended(body), body["transcript_text"]) == (CANCELLED, "")
    assert progress_of(clinic, session_id)["transcription"] == "failed"


def test_poll_restarts_no_recognition_of_a_cancelled_session(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        alter(clinic, f"transcriptions/{session_id}-t1", {"status": "pending", "operation_name": None})
        alter(clinic, f"sessions/{session_id}", {"status": "cancelled"})
        mark = clinic.stack.recorder.mark()
        recognition.poll_operation(system_clinic(clinic.id, "poll"), f"{session_id}-t1", 1, None)

    assert ended(transcription_of(clinic, session_id)) == CANCELLED
    assert not [call for call in clinic.stack.recorder.calls(mark) if call.method == "BatchRecognize"]


def test_upload_event_that_comes_again_after_the_cancellation_deletes_the_audio(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        cancel(clinic, session_id)
        name = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1"
        receiving.receive(system_clinic(clinic.id, "again"), name)

    assert not support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name).exists()
    assert ended(transcription_of(clinic, session_id)) == CANCELLED


def test_report_that_waits_is_not_written_after_the_cancellation(clinic: TestClinic) -> None:
    session_id = _transcribed(clinic)
    mark = clinic.stack.recorder.mark()
    cancel(clinic, session_id)
    drafting.write(system_clinic(clinic.id, "task"), f"{session_id}-r1", 1, 0)

    body = report_of(clinic, session_id)
    assert (ended(body), body["statements"]) == (CANCELLED, [])
    assert progress_of(clinic, session_id)["report"] == "failed"
    assert not [call for call in clinic.stack.recorder.calls(mark) if call.service == "gemini"]
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").refused(409, "conflict")


def test_report_that_was_requested_while_the_session_was_cancelled_fails(clinic: TestClinic) -> None:
    session_id = _transcribed(clinic)
    alter(clinic, f"sessions/{session_id}", {"status": "cancelled"})
    for _ in range(2):
        drafting.write(system_clinic(clinic.id, "task"), f"{session_id}-r1", 1, 0)

    assert ended(report_of(clinic, session_id)) == CANCELLED
    assert progress_of(clinic, session_id)["report"] == "failed"


def test_transcription_completed_before_the_cancellation_leads_to_no_report(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    cancel(clinic, session_id)
    transcription_id = plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    requesting.request_first(system_clinic(clinic.id, "event"), transcription_id)
    support.converge(clinic.stack)

    assert session_of(transcription_id) == session_id
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")


def test_drafted_report_of_a_cancelled_session_cannot_be_signed(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    report_id = plant_report(clinic, session_id)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    cancel(clinic, session_id)

    path = f"/reports/{report_id}"
    assert ended(report_of(clinic, session_id)) == CANCELLED
    etag = clinic.doctor.get(path).etag
    assert clinic.doctor.post(f"{path}/sign", {"meaning": "author"}, etag=etag).status in (400, 403, 409, 422)
    assert report_of(clinic, session_id)["status"] == "failed"


def test_session_whose_report_is_signed_cannot_be_cancelled(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    plant_report(clinic, session_id)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    alter(clinic, f"reports/{session_id}-r1", {"status": "signed"})

    path = f"/sessions/{session_id}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).refused(409, "conflict")

    assert clinic.doctor.get(path).body["status"] == "in_progress"


def _transcribed(clinic: TestClinic) -> str:
    """A session with a completed transcription, whose report waits for a deleted task; returns the session's id."""
    session_id = str(clinic.session().body["id"])
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    with tasks_lost(clinic.stack, "reports"):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    assert report_of(clinic, session_id)["status"] == "pending"
    return session_id
