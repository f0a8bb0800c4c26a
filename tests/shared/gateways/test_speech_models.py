"""The table of speech models, and the request that follows from it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from shared.gateways import speech_models
from shared.gateways.speech import _features
from shared.gateways.speech_models import longest_ms, models, unsuited
from shared.records.visits.failure import TranscriptionFailure

TABLE = json.loads(Path(speech_models.__file__).with_suffix(".json").read_text())


def test_the_table_names_its_sources_and_the_day_they_were_read() -> None:
    assert date.fromisoformat(TABLE["read"]) >= date(2026, 11, 27)
    assert all(source.startswith("https://docs.cloud.google.com/speech-to-text/") for source in TABLE["sources"])


def test_word_times_never_allow_longer_audio() -> None:
    assert all(model.longest_seconds_with_word_times <= model.longest_seconds for model in models().values())
    assert models()["chirp_3"].longest_seconds_with_word_times == 20 * 60


@pytest.mark.parametrize(
    ("model", "language", "channels", "asked"),
    [
        ("long", "en-IN", None, {"multi_channel_mode"}),
        ("long", "en-IN", 2, {"multi_channel_mode"}),
        ("long", "en-IN", 1, set()),
        ("chirp_2", "en-IN", 1, set()),
        ("chirp_3", "en-in", 1, {"diarization_config"}),
        ("chirp_3", "hi-IN", None, {"diarization_config"}),
        ("chirp_3", "ta-IN", 1, set()),
    ],
)
def test_channels_are_separated_and_voices_told_apart_where_the_model_can(
    model: str, language: str, channels: int | None, asked: set[str]
) -> None:
    features = _features(models()[model], language, channels)

    assert set(features) & {"multi_channel_mode", "diarization_config"} == asked
    assert features["enable_word_confidence"] == (model == "long")


@pytest.mark.parametrize(
    ("model", "channels", "suited"),
    [("long", 2, True), ("chirp_3", 2, False), ("chirp_2", 8, False), ("chirp_3", 1, True), ("chirp_3", None, True)],
)
def test_a_model_that_hears_one_channel_takes_no_file_of_several(
    model: str, channels: int | None, suited: bool
) -> None:
    failure = None if suited else TranscriptionFailure.CHANNELS_NOT_SUPPORTED
    assert unsuited(model, channels) == failure


def test_the_longest_audio_is_that_with_word_times() -> None:
    assert longest_ms("chirp_3") == 1_200_000
    assert longest_ms("long") == 8 * 3_600_000
