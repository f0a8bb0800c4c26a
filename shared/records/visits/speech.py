"""Speakers, and the settings of a session's recording and transcription."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from shared.records.record import Value
from shared.records.types import Language

MOST_RETAKES = 20
"""Transcriptions of one session that are made again with other settings, at the operator's cost."""
MOST_LANGUAGES = 9
"""Bounds a request. The table of the speech models has what each takes."""


class Speaker(StrEnum):
    """A speaker; recordings with one channel per speaker list the speakers in channel order."""

    PRACTITIONER = "practitioner"
    PATIENT = "patient"
    OTHER = "other"
    UNKNOWN = "unknown"


class RecordingSettings(Value):
    """The client's recording settings."""

    channels: list[Speaker] = Field(default=[Speaker.UNKNOWN], min_length=1, max_length=8)
    """The speaker on each channel; a single channel with all speakers is `["unknown"]`."""
    sample_rate_hertz: int | None = Field(default=None, ge=8_000, le=192_000)


class SpeechSettings(Value):
    """Settings of the transcription."""

    language: Language = "en-IN"
    """The main language: of the report too, unless its template has another."""
    other_languages: list[Language] = Field(default=[], max_length=MOST_LANGUAGES - 1)
    """Other languages that are spoken in the visit; the fewer, the better they are told apart. The speech model may
    take fewer: the answer is 422 with its limit."""

    @property
    def languages(self) -> list[str]:
        """All, the main one first."""
        return languages_of(self.language, self.other_languages)


class TranscriptionSettings(Value):
    """Other settings for a recording that is transcribed again. What is left out stays as it was."""

    language: Language | None = None
    other_languages: list[Language] | None = Field(default=None, max_length=MOST_LANGUAGES - 1)
    """As in the `stt_settings` of a session; empty: the main language alone."""
    channels: list[Speaker] | None = Field(default=None, min_length=1, max_length=8)
    """The speaker on each channel; a single channel with all speakers is `["unknown"]`."""


def languages_of(language: str, others: Sequence[str]) -> list[str]:
    """The main language and the others, each once."""
    kept: dict[str, str] = {}
    for one in (language, *others):
        kept.setdefault(one.casefold(), one)
    return list(kept.values())
