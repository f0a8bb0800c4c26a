"""Recognition never costs a piece; and a consent that is withdrawn meanwhile leaves nothing of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.services.speech.script import Change, Script
from local.services.speech.service import SpeechService
from local.stack.stack import Stack
from tests.support.clinics import TestClinic, consent_to
from tests.support.live import opened, send_piece, stored_pieces

UNAVAILABLE, INVALID_ARGUMENT, RESOURCE_EXHAUSTED = 14, 3, 8


@pytest.fixture
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(SpeechService).script
    yield script
    script.forget()


@pytest.fixture
def recording(clinic: TestClinic) -> str:
    """An open live recording."""
    return str(opened(clinic.doctor, str(clinic.session().body["id"])).ok(201).body["id"])


@pytest.mark.parametrize("error", [INVALID_ARGUMENT, RESOURCE_EXHAUSTED])
def test_a_piece_that_is_not_recognised_is_kept(clinic: TestClinic, script: Script, recording: str, error: int) -> None:
    script.plant_for_recognize(Change(error_code=error))

    receipt = send_piece(clinic.doctor, recording, 1).ok(201).body

    assert (receipt["text_status"], receipt["text"]) == ("failed", None)
    assert list(stored_pieces(clinic, recording)) == [1]
    assert send_piece(clinic.doctor, recording, 1).ok(200).body == receipt


def test_a_recogniser_that_is_unavailable_for_a_moment_is_asked_again(
    clinic: TestClinic, script: Script, recording: str
) -> None:
    script.plant_for_recognize(Change(error_code=UNAVAILABLE), Change(empty=True))

    assert send_piece(clinic.doctor, recording, 1).ok(201).body["text_status"] == "no_speech"


def test_a_recogniser_that_never_answers_costs_the_text_alone(
    clinic: TestClinic, script: Script, recording: str
) -> None:
    script.plant_for_recognize(Change(seconds=25))

    assert send_piece(clinic.doctor, recording, 1).ok(201).body["text_status"] == "failed"


def test_a_consent_that_is_withdrawn_meanwhile_leaves_nothing_of_the_piece(clinic: TestClinic, script: Script) -> None:
    patient = clinic.silent_patient().body["id"]
    consent = consent_to(clinic.doctor, patient).body["consents"][0]["id"]
    session = clinic.start({"patient_id": patient, "type": "followup"}).ok(201).body["id"]
    recording = str(opened(clinic.doctor, session).ok(201).body["id"])
    script.plant_for_recognize(Change(seconds=4))

    with ThreadPoolExecutor() as threads:
        sent = threads.submit(send_piece, clinic.doctor, recording, 1)
        while not stored_pieces(clinic, recording):
            time.sleep(0.05)
        clinic.doctor.post(f"/patients/{patient}/consents/{consent}/withdraw", {"requested_by": "patient"}).ok()
        refused = sent.result()

    assert refused.refused(403, "consent-missing").body["missing_consents"][0]["reason"] == "withdrawn"
    assert stored_pieces(clinic, recording) == {}
