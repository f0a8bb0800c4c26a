"""A consent that is withdrawn while a session is recorded in pieces: refused, told, and nothing more is recognised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.services.speech.service import SpeechService
from local.stack.stack import Stack
from shared.records.visits.live.accounts import live_audio_id
from shared.web.event_stream import POLL_SECONDS
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, tasks_lost
from tests.support import crashes as support
from tests.support.call_counts import TASK, calls_during
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.event_streams import opened as stream_of
from tests.support.live import opened, send_piece, stored_pieces
from tests.support.visits import set_clinic

TOLD_WITHIN_SECONDS = 2


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack), stack.service(SpeechService).script.hearing_tones():
        yield


@pytest.fixture
def recording(clinic: TestClinic) -> str:
    """An open live recording with one piece, of a patient with one consent; the clinic deletes after a withdrawal."""
    set_clinic(clinic, after_withdrawal="delete")
    patient = clinic.silent_patient().body["id"]
    consent_to(clinic.doctor, patient)
    session = clinic.start({"patient_id": patient, "type": "followup"}).ok(201).body["id"]
    recording = str(opened(clinic.doctor, session).ok(201).body["id"])
    send_piece(clinic.doctor, recording, 1, seconds_ago=20).ok(201)
    return recording


def session_of(recording: str) -> str:
    return recording.rpartition("-a")[0]


def withdraw(clinic: TestClinic, recording: str) -> Reply:
    path = f"/patients/{recording.partition('-')[0]}/consents"
    [consent] = clinic.doctor.get(path).ok().body["consents"]
    return clinic.doctor.post(f"{path}/{consent['id']}/withdraw", {"requested_by": "patient"}).ok()


def recognitions(clinic: TestClinic, since: int) -> list[str]:
    """Calls that recognise something, by any function."""
    return [call.method for call in clinic.stack.recorder.calls(since) if call.service == "speech"]


@pytest.mark.parametrize(("after", "kept"), [("delete", []), ("keep", [1])])
def test_the_next_piece_is_refused_with_the_reason_and_nothing_more_is_recognised(
    clinic: TestClinic, recording: str, after: str, kept: list[int]
) -> None:
    set_clinic(clinic, after_withdrawal=after)
    mark = clinic.stack.recorder.mark()

    withdraw(clinic, recording)
    refused = send_piece(clinic.doctor, recording, 2, seconds_ago=10).refused(403, "consent-missing").body
    late = send_piece(clinic.doctor, recording, 3, seconds_ago=60).refused(403, "consent-missing").body
    support.converge(clinic.stack)
    again = opened(clinic.doctor, session_of(recording)).refused(403, "consent-missing").body

    expected = [{"purpose": "recording", "reason": "withdrawn"}]
    assert [body["missing_consents"] for body in (refused, late, again)] == [expected] * 3
    assert recognitions(clinic, mark) == []
    assert list(stored_pieces(clinic, recording)) == kept


def test_a_receipt_that_was_given_stays_and_costs_no_recognition(clinic: TestClinic, recording: str) -> None:
    receipt = send_piece(clinic.doctor, recording, 1).ok(200).body
    withdraw(clinic, recording)
    support.converge(clinic.stack)
    mark = clinic.stack.recorder.mark()

    again = send_piece(clinic.doctor, recording, 1).ok(200).body

    assert again == {**receipt, "text": None}
    assert recognitions(clinic, mark) == []


def test_a_new_consent_opens_another_recording_and_not_the_refused_one(clinic: TestClinic, recording: str) -> None:
    withdraw(clinic, recording)
    consent_to(clinic.doctor, recording.partition("-")[0])

    refused = send_piece(clinic.doctor, recording, 2).refused(409, "conflict").body

    assert refused["code"] == "recording_closed"
    assert opened(clinic.doctor, session_of(recording)).ok(201).body["id"] == f"{session_of(recording)}-a2"


def test_the_next_poll_of_progress_tells_the_screen(clinic: TestClinic, recording: str) -> None:
    with stream_of(clinic.doctor, f"/sessions/{session_of(recording)}/progress") as stream:
        before = stream.next()
        withdraw(clinic, recording)
        told = stream.next()

    assert (before["recording"], told["recording"]) == ("awaited", "refused")
    assert 2 * POLL_SECONDS <= TOLD_WITHIN_SECONDS


def test_the_pieces_are_deleted_at_once_by_a_task_after_the_commit(clinic: TestClinic, recording: str) -> None:
    with tasks_lost(clinic.stack, "transcriptions"):
        calls = calls_during(clinic, "patients", lambda: withdraw(clinic, recording))
        assert list(stored_pieces(clinic, recording)) == [1]

    assert [call for call in calls if call[1] == "Commit" or call == TASK][-1] == TASK
    assert calls.count(TASK) == 1
    age(clinic, f"sessions/{session_of(recording)}/live_audio/{live_audio_id(session_of(recording))}", 11 * MINUTE)
    assert sweep(clinic.stack) == 204, "the sweep makes a lost task good"
    support.converge(clinic.stack)
    assert stored_pieces(clinic, recording) == {}


def test_a_withdrawal_without_a_live_recording_has_no_task(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body["id"]
    consent_to(clinic.doctor, patient)
    session = clinic.start({"patient_id": patient, "type": "followup"}).ok(201).body["id"]
    upload = {"content_type": "audio/flac", "size_bytes": 9}
    clinic.doctor.post(f"/sessions/{session}/recordings", upload).ok(201)

    assert TASK not in calls_during(clinic, "patients", lambda: withdraw(clinic, f"{session}-a1"))
