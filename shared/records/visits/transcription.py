"""A transcription: what was said, by whom and when. Its lifecycle is a state machine.

pending → processing → completed | no_speech
   └──────────┴──────→ failed → (retried) pending
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Self

from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp, Value
from shared.records.types import Code, Id, Language, Moment, ResourceName, Text
from shared.records.visits.session import Speaker

SEGMENTS_A_PART = 1_000
"""Segments in one document; a document holds at most 1 MiB."""


class TranscriptionStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_SPEECH = "no_speech"
    FAILED = "failed"


WAITING = frozenset({TranscriptionStatus.PENDING, TranscriptionStatus.PROCESSING})
"""A result is still to come."""


class Segment(Value):
    """A few sentences of one speaker: what a statement of a report points to."""

    number: int
    """From 1, in the order spoken."""
    speaker: Speaker
    start_ms: int
    end_ms: int
    """Milliseconds from the beginning of the recording."""
    text: Text
    confidence: float
    """Mean of the words' confidence, 0 to 1."""
    uncertain_words: list[str] = []
    """Words that the engine was unsure of: a reader should listen again."""


class Transcription(Record):
    """The transcription of one recording; its text is in TranscriptParts."""

    kind: ClassVar[str] = "Transcription"
    collection: ClassVar[str] = "transcriptions"

    session_id: Plain[Id]
    patient_id: Plain[Id]
    recording_id: Plain[Id]
    status: Plain[TranscriptionStatus] = TranscriptionStatus.PENDING
    stt_service: Plain[Code] = "google-speech-v2"
    stt_model: Plain[Code]
    language: Plain[Language]
    attempt: Plain[int] = 1
    """Raised before every call of the engine; results of earlier attempts are thrown away."""
    retry_count: Plain[int] = 0
    """How often it was asked for again after a failure."""
    operation_name: Internal[Plain[ResourceName | None]] = None
    requested_at: Plain[Moment]
    processing_started_at: Plain[Moment | None] = None
    completed_at: Plain[Moment | None] = None
    processing_duration_seconds: Plain[float | None] = None
    confidence_score: Plain[float | None] = None
    word_count: Plain[int | None] = None
    character_count: Plain[int | None] = None
    audio_duration_seconds: Plain[float | None] = None
    parts: Internal[Plain[int]] = 0
    """How many TranscriptParts hold the text."""
    manually_corrected: Plain[bool] = False
    corrected_by: Plain[Id | None] = None
    correction_notes: Clinical[Encrypted[Text | None]] = None
    error_code: Plain[Code | None] = None
    """Why it failed; an explanation is in the API's documentation."""

    @property
    def waiting(self) -> bool:
        """Whether a result is still to come."""
        return self.status in WAITING

    def begun(self, stamp: Stamp, *, operation_name: str) -> Self:
        """The engine works on it."""
        self._must_wait()
        return self.revised(
            stamp, status=TranscriptionStatus.PROCESSING, operation_name=operation_name, processing_started_at=stamp.at
        )

    def attempted_again(self, stamp: Stamp) -> Self:
        """Before another call of the engine: a result of an earlier one will no longer count."""
        self._must_wait()
        return self.revised(stamp, status=TranscriptionStatus.PENDING, attempt=self.attempt + 1, operation_name=None)

    def retried(self, stamp: Stamp) -> Self:
        """A person asks for a failed one again."""
        if self.status not in (TranscriptionStatus.FAILED, TranscriptionStatus.NO_SPEECH):
            raise Conflict(f"a transcription that is {self.status} cannot be retried")
        return self.revised(
            stamp,
            status=TranscriptionStatus.PENDING,
            requested_at=stamp.at,
            attempt=self.attempt + 1,
            retry_count=self.retry_count + 1,
            operation_name=None,
            error_code=None,
        )

    def heard(self, segments: list[Segment], stamp: Stamp, *, audio_seconds: float | None) -> Self:
        """The result has come."""
        self._must_wait()
        status = TranscriptionStatus.COMPLETED if segments else TranscriptionStatus.NO_SPEECH
        started = self.processing_started_at or self.requested_at
        return self.revised(
            stamp,
            status=status,
            completed_at=stamp.at,
            processing_duration_seconds=(stamp.at - started).total_seconds(),
            audio_duration_seconds=audio_seconds,
            parts=len(parts_of(segments)),
            **_measures(segments),
        )

    def failed(self, reason: str, stamp: Stamp) -> Self:
        self._must_wait()
        return self.revised(stamp, status=TranscriptionStatus.FAILED, error_code=reason, completed_at=stamp.at)

    def part_ids(self) -> list[str]:
        return [part_id(self.id, count) for count in range(1, self.parts + 1)]

    def _must_wait(self) -> None:
        if not self.waiting:
            raise Conflict(f"the transcription is {self.status}")


class TranscriptPart(Record):
    """A stretch of the transcript's segments."""

    kind: ClassVar[str] = "TranscriptPart"
    collection: ClassVar[str] = "bodies"

    segments: Clinical[Encrypted[list[Segment]]]

    @classmethod
    def path_of(cls, id: str) -> str:
        transcription, _, count = id.rpartition("-p")
        return f"transcriptions/{transcription}/bodies/{count}"


def part_id(transcription_id: str, count: int) -> str:
    return f"{transcription_id}-p{count}"


def parts_of(segments: list[Segment]) -> list[list[Segment]]:
    """The segments as they are spread over documents."""
    return [segments[i : i + SEGMENTS_A_PART] for i in range(0, len(segments), SEGMENTS_A_PART)]


def _measures(segments: list[Segment]) -> dict[str, Any]:
    if not segments:
        return {}
    weights = [len(segment.text.split()) for segment in segments]
    weighted = sum(segment.confidence * weight for segment, weight in zip(segments, weights, strict=True))
    return {
        "word_count": sum(weights),
        "character_count": sum(len(segment.text) for segment in segments),
        "confidence_score": round(weighted / max(1, sum(weights)), 4),
    }
