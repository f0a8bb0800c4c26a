"""The models of Speech-to-Text v2 and what each can do.

The facts, their sources and the day they were read are in speech_models.json, which Terraform's validation reads too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared import settings
from shared.records.visits.failure import TranscriptionFailure


@dataclass(frozen=True)
class Model:
    """Capabilities of a speech model, in BatchRecognize unless a field names another method."""

    longest_seconds: int
    """The longest audio without word times."""
    longest_seconds_with_word_times: int
    locations: frozenset[str]
    """Where Google offers it; empty: not limited by this table."""
    separate_channels: bool
    """True if it can recognise each channel separately. Otherwise only the first channel is heard."""
    diarization_languages: frozenset[str]
    """Lowercase codes of the languages in which it labels the speakers of one channel."""
    word_confidence: bool
    """False if the values that it gives are no confidences."""
    recognize: bool
    """True if it recognises short audio at once, in Recognize."""
    most_languages: int
    """In one request."""
    several_languages_locations: frozenset[str]
    """Where it takes more than one language; empty: wherever it is offered."""
    languages: tuple[str, ...]
    """The languages that it knows, in BCP 47; empty: not limited by this table."""

    def diarizes(self, languages: Sequence[str]) -> bool:
        """True if it labels the speakers of one channel in each of the languages, such as `en-IN`."""
        return all(code_of(language).casefold() in self.diarization_languages for language in languages)


@dataclass(frozen=True)
class LanguageRefused:
    """Why a model does not take one of the languages of a request."""

    position: int
    """The first that it does not take; the main language is at 0."""
    reason: str


@cache
def models() -> Mapping[str, Model]:
    """All known models by name."""
    return {name: _model(**facts) for name, facts in _table()["models"].items()}


def in_use() -> str:
    """The name of the model in use."""
    name: str = settings.load(settings.Speech).speech_model
    return name


def code_of(language: str) -> str:
    """Google's spelling of a language, such as `iw-IL` for `he-IL`."""
    spelled: str = _table()["spellings"].get(language, language)
    return spelled


def refused_languages(languages: Sequence[str], model: str | None = None) -> list[LanguageRefused]:
    """What a model (default: the one in use) does not take of these languages of one request, in its location."""
    name, location = model or in_use(), settings.load(settings.Speech).speech_location
    known = models()[name]
    usable = _usable(name)
    codes = {one.casefold() for one in usable}
    found = [
        LanguageRefused(position, f"{language} is not one of the languages of this deployment: {', '.join(usable)}")
        for position, language in enumerate(languages)
        if usable and language.casefold() not in codes
    ]
    if len(languages) > known.most_languages:
        limit = f"the speech model {name} takes {known.most_languages} in one recording, with the main language"
        found.append(LanguageRefused(known.most_languages, limit))
    elif len(languages) > 1 and known.several_languages_locations and location not in known.several_languages_locations:
        places = ", ".join(sorted(known.several_languages_locations))
        found.append(LanguageRefused(1, f"the speech model {name} takes 1 in {location}; several only in {places}"))
    return found


def _usable(model: str) -> Sequence[str]:
    """The languages that the deployment names for its model, or else those of the table; empty: every one is tried."""
    named = settings.load(settings.Speech).speech_languages if model == in_use() else ""
    return named.split(",") if named else models()[model].languages


def longest_ms(model: str) -> int:
    """The longest audio of one file, in milliseconds; word times are always wanted."""
    return 1000 * models()[model].longest_seconds_with_word_times


def unsuited(model: str, channels: int | None, languages: Sequence[str]) -> TranscriptionFailure | None:
    """Why a model cannot transcribe a file with so many channels in these languages; None if it can, as far as the
    channels are known."""
    if channels is not None and channels > 1 and not models()[model].separate_channels:
        return TranscriptionFailure.CHANNELS_NOT_SUPPORTED
    return TranscriptionFailure.LANGUAGES_NOT_SUPPORTED if refused_languages(languages, model) else None


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return table


def _model(**facts: Any) -> Model:
    lists = {name: frozenset(value) for name, value in facts.items() if isinstance(value, list)}
    codes = frozenset(map(str.casefold, facts["diarization_languages"]))
    bcp_47 = {spelled: language for language, spelled in _table()["spellings"].items()}
    languages = tuple(bcp_47.get(code, code) for code in facts["languages"])
    return Model(**facts | lists | {"diarization_languages": codes, "languages": languages})
