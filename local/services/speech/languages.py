"""Several languages in one recording: each channel is transcribed in all, and the most certain words are its result.

Google labels every result with its own language; here all results of a channel have one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from google.cloud.speech_v2.types import cloud_speech

from local.services.speech.transcript import Job, Transcript, Word


@dataclass(frozen=True)
class InLanguages(Transcript):
    """A transcript whose channels may have different languages."""

    chosen: tuple[int, ...] = ()
    """For each channel, the position of its language in the request."""


def transcribed(transcribe: Callable[[Job], Transcript], job: Job, languages: Sequence[str]) -> Transcript:
    """The transcript in Whisper's `languages`; for each channel the one with the most certain words."""
    found = [transcribe(replace(job, language=language)) for language in languages]
    if len(found) == 1:
        return found[0]
    candidates = list(zip(*(one.channels for one in found), strict=True))
    chosen = tuple(_best(channel) for channel in candidates)
    channels = tuple(channel[at] for channel, at in zip(candidates, chosen, strict=True))
    return InLanguages(channels, found[0].seconds, chosen)


def codes_of(transcript: Transcript, config: cloud_speech.RecognitionConfig) -> list[str]:
    """The language code of each channel."""
    chosen = transcript.chosen if isinstance(transcript, InLanguages) else (0,) * len(transcript.channels)
    return [config.language_codes[at] for at in chosen]


def _best(candidates: Sequence[Sequence[Word]]) -> int:
    """The first of the candidates with the highest mean confidence."""
    means = [sum(word.confidence for word in words) / len(words) if words else 0.0 for words in candidates]
    return means.index(max(means))
