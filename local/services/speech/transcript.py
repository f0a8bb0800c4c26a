"""Jobs of the speech engine and their transcripts."""

from __future__ import annotations

from dataclasses import dataclass

from local.services.speech.audio import RawFormat


@dataclass(frozen=True)
class Job:
    """A recording and how to transcribe it."""

    audio: bytes
    per_channel: bool = False
    """Transcribe each channel separately; otherwise all are mixed into one."""
    language: str = "en"
    """Whisper's name for the language."""
    raw: RawFormat | None = None
    longest: float = float("inf")
    """The limit in seconds; longer recordings raise AudioTooLong."""


@dataclass(frozen=True)
class Word:
    text: str
    start: float
    """Seconds from the beginning of the recording."""
    end: float
    confidence: float
    """The model's probability, 0 to 1."""


@dataclass(frozen=True)
class Transcript:
    channels: tuple[tuple[Word, ...], ...]
    """The words of each channel in order; one channel if the channels were mixed."""
    seconds: float
    """The length of the recording."""
