"""Results of the recogniser that a running stack stores: voices without channels, and transcripts of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.services.speech.script import Change
from local.services.speech.service import SpeechService
from local.stack.stack import Stack
from shared.store.clinic import system_clinic
from shared.workflows.visits import recognition
from tests.journeys.sweep.stalled_jobs import tasks_lost, transcription_of
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.results import await_result, write_result


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack), support.polling_paused(stack), tasks_lost(stack, "reports"):
        yield


def said(text: str, second: int, label: str) -> dict[str, Any]:
    """A result of one voice."""
    words = [{"word": word, "startOffset": f"{second}s", "speakerLabel": label} for word in text.split()]
    return {"alternatives": [{"words": words}], "resultEndOffset": f"{second + 2}s"}


def test_voices_of_one_channel_get_their_roles(clinic: TestClinic) -> None:
    session_id = await_result(clinic)
    turns = [
        said("What brings you in? How are you sleeping?", 0, "2"),
        said("I have had headaches, and my sleep is bad.", 3, "1"),
        said("Have you had a fever? Do you take anything?", 6, "2"),
        said("No, I don't.", 9, "1"),
    ]

    write_result(clinic, session_id, {"results": turns})

    found = transcription_of(clinic, session_id)
    assert [(one["voice"], one["speaker"]) for one in found["segments"][::2]] == [
        (1, "practitioner"),
        (2, "patient"),
        (1, "practitioner"),
    ]
    assert found["speaker_confidence"] > 0.9
    assert found["segments"][-1]["word_starts_ms"] == [9000, 9000, 9000]


def test_a_transcript_of_stock_phrases_is_no_speech_and_has_no_report(clinic: TestClinic) -> None:
    session_id = await_result(clinic)

    write_result(clinic, session_id, {"results": [said("Thank you.", 3 * at, "1") for at in range(200)]})

    found = transcription_of(clinic, session_id)
    assert (found["status"], found["segments"], found["marks"]) == ("no_speech", [], ["repetition"])
    assert clinic.doctor.get(f"/reports/{session_id}-r1").status == 404


@pytest.mark.parametrize(("code", "reason"), [(3, "audio_not_readable"), (8, "speech_quota"), (13, "speech_error")])
def test_an_error_of_the_engine_is_the_reason_of_the_failure(clinic: TestClinic, code: int, reason: str) -> None:
    clinic.stack.service(SpeechService).script.plant(Change(error_code=code))
    session_id = await_result(clinic)

    recognition.poll_operation(system_clinic(clinic.id, "poll"), f"{session_id}-t1", 1, None)

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", reason)
