"""What a session says of a recording that failed, or is far from the length of the visit."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import requesting
from tests.support import crashes
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.visits import ago, bill_of, complete, new_session, read, reopen
from tools import google_firestore


def test_a_failed_transcription_is_seen_in_the_session_and_its_list_and_has_ways_out(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    transcription = plant_transcription(clinic, session_id, TranscriptionStatus.FAILED)
    alter(clinic, f"transcriptions/{transcription}", {"error_code": "speech_unavailable"})
    patient = read(clinic, session_id).body["patient_id"]

    alone = read(clinic, session_id).body["transcription_failure"]
    [listed] = clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"]
    etag = clinic.doctor.get(f"/transcriptions/{transcription}").etag
    clinic.doctor.post(f"/transcriptions/{transcription}/regenerate", etag=etag).ok(202)

    assert (alone, listed["transcription_failure"]) == ("speech_unavailable", "speech_unavailable")
    assert read(clinic, session_id).body["transcription_failure"] is None, "it is tried again"


@pytest.mark.parametrize(
    ("status", "code"), [("failed", "recording_deleted"), ("failed", "session_cancelled"), ("completed", None)]
)
def test_what_a_person_ended_and_what_was_heard_is_no_failure(clinic: TestClinic, status: str, code: str) -> None:
    session_id = new_session(clinic)
    transcription = plant_transcription(clinic, session_id)
    alter(clinic, f"transcriptions/{transcription}", {"status": status, "error_code": code})

    assert read(clinic, session_id).body["transcription_failure"] is None


def failed(clinic: TestClinic, code: str = "audio_not_readable") -> str:
    """A session in error: it was completed, and its recording cannot be transcribed."""
    session_id = new_session(clinic)
    complete(clinic, session_id).ok()
    plant_transcription(clinic, session_id, TranscriptionStatus.FAILED, error_code=code, parts=0)
    return until_status(clinic, session_id, "error")


def until_status(clinic: TestClinic, session_id: str, status: str) -> str:
    clinic.until(lambda: read(clinic, session_id), lambda reply: reply.body["status"] == status)
    return session_id


def progress_of(clinic: TestClinic, session_id: str) -> Any:
    return google_firestore.client().document("clinics", clinic.id, "progress", session_id).get().get("session")


@pytest.mark.parametrize("first", ["transcription", "completion"])
def test_a_visit_that_is_over_is_in_error_whichever_came_first(drafting: TestClinic, first: str) -> None:
    session_id = new_session(drafting)
    if first == "completion":
        complete(drafting, session_id).ok()
    plant_transcription(drafting, session_id, TranscriptionStatus.FAILED, error_code="deadline_exceeded")
    if first == "transcription":
        drafting.stack.wait_idle(60)
        assert read(drafting, session_id).body["status"] == "in_progress", "the visit goes on"
        complete(drafting, session_id).ok()

    until_status(drafting, session_id, "error")

    found = drafting.doctor.get("/sessions?status=error").ok().body["items"]
    assert [one["transcription_failure"] for one in found if one["id"] == session_id] == ["deadline_exceeded"]
    assert bill_of(drafting, session_id).body["status"] == "draft", "the visit took place"
    assert progress_of(drafting, session_id) == "error"


def test_an_error_is_completed_by_hand_and_does_not_come_again(drafting: TestClinic) -> None:
    session_id = failed(drafting)
    in_error = read(drafting, session_id)
    drafting.doctor.post(
        f"/sessions/{session_id}/complete", {"ended_at": ago(minutes=1)}, etag=in_error.etag, key=""
    ).refused(422, "invalid")

    ended = complete(drafting, session_id).ok().body
    requesting.request_first(system_clinic(drafting.id, "again"), f"{session_id}-t1")
    drafting.stack.wait_idle(60)

    assert (ended["status"], ended["transcription_failure"]) == ("completed", "audio_not_readable")
    assert ended["ended_at"] == in_error.body["ended_at"]
    assert read(drafting, session_id).body["status"] == "completed"
    assert progress_of(drafting, session_id) == "completed"
    complete(drafting, session_id).refused(409, "conflict")


def test_a_recording_that_fails_is_no_error_of_a_visit_that_a_person_reported(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    drafting.doctor.post(f"/sessions/{session_id}/report", {"source": "by_hand"}).ok(201)

    plant_transcription(drafting, session_id, TranscriptionStatus.FAILED, error_code="audio_not_readable", parts=0)
    drafting.stack.wait_idle(60)

    found = read(drafting, session_id).body
    assert (found["status"], found["transcription_failure"]) == ("completed", "audio_not_readable")
    assert progress_of(drafting, session_id) == "completed"


def test_an_error_ends_with_a_report_by_hand_and_with_another_request(drafting: TestClinic) -> None:
    by_hand, again = failed(drafting), failed(drafting)

    drafting.doctor.post(f"/sessions/{by_hand}/report", {"source": "by_hand"}).ok(201)
    transcription = drafting.doctor.get(f"/transcriptions/{again}-t1")
    drafting.doctor.post(f"/transcriptions/{again}-t1/regenerate", etag=transcription.etag).ok(202)

    assert read(drafting, by_hand).body["status"] == "completed"
    until_status(drafting, again, "completed")


def test_an_error_ends_with_the_recording_that_caused_it_and_with_another_one(drafting: TestClinic) -> None:
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}
    deleted, replaced = failed(drafting), failed(drafting)

    recording = drafting.doctor.post(f"/sessions/{deleted}/recordings", upload).ok(201)
    drafting.doctor.delete(f"/sessions/{deleted}/recordings/{recording.body['id']}", etag=recording.etag).ok()
    plant_transcription(drafting, replaced, TranscriptionStatus.NO_SPEECH, count=2)
    alter(drafting, f"sessions/{replaced}", {"uploads": 2})
    alter(drafting, f"transcriptions/{replaced}-t2", {"word_count": 0})

    until_status(drafting, deleted, "completed")
    until_status(drafting, replaced, "completed")


def test_an_error_ends_in_the_commit_that_receives_another_recording(drafting: TestClinic) -> None:
    """The event of a transcription that waits is left out: the session does not wait for it."""
    session_id = failed(drafting)
    alter(drafting, f"sessions/{session_id}", {"uploads": 1})

    with crashes.polling_paused(drafting.stack):
        drafting.record(session_id, crashes.NOT_AUDIO)
        drafting.stack.wait_idle(60)
        waiting = drafting.doctor.get(f"/transcriptions/{session_id}-t2").ok().body
        assert (waiting["status"], read(drafting, session_id).body["status"]) == ("processing", "completed")
        assert progress_of(drafting, session_id) == "completed"


def test_an_error_is_cancelled_unless_its_bill_is_issued_and_reopened(drafting: TestClinic) -> None:
    issued, cancelled = failed(drafting), failed(drafting)
    bill = bill_of(drafting, issued)
    drafting.receptionist.post(f"/bills/{issued}-bill/issue", etag=bill.etag, key="").ok()
    bill_of(drafting, cancelled)

    refused = drafting.doctor.delete(f"/sessions/{issued}", etag=read(drafting, issued).etag).refused(409, "conflict")
    gone = drafting.doctor.delete(f"/sessions/{cancelled}", etag=read(drafting, cancelled).etag).ok().body

    assert refused.body["code"] == "bill_issued"
    assert (gone["status"], gone["billing_amount"]) == ("cancelled", None)
    assert drafting.receptionist.get(f"/bills/{cancelled}-bill").ok().body["status"] == "cancelled"
    assert reopen(drafting, cancelled).ok().body["status"] == "in_progress"
    assert reopen(drafting, failed(drafting)).ok().body["status"] == "in_progress"


def test_recordings_far_shorter_than_the_visit_are_marked(clinic: TestClinic) -> None:
    session_id = new_session(clinic, started_at=ago(minutes=50))
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    alter(clinic, f"sessions/{session_id}", {"audio_duration_seconds": 60.0})
    before = read(clinic, session_id).body["length_differs"]

    complete(clinic, session_id).ok()

    transcript = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    assert (before, read(clinic, session_id).body["length_differs"]) == (False, True)
    assert transcript["marks"] == ["length_differs"]
