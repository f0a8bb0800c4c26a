"""A long recording is recognised before it is measured, and measured at last."""

from __future__ import annotations

from typing import Any

import pytest

from local.services.speech.service import SpeechService
from shared.records.visits.audio import Container
from shared.workflows.visits.audio_check import MEASURED_FIRST, examine
from tests.journeys.crashes.helpers import COMMIT, GET, READ, RECOGNISE, plant
from tests.support import audio_files as made
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.results import cancel

LONG = made.wav(made.tone(MEASURED_FIRST + 1))
MEASURE = [GET, READ, COMMIT]
"""The calls that follow the recognition: a range of the object, session and recording, what was found."""


@pytest.fixture
def heard(clinic: TestClinic) -> Any:
    """Nothing is polled, so that each call is one of the event."""
    with clinic.stack.service(SpeechService).script.hearing_tones(), support.polling_paused(clinic.stack):
        yield clinic


def record(clinic: TestClinic, audio: bytes = LONG) -> str:
    session_id = str(clinic.session().body["id"])
    clinic.record(session_id, audio, "audio/wav")
    clinic.stack.wait_idle(support.PATIENCE)
    return session_id


def levels(clinic: TestClinic, session_id: str) -> tuple[Any, Any, Any]:
    """The loudest sample and the score of the recording, and the score of the session."""
    recording = clinic.doctor.get(f"/sessions/{session_id}/recordings").ok().body["items"][0]
    session = clinic.doctor.get(f"/sessions/{session_id}").ok().body
    return recording["peak_dbfs"], recording["audio_quality_score"], session["audio_quality_score"]


def test_a_long_recording_is_measured_once_its_recognition_has_begun(heard: TestClinic) -> None:
    mark = heard.stack.recorder.mark()

    session_id = record(heard)

    calls = support.calls_of(heard.stack, "on_audio_uploaded", mark)
    begun = calls.index(RECOGNISE)
    assert [call for call in calls[begun + 1 :] if call != GET] == [READ, COMMIT, READ, COMMIT]
    peak, score, of_session = levels(heard, session_id)
    assert peak is not None
    assert score is not None
    assert score == of_session
    assert examine_as_stored(LONG)["audio_quality_score"] == score


def examine_as_stored(audio: bytes) -> dict[str, Any]:
    """What is found without waiting."""
    from io import BytesIO

    from shared.audio.source import Source

    found = examine(Source(BytesIO(audio), len(audio)), 1)
    assert found.facts["container"] == Container.WAV
    return found.facts


@pytest.mark.parametrize("skip", [0, 1], ids=["the operation is stored", "it is measured"])
@pytest.mark.parametrize("how", ["kill", "cut"])
def test_a_crash_leaves_it_measured_and_recognised_once(heard: TestClinic, skip: int, how: str) -> None:
    fault = plant(heard.stack, "on_audio_uploaded", COMMIT, how, skip=1 + skip)
    mark = heard.stack.recorder.mark()

    session_id = record(heard)

    assert fault.fired.is_set()
    assert None not in levels(heard, session_id)
    assert support.calls_of(heard.stack, "on_audio_uploaded", mark).count(RECOGNISE) == 1


def test_what_was_cancelled_meanwhile_is_not_measured(heard: TestClinic) -> None:
    session_id = record(heard)
    [event] = [one for one in heard.stack.triggers.history if session_id in one.event.headers["ce-subject"]][:1]
    cancel(heard, session_id)
    before = support.documents(heard.id)[f"sessions/{session_id}/recordings/{session_id}-a1"]

    assert heard.stack.triggers.deliver(event.function, event.event) == 200
    assert support.documents(heard.id)[f"sessions/{session_id}/recordings/{session_id}-a1"] == before
