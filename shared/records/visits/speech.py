"""Speakers, and the settings of a session's recording and transcription."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.record import Value
from shared.records.spoken_languages import MOST_LANGUAGES
from shared.records.types import Language

MOST_RETAKES = 20
"""Transcriptions of one session that are made again with other settings, at the operator's cost."""


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


class TranscriptionSettings(Value):
    """Other settings for a recording that is transcribed again. What is left out stays as it was."""

    language: Language | None = None
    other_languages: list[Language] | None = Field(default=None, max_length=MOST_LANGUAGES - 1)
    """As in the `stt_settings` of a session; empty: the main language alone."""
    channels: list[Speaker] | None = Field(default=None, min_length=1, max_length=8)
    """The speaker on each channel; a single channel with all speakers is `["unknown"]`."""
