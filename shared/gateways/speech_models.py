"""The models of Speech-to-Text v2 and what each can do.

The facts, their sources and the day they were read are in speech_models.json, which Terraform's validation reads too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared.records.visits.failure import TranscriptionFailure


@dataclass(frozen=True)
class Model:
    """Capabilities of a speech model in BatchRecognize."""

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

    def diarizes(self, language: str) -> bool:
        """True if it labels the speakers of one channel in a language, such as `en-IN`."""
        return language.casefold() in self.diarization_languages


@cache
def models() -> Mapping[str, Model]:
    """All known models by name."""
    table = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {name: _model(**facts) for name, facts in table["models"].items()}


def longest_ms(model: str) -> int:
    """The longest audio of one file, in milliseconds; word times are always wanted."""
    return 1000 * models()[model].longest_seconds_with_word_times


def unsuited(model: str, channels: int | None) -> TranscriptionFailure | None:
    """Why a model cannot transcribe a file with so many channels; None if it can, as far as they are known."""
    several = channels is not None and channels > 1
    return TranscriptionFailure.CHANNELS_NOT_SUPPORTED if several and not models()[model].separate_channels else None


def _model(*, locations: list[str], diarization_languages: list[str], **facts: Any) -> Model:
    languages = frozenset(language.casefold() for language in diarization_languages)
    return Model(locations=frozenset(locations), diarization_languages=languages, **facts)
