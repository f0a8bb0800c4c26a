"""A recording is checked by its content when it arrives, before it is recognised."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.services.speech.service import SpeechService
from shared.gateways.storage_objects import Stored
from shared.store.clinic import system_clinic
from shared.workflows.visits import audio_check, receiving
from tests.support import audio_files as made
from tests.support import crashes as support
from tests.support.call_counts import RECOGNISE, counted
from tests.support.clinics import TestClinic
from tests.support.database import plant_report

TWO = {"recording_settings": {"channels": ["practitioner", "patient"]}}


def recorded(clinic: TestClinic, audio: bytes, content_type: str = "audio/wav", **settings: Any) -> str:
    """A session with this recording, which is handled; returns its id."""
    session_id = str(clinic.session(**settings).body["id"])
    clinic.record(session_id, audio, content_type)
    clinic.stack.wait_idle(support.PATIENCE)
    return session_id


def recording_of(clinic: TestClinic, session_id: str) -> Any:
    return clinic.doctor.get(f"/sessions/{session_id}/recordings").ok().body["items"][0]


def test_unsupported_audio_is_kept_and_not_recognised(clinic: TestClinic) -> None:
    mark = clinic.stack.recorder.mark()

    session_id = recorded(clinic, made.wav(made.tone(1), tag=0x55))

    transcription = clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body
    assert (transcription["status"], transcription["error_code"]) == ("failed", "audio_unsupported")
    assert recording_of(clinic, session_id)["status"] == "received"
    assert RECOGNISE not in counted(clinic.stack.recorder.calls(mark))


def test_report_does_not_miss_a_recording_without_audio(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    report = plant_report(clinic, session_id)

    clinic.record(session_id, made.wav(b""), "audio/wav")
    clinic.stack.wait_idle(support.PATIENCE)

    assert clinic.doctor.get(f"/reports/{report}").ok().body["unreported_recordings"] == []
    assert clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body["error_code"] == "audio_empty"


def test_silent_recording_hides_neither_length_nor_sound_of_the_one_before(clinic: TestClinic) -> None:
    with clinic.stack.service(SpeechService).script.hearing_tones():
        session_id = recorded(clinic, made.wav(made.tone(3)), recording_settings={"channels": ["unknown"]})
        before = clinic.doctor.get(f"/sessions/{session_id}").ok().body
        clinic.record(session_id, made.wav(bytes(64_000)), "audio/wav")
        clinic.stack.wait_idle(support.PATIENCE)

    after = clinic.doctor.get(f"/sessions/{session_id}").ok().body
    silent = recording_of(clinic, session_id)
    assert (before["audio_duration_seconds"], after["audio_duration_seconds"]) == (3.0, 5.0)
    assert silent["marks"] == ["mostly_silent"]
    assert after["audio_quality_score"] == before["audio_quality_score"] != silent["audio_quality_score"]


@pytest.mark.parametrize(
    ("audio", "settings", "channels", "marks"),
    [
        (made.mp4(channels=1), TWO, 1, ["channels_differ"]),
        (made.mp4(channels=2), {}, 2, []),
        (made.mp4(channels=2), TWO, 2, []),
    ],
    ids=["mono in a two-channel session", "stereo in a default session", "as announced"],
)
def test_channels_are_those_of_the_file(
    clinic: TestClinic, audio: bytes, settings: dict[str, Any], channels: int, marks: list[str]
) -> None:
    session_id = recorded(clinic, audio, "audio/webm;codecs=opus", **settings)

    recording = recording_of(clinic, session_id)
    assert (recording["container"], recording["codec"]) == ("mp4", "aac")
    assert (recording["channels"], recording["marks"]) == (channels, marks)
    assert (recording["duration_seconds"], recording["peak_dbfs"]) == (1.0, None)
    assert clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body["file_channels"] == channels


def test_file_that_is_delivered_for_half_an_hour_is_recognised_unchecked() -> None:
    stored = Stored("clinics/c/sessions/s/recordings/r", 9, "audio/wav", 1, datetime(2026, 11, 28, 9, 0, tzinfo=UTC))

    checked = audio_check.check(stored, [], datetime(2026, 11, 28, 9, 31, tzinfo=UTC))

    assert (checked.problem, checked.facts) == (None, {})


def test_recording_that_is_gone_is_not_known(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    opened = clinic.doctor.post(
        f"/sessions/{session_id}/recordings", {"content_type": "audio/wav", "size_bytes": 9}
    ).ok(201)
    stored = Stored(opened.body["object_name"], 9, "audio/wav", 1)

    system_clinic(clinic.id, "event").perform(
        "recording.receive", lambda work: receiving.received(work, opened.body["id"], stored, [])
    )

    assert recording_of(clinic, session_id)["channels"] is None
