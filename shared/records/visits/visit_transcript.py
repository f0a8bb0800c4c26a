"""The transcript of a visit: the transcriptions of all its recordings, joined in the order of the recordings. Pure.

Segments are numbered through the visit. A report cites these numbers, and keeps as its sources which transcription each
number belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from shared.records.record import Value
from shared.records.types import Id, Language
from shared.records.visits.failure import TranscriptionFailure
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.measures import mean_confidence
from shared.records.visits.segment import Segment
from shared.records.visits.transcription import Transcription, TranscriptionStatus


class TranscriptSource(Value):
    """A transcription that a report rests on, and its place in the transcript of the visit."""

    transcription_id: Id
    recording_id: Id
    version: int = 1
    """The version of its text."""
    first_segment: int
    """The number in the visit of its first segment: segment 1 of the transcription."""
    segments: int
    """Number of its segments."""


class VisitSegment(Segment):
    """A segment numbered through the visit. `start_ms` and `end_ms` count from the beginning of its own recording, and
    `language` is always that of the segment."""

    transcription_id: Id
    recording_id: Id


class TranscriptionState(Value):
    """What became of one recording."""

    transcription_id: Id
    recording_id: Id
    status: TranscriptionStatus
    error_code: TranscriptionFailure | None
    language: Language
    languages_heard: list[Language]
    """The languages that the engine recognised, that of most words first; empty if it did not say."""
    audio_duration_seconds: float | None
    lost_audio: list[LostAudio]
    """What was spoken and is not in the recording, in its order."""

    @classmethod
    def of(cls, transcription: Transcription) -> Self:
        shown = {name: getattr(transcription, name) for name in cls.model_fields if name != "transcription_id"}
        return cls(transcription_id=transcription.id, **shown)


@dataclass(frozen=True)
class Heard:
    """A completed transcription with its segments."""

    transcription: Transcription
    segments: Sequence[Segment]


def sources_of(heard: Iterable[Heard]) -> list[TranscriptSource]:
    """The place of each transcription in the transcript of the visit."""
    sources: list[TranscriptSource] = []
    first = 1
    for one in heard:
        sources.append(
            TranscriptSource(
                transcription_id=one.transcription.id,
                recording_id=one.transcription.recording_id,
                version=one.transcription.text_version,
                first_segment=first,
                segments=len(one.segments),
            )
        )
        first += len(one.segments)
    return sources


def lost_in(heard: Iterable[Heard]) -> list[LostAudio]:
    """What was spoken and is in none of these recordings, in their order."""
    return [lost for one in heard for lost in one.transcription.lost_audio]


def joined(heard: Iterable[Heard]) -> list[VisitSegment]:
    """The segments of the visit, in the order of the recordings and, within each, as spoken."""
    pairs = [(one.transcription, segment) for one in heard for segment in one.segments]
    return [
        VisitSegment(
            **{**dict(segment), "number": number, "language": segment.language or transcription.language},
            transcription_id=transcription.id,
            recording_id=transcription.recording_id,
        )
        for number, (transcription, segment) in enumerate(pairs, start=1)
    ]


def spoken(segments: Iterable[VisitSegment]) -> list[VisitSegment]:
    """Those with text: a person may have emptied others."""
    return [one for one in segments if one.text]


def languages_in(segments: Iterable[VisitSegment], default: str = "") -> list[str]:
    """The languages of a visit, that of most words first; the default one alone if nothing was said."""
    words: Counter[str] = Counter()
    for segment in segments:
        words[segment.language or ""] += len(segment.text.split())
    return [language for language, _ in words.most_common() if language] or [*filter(None, [default])]


def completed(transcriptions: Iterable[Transcription]) -> list[Transcription]:
    """Those with speech."""
    return [one for one in transcriptions if one.has_speech]


def newest_takes(transcriptions: Iterable[Transcription]) -> list[Transcription]:
    """One transcription a recording, in the order of the recordings: the newest with speech, else the newest.

    The argument has them in the order of recordings and, for each, of requests.
    """
    counting: dict[str, Transcription] = {}
    for one in transcriptions:
        before = counting.get(one.recording_id)
        if before is None or one.has_speech or not before.has_speech:
            counting[one.recording_id] = one
    return list(counting.values())


def audio_seconds_of(transcriptions: Iterable[Transcription]) -> float | None:
    """The duration of the recordings that were transcribed."""
    return total_seconds(*(one.audio_duration_seconds for one in transcriptions))


def total_seconds(*durations: float | None) -> float | None:
    """The sum of the known durations; None if none is known."""
    known = [seconds for seconds in durations if seconds is not None]
    return round(sum(known), 1) if known else None


def measures_of(transcriptions: Sequence[Transcription]) -> dict[str, Any]:
    """The measures of the visit's transcript."""
    return {
        "confidence_score": mean_confidence((one.confidence_score, one.word_count) for one in transcriptions),
        "word_count": sum(one.word_count or 0 for one in transcriptions),
        "character_count": sum(one.character_count or 0 for one in transcriptions),
        "segment_count": sum(one.segment_count or 0 for one in transcriptions),
        "audio_duration_seconds": audio_seconds_of(transcriptions),
    }
