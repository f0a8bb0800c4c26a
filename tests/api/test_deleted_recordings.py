"""A recording is deleted with its text, unless a signed report contains it."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from shared.gateways import storage
from shared.gateways.storage_objects import Stored
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import requesting
from shared.workflows.visits import receiving
from tests.support import crashes as support
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.proofs import sign
from tests.support.results import await_result

UPLOAD = {"content_type": "audio/flac", "size_bytes": len(support.NOT_AUDIO)}


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A running session with an upload that is awaited."""
    session_id = str(clinic.session().body["id"])
    clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD).ok(201)
    return session_id


@pytest.fixture
def heard(clinic: TestClinic, session: str) -> str:
    """The session, whose recording arrived and was transcribed."""
    return transcribed(clinic, session)


@pytest.fixture
def report(clinic: TestClinic, session: str) -> str:
    """The report of the session, drafted from its recording. It is there before its transcription is completed, whose
    event would request it."""
    drafted = plant_report(clinic, session)
    transcribed(clinic, session)
    return drafted


def transcribed(clinic: TestClinic, session: str) -> str:
    alter(clinic, f"sessions/{session}/recordings/{session}-a1", {"status": "received"})
    plant_transcription(clinic, session)
    alter(clinic, f"transcriptions/{session}-t1", {"status": "completed"})
    return session


def deleting(clinic: TestClinic, session: str, count: int = 1, etag: str = "") -> Reply:
    path = f"/sessions/{session}/recordings/{session}-a{count}"
    return clinic.doctor.delete(path, etag=etag or f'"{listed(clinic, session)["revision"]}"')


def listed(clinic: TestClinic, session: str) -> Any:
    return clinic.doctor.get(f"/sessions/{session}/recordings").ok().body["items"][0]


def transcription(clinic: TestClinic, session: str) -> Reply:
    return clinic.doctor.get(f"/transcriptions/{session}-t1").ok()


def test_awaited_upload_is_cancelled_and_its_audio_discarded(clinic: TestClinic, session: str) -> None:
    upload_url = listed(clinic, session)["upload_url"]

    deleted = deleting(clinic, session).ok()
    upload(upload_url, support.NOT_AUDIO, "audio/flac")
    clinic.stack.wait_idle(support.PATIENCE)

    assert deleted.body["status"] == "deleted"
    assert (listed(clinic, session)["status"], listed(clinic, session)["upload_url"]) == ("deleted", None)
    assert storage.recording(deleted.body["object_name"]) is None
    clinic.doctor.get(f"/sessions/{session}/transcription").refused(404, "none-yet")
    clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)


def test_text_goes_with_the_recording_and_cannot_be_requested_again(clinic: TestClinic, heard: str) -> None:
    part = f"transcriptions/{heard}-t1/bodies/1"
    before, before_part = transcription(clinic, heard), support.documents(clinic.id)[part]

    deleting(clinic, heard).ok()

    after = transcription(clinic, heard)
    assert before.body["segments"]
    assert (after.body["status"], after.body["error_code"]) == ("failed", "recording_deleted")
    assert (after.body["segments"], after.body["transcript_text"], after.body["word_count"]) == ([], "", None)
    assert before_part != support.documents(clinic.id)[part]
    assert clinic.doctor.get(f"/sessions/{heard}").ok().body["audio_file_url"] is None
    refused = clinic.doctor.post(f"/transcriptions/{heard}-t1/regenerate", etag=after.etag).refused(409, "conflict")
    assert refused.body["code"] == "recording_deleted"


def test_running_recognition_is_cancelled_and_the_audio_deleted(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session = await_result(clinic)
        audio = support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(listed(clinic, session)["object_name"])
        assert audio.exists()
        mark = clinic.stack.recorder.mark()

        deleting(clinic, session).ok()
        clinic.stack.wait_idle(support.PATIENCE)

    assert ("speech", "CancelOperation") in {(call.service, call.method) for call in clinic.stack.recorder.calls(mark)}
    assert not audio.exists()
    assert transcription(clinic, session).body["error_code"] == "recording_deleted"


def test_repeated_event_finds_nothing_to_do(clinic: TestClinic, heard: str) -> None:
    deleting(clinic, heard).ok()
    before = transcription(clinic, heard).body
    stored = Stored(listed(clinic, heard)["object_name"], len(support.NOT_AUDIO), "audio/flac", 1)
    system = system_clinic(clinic.id, "event")

    requesting.request_first(system, f"{heard}-t1")
    again = system.perform("recording.receive", lambda work: receiving.received(work, f"{heard}-a1", stored, []))

    assert again == "recording_deleted"
    assert transcription(clinic, heard).body == before


def test_draft_made_from_the_recording_fails(clinic: TestClinic, session: str, report: str) -> None:
    deleting(clinic, session).ok()

    body = clinic.doctor.get(f"/reports/{report}").ok().body
    assert (body["status"], body["error_code"]) == ("failed", "recording_deleted")


def test_mark_of_the_report_goes_with_the_recording(clinic: TestClinic, session: str, report: str) -> None:
    sign(clinic, report)
    alter(clinic, f"reports/{report}", {"unreported_recordings": [f"{session}-a1"]})

    deleting(clinic, session).ok()

    body = clinic.doctor.get(f"/reports/{report}").ok().body
    assert (body["status"], body["unreported_recordings"]) == ("signed", [])


@pytest.mark.parametrize("flipped", [{}, {"status": "completed", "signed_at": None}], ids=["as signed", "status"])
def test_recording_of_a_signed_report_stays(
    clinic: TestClinic, session: str, report: str, flipped: dict[str, Any]
) -> None:
    sign(clinic, report)
    if flipped:
        alter(clinic, f"reports/{report}", flipped)

    refused = deleting(clinic, session).refused(409, "conflict")

    assert refused.body["code"] == "report_signed"
    assert listed(clinic, session)["status"] == "received"
    assert transcription(clinic, session).body["status"] == TranscriptionStatus.COMPLETED


def test_refusals(clinic: TestClinic, session: str) -> None:
    other = str(clinic.session().body["id"])

    deleting(clinic, session, etag='"7"').refused(412, "stale")
    deleting(clinic, session, count=2, etag='"1"').refused(404, "not-found")
    path = f"/sessions/{other}/recordings/{session}-a1"
    clinic.doctor.delete(path, etag='"1"').refused(404, "not-found")
    deleting(clinic, session).ok()
    assert deleting(clinic, session).refused(409, "conflict").body["code"] == "recording_deleted"


def test_call_counts(clinic: TestClinic, session: str) -> None:
    made = calls_during(clinic, "sessions", lambda: deleting(clinic, session, etag='"1"').ok())

    assert made == [reads(7), commit(3)]
