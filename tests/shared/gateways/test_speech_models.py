"""The table of speech models, and the request that follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from langcodes import standardize_tag

from shared import settings
from shared.gateways import speech_models
from shared.gateways.speech import _features
from shared.gateways.speech_models import code_of, longest_ms, models, refused_languages, unsuited
from shared.records.visits.failure import TranscriptionFailure

SEVERAL = ["hi-IN", "en-IN", "ta-IN", "kn-IN"]
TABLE = json.loads(Path(speech_models.__file__).with_suffix(".json").read_text())


def test_the_table_names_its_sources_and_the_day_they_were_read() -> None:
    assert date.fromisoformat(TABLE["read"]) >= date(2026, 11, 27)
    assert date.fromisoformat(TABLE["languages_read"]) >= date(2026, 11, 28)
    assert date.fromisoformat(TABLE["recognize_read"]) >= date(2026, 11, 29)
    sources = TABLE["sources"] + TABLE["languages_sources"] + TABLE["recognize_sources"]
    assert all(source.startswith("https://docs.cloud.google.com/speech-to-text/") for source in sources)


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets the model in use, its location, and the languages of the deployment."""

    def use(model: str, location: str, languages: str = "") -> None:
        monkeypatch.setenv("SPEECH_MODEL", model)
        monkeypatch.setenv("SPEECH_LOCATION", location)
        monkeypatch.setenv("SPEECH_LANGUAGES", languages)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo")
        settings.load.cache_clear()

    yield use
    settings.load.cache_clear()


@pytest.mark.parametrize(
    ("model", "location", "languages", "refused"),
    [
        ("long", "global", SEVERAL[:3], []),
        ("long", "global", SEVERAL, [(3, "takes 3 in one recording")]),
        ("long", "asia-south1", SEVERAL[:1], []),
        ("long", "asia-south1", SEVERAL[:2], [(1, "takes 1 in asia-south1; several only in eu, global, us")]),
        ("chirp_2", "us-central1", SEVERAL[:2], [(1, "takes 1 in one recording")]),
        ("chirp_3", "asia-south1", SEVERAL[:2], []),
        ("chirp_3", "us", SEVERAL[:3], [(2, "takes 2 in one recording")]),
        ("chirp_3", "us", ["he-IL", "pa-IN"], []),
        ("chirp_3", "us", ["he-IL", "EN-in"], []),
        ("chirp_3", "us", ["en"], [(0, "en is not one of the languages of this deployment: af-ZA, am-ET, ")]),
        ("chirp_3", "us", ["en-IN", "brx-IN"], [(1, "brx-IN is not one of the languages")]),
        ("chirp_3", "us", ["en-IN", "xx"], [(1, " he-IL, ")]),
    ],
)
def test_languages_that_a_model_does_not_take_are_refused_with_its_limit(
    in_use: Callable[..., None], model: str, location: str, languages: list[str], refused: list[tuple[int, str]]
) -> None:
    in_use(model, location)

    found = refused_languages(languages)

    assert [one.position for one in found] == [position for position, _ in refused]
    assert all(text in one.reason for one, (_, text) in zip(found, refused, strict=True))
    failure = TranscriptionFailure.LANGUAGES_NOT_SUPPORTED if refused else None
    assert unsuited(model, 1, languages) == failure


def test_a_deployment_takes_the_languages_that_it_names_and_a_refusal_names_them(in_use: Callable[..., None]) -> None:
    in_use("long", "asia-south1", "en-IN,he-IL")

    assert refused_languages(["en-IN"]) == refused_languages(["He-il"]) == []
    [refused] = refused_languages(["ta-IN"])
    assert refused.position == 0
    assert refused.reason == "ta-IN is not one of the languages of this deployment: en-IN, he-IL"
    assert refused_languages(["en-IN", "ta-IN"])[0].position == 1
    assert unsuited("long", 1, ["ta-IN"]) == TranscriptionFailure.LANGUAGES_NOT_SUPPORTED


def test_the_languages_of_a_deployment_are_those_of_its_model_and_not_of_an_earlier_one(
    in_use: Callable[..., None],
) -> None:
    in_use("long", "us", "en-IN")

    assert unsuited("chirp_3", 1, ["ta-IN"]) is None
    assert unsuited("chirp_3", 1, ["brx-IN"]) == TranscriptionFailure.LANGUAGES_NOT_SUPPORTED


def test_a_request_has_googles_spelling_of_every_language_that_bcp_47_spells_otherwise() -> None:
    written = {code for model in TABLE["models"].values() for code in model["languages"]}

    assert {standardize_tag(code): code for code in written if standardize_tag(code) != code} == TABLE["spellings"]
    assert [code_of("he-IL"), code_of("en-IN")] == ["iw-IL", "en-IN"]


def test_voices_of_several_languages_are_told_apart_only_where_the_model_can_in_each() -> None:
    chirp = models()["chirp_3"]

    assert "diarization_config" in _features(chirp, ["hi-IN", "en-IN"], 1)
    assert "diarization_config" not in _features(chirp, ["hi-IN", "ta-IN"], 1)
    assert "diarization_config" not in _features(chirp, ["hi-IN", "en-IN"], 1, voices=False)


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
        ("chirp_3", "en-IN", 1, {"diarization_config"}),
        ("chirp_3", "hi-IN", None, {"diarization_config"}),
        ("chirp_3", "ta-IN", 1, set()),
    ],
)
def test_channels_are_separated_and_voices_told_apart_where_the_model_can(
    model: str, language: str, channels: int | None, asked: set[str]
) -> None:
    features = _features(models()[model], [language], channels)

    assert set(features) & {"multi_channel_mode", "diarization_config"} == asked
    assert features["enable_word_confidence"] == (model == "long")


@pytest.mark.parametrize(
    ("model", "channels", "suited"),
    [("long", 2, True), ("chirp_3", 2, False), ("chirp_2", 8, False), ("chirp_3", 1, True), ("chirp_3", None, True)],
)
def test_a_model_that_hears_one_channel_takes_no_file_of_several(
    in_use: Callable[..., None], model: str, channels: int | None, suited: bool
) -> None:
    in_use(model, "global")
    failure = None if suited else TranscriptionFailure.CHANNELS_NOT_SUPPORTED
    assert unsuited(model, channels, ["en-IN"]) == failure


def test_the_longest_audio_is_that_with_word_times() -> None:
    assert longest_ms("chirp_3") == 1_200_000
    assert longest_ms("long") == 8 * 3_600_000
