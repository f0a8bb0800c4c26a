"""The product's own gateway against the local endpoint: recognising at once; cancelling operations in each state."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from google.api_core import exceptions

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Fault
from local.services.speech import tones
from local.services.speech.script import Change
from local.services.speech.tones import Spoken
from local.stack.environment import NAMES
from shared import settings
from shared.gateways import speech
from shared.records.visits.failure import TranscriptionFailure
from tests.local.speech.endpoint import Running
from tests.local.speech.requests import AUDIO, RESULTS

pytestmark = pytest.mark.long

UNKNOWN = "projects/demo-synapse/locations/global/operations/unknown"


@pytest.fixture
def gateway(local: Running, tmp_path: Path) -> Iterator[Running]:
    """The gateway calls the endpoint of the package."""
    local.objects.contents.clear()
    local.recorder.clear_faults()
    credentials = IamEndpoint(tmp_path / "iam", local.recorder).credentials_file("sessions", "http://127.0.0.1:9/token")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**NAMES, "SPEECH_ENDPOINT": local.address}.items():
            environment.setenv(name, value)
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
        forget()
        yield local
        speech._client().transport.close()
    forget()


def forget() -> None:
    """Clear all caches, as in a new process."""
    settings.load.cache_clear()
    speech._client.cache_clear()


def begin() -> str:
    return speech.begin([AUDIO], RESULTS, model="long", languages=["en-IN"], channels=2)


def test_running_operation_is_cancelled_and_writes_nothing(gateway: Running, silence: bytes) -> None:
    gateway.objects.contents[AUDIO] = silence
    gateway.objects.reading.clear()
    gateway.objects.readable.clear()
    operation = begin()
    assert gateway.objects.reading.wait(30)

    speech.cancel(operation)
    speech.cancel(operation)

    gateway.objects.readable.set()
    assert speech.outcome(operation) == speech.Outcome(done=True, error="speech_error")
    assert list(gateway.objects.contents) == [AUDIO]


def test_finished_or_unknown_operation_is_left_alone(gateway: Running) -> None:
    operation = begin()
    while not (finished := speech.outcome(operation)).done:
        pass

    speech.cancel(operation)
    speech.cancel(UNKNOWN)

    assert speech.outcome(operation) == finished == speech.Outcome(done=True, error="audio_missing")


def test_lost_response_is_an_error_that_another_delivery_repairs(gateway: Running) -> None:
    gateway.recorder.plant(Fault("speech", "CancelOperation", "sessions", "cut"))
    with pytest.raises(exceptions.ServiceUnavailable):
        speech.cancel(begin())


DOCTOR, PATIENT = [Spoken(3, 0, 0.5), Spoken(4, 0, 1.5)], [Spoken(7, 1, 1.0)]


def piece(*channels: list[Spoken], seconds: float = 2.0) -> bytes:
    """A FLAC file with these words on its channels."""
    file = BytesIO()
    samples = np.stack([tones.encode(spoken, seconds) for spoken in channels], axis=1)
    soundfile.write(file, samples, tones.ENCODED_RATE, format="FLAC")
    return file.getvalue()


def recognized(audio: bytes, *, channels: int = 1, deadline_seconds: float = 20, **arguments: Any) -> list[str]:
    """The words, with the second in which each begins."""
    wanted = {"model": "long", "languages": ["en-IN"], **arguments}
    heard = speech.recognize(audio, channels=channels, deadline_seconds=deadline_seconds, **wanted)
    return [f"{word.start_ms / 1000:.1f} {word.text}" for word in heard.words]


def reason_of(audio: bytes, **arguments: Any) -> TranscriptionFailure:
    with pytest.raises(speech.RecognitionFailed) as failed:
        recognized(audio, **arguments)
    assert str(failed.value) == failed.value.reason
    assert failed.value.__cause__ is None
    return failed.value.reason


@pytest.fixture
def tonal(gateway: Running) -> Iterator[Running]:
    with gateway.script.hearing_tones():
        yield gateway


def test_a_piece_is_recognised_at_once_with_the_times_of_its_words(tonal: Running) -> None:
    heard = speech.recognize(
        piece(DOCTOR), model="long", languages=["en-IN"], channels=1, phrases=["word04"], deadline_seconds=20
    )

    assert [word.text for word in heard.words] == ["word03", "word04"]
    assert [word.start_ms for word in heard.words] == pytest.approx([500, 1500], abs=10)
    assert [word.end_ms for word in heard.words] == pytest.approx([820, 1820], abs=10)
    assert {word.confidence for word in heard.words} == {0.9}


def test_both_channels_of_a_piece_are_heard_in_the_order_of_their_turns(tonal: Running) -> None:
    asked, answered = [Spoken(3, 0, 0.5)], [Spoken(7, 1, 1.4)]

    assert recognized(piece(answered, asked), channels=2) == ["0.5 word03", "1.4 word07"]


def test_silence_is_recognised_as_no_words(tonal: Running) -> None:
    assert recognized(piece([])) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (3, TranscriptionFailure.SPEECH_REFUSED),
        (7, TranscriptionFailure.SPEECH_ERROR),
        (8, TranscriptionFailure.SPEECH_QUOTA),
        (13, TranscriptionFailure.SPEECH_ERROR),
    ],
)
def test_an_error_of_the_engine_is_a_reason_and_is_not_tried_again(
    tonal: Running, code: int, reason: TranscriptionFailure
) -> None:
    tonal.script.plant_for_recognize(Change(error_code=code))

    assert reason_of(piece(DOCTOR)) == reason
    assert recognized(piece(DOCTOR)) == ["0.5 word03", "1.5 word04"]


def test_a_call_that_does_not_reach_the_engine_is_made_again(tonal: Running) -> None:
    tonal.script.plant_for_recognize(Change(error_code=14), Change(error_code=14))

    assert recognized(piece(DOCTOR)) == ["0.5 word03", "1.5 word04"]


def test_an_engine_that_stays_away_is_given_up_at_the_deadline(tonal: Running) -> None:
    tonal.script.plant_for_recognize(*[Change(error_code=14)] * 100)

    assert reason_of(piece(DOCTOR), deadline_seconds=1) == TranscriptionFailure.SPEECH_UNAVAILABLE
    tonal.script.forget()


def test_an_engine_that_takes_too_long_is_given_up_at_the_deadline(tonal: Running) -> None:
    tonal.script.plant_for_recognize(Change(seconds=2))

    assert reason_of(piece(DOCTOR), deadline_seconds=0.5) == TranscriptionFailure.DEADLINE_EXCEEDED


def test_audio_that_the_engine_does_not_take_is_a_reason(tonal: Running) -> None:
    assert reason_of(b"RIFF no audio") == TranscriptionFailure.SPEECH_REFUSED
    assert reason_of(piece([], seconds=61)) == TranscriptionFailure.SPEECH_REFUSED
    assert reason_of(bytes(speech.MOST_BYTES + 1)) == TranscriptionFailure.SPEECH_REFUSED


def test_a_model_that_would_lose_a_channel_is_not_asked(tonal: Running) -> None:
    mark = tonal.recorder.mark()

    reason = reason_of(piece(DOCTOR, PATIENT), channels=2, model="chirp_3")

    assert reason == TranscriptionFailure.CHANNELS_NOT_SUPPORTED
    assert tonal.recorder.calls(mark) == []


@pytest.mark.parametrize("change", [Change(word_times=False), Change(words=False)], ids=str)
def test_words_without_times_are_kept_within_their_result(tonal: Running, change: Change) -> None:
    tonal.script.plant_for_recognize(change)

    assert recognized(piece(DOCTOR)) == ["0.0 word03", "0.0 word04"]


def test_values_that_are_no_confidences_are_unknown(tonal: Running) -> None:
    heard = speech.recognize(piece(DOCTOR), model="chirp_2", languages=["en-IN"], channels=1, deadline_seconds=20)

    assert {word.confidence for word in heard.words} == {None}
