"""What a session says of a recording that failed, or is far from the length of the visit."""

from __future__ import annotations

import pytest

from shared.records.visits.transcription import TranscriptionStatus
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.visits import ago, complete, new_session, read


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


def test_a_failed_session_is_completed_without_its_recording(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    transcription = plant_transcription(clinic, session_id, TranscriptionStatus.FAILED)
    alter(clinic, f"transcriptions/{transcription}", {"error_code": "audio_not_readable"})

    ended = complete(clinic, session_id).ok().body

    assert (ended["status"], ended["transcription_failure"]) == ("completed", "audio_not_readable")


def test_recordings_far_shorter_than_the_visit_are_marked(clinic: TestClinic) -> None:
    session_id = new_session(clinic, started_at=ago(minutes=50))
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    alter(clinic, f"sessions/{session_id}", {"audio_duration_seconds": 60.0})
    before = read(clinic, session_id).body["length_differs"]

    complete(clinic, session_id).ok()

    transcript = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    assert (before, read(clinic, session_id).body["length_differs"]) == (False, True)
    assert transcript["marks"] == ["length_differs"]
