"""Transcriptions: the spoken text with speakers and times. The lifecycle is a state machine.

pending → processing → completed | no_speech
   └──────────┴──────→ failed → (retried) pending
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records.attempt import RECORDING_DELETED, SESSION_CANCELLED, AttemptPolicy
from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.spoken_languages import MOST_LANGUAGES, languages_of
from shared.records.text import Text
from shared.records.types import Code, Id, Language, Moment, ResourceName
from shared.records.visits import transcription_fields as fields
from shared.records.visits.audio_parts import AudioPart, fit
from shared.records.visits.failure import TranscriptionFailure
from shared.records.visits.followed import Followed
from shared.records.visits.lost_audio import MOST_PLACES, LostAudio
from shared.records.visits.marks import TranscriptionMark
from shared.records.visits.measures import measures_of
from shared.records.visits.segment import Segment
from shared.records.visits.speech import Speaker, TranscriptionSettings
from shared.records.visits.transcript_part import part_id, parts_of


class TranscriptionStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_SPEECH = "no_speech"
    FAILED = "failed"


LONGEST_POLL_GAP = timedelta(minutes=30)
"""Between two polls of one recognition."""


class Transcription(Followed):
    """The transcription of one recording; TranscriptParts hold its text."""

    kind: ClassVar[str] = "Transcription"
    collection: ClassVar[str] = "transcriptions"
    noun: ClassVar[str] = "transcription"
    policy: ClassVar[AttemptPolicy] = AttemptPolicy(
        stalled_after=LONGEST_POLL_GAP + timedelta(minutes=10),
        deadline=timedelta(hours=24),  # Speech-to-Text may take as long
    )
    waiting_states: ClassVar[frozenset[StrEnum]] = frozenset(
        {TranscriptionStatus.PENDING, TranscriptionStatus.PROCESSING}
    )
    retryable_states: ClassVar[frozenset[StrEnum]] = frozenset(
        {TranscriptionStatus.FAILED, TranscriptionStatus.NO_SPEECH}
    )
    failed_state: ClassVar[StrEnum] = TranscriptionStatus.FAILED

    session_id: Plain[Id]
    patient_id: Plain[Id]
    recording_id: Plain[Id]
    status: Plain[TranscriptionStatus] = TranscriptionStatus.PENDING
    stt_service: Plain[Code] = "google-speech-v2"
    stt_model: Plain[Code]
    language: Plain[Language]
    """The main language that the engine was told to expect."""
    other_languages: Plain[list[Language]] = Field(default=[], max_length=MOST_LANGUAGES - 1)
    """Other languages that it was told to expect."""
    languages_heard: Plain[list[Language]] = Field(default=[], max_length=MOST_LANGUAGES)
    """The languages that it recognised, that of most words first; empty if it did not say. A segment in another one
    than `language` has its own."""
    channels: Plain[list[Speaker]] = Field(default=[], max_length=8)
    """The speaker on each channel, if this transcription was made with others than those of the session."""
    file_channels: Plain[int | None] = None
    """Channels of the file; null if they are not known."""
    attempt: Plain[int] = 1
    """Incremented before every call of the engine; results of earlier attempts are discarded."""
    retry_count: Plain[int] = 0
    """Number of manual retries after a failure."""
    operation_name: Internal[Plain[ResourceName | None]] = None
    more_operations: Internal[Plain[list[ResourceName]]] = []
    """Operations besides `operation_name`, of a recording in more parts than one operation takes."""
    needs_conversion: Internal[Plain[bool]] = False
    """True if the engine does not decode the recording."""
    audio_parts: Internal[Plain[list[AudioPart]]] = []
    """The parts that the recording is recognised in; empty: as it is."""
    parts_stored: Internal[Plain[bool]] = False
    """True once the audio of all these parts is stored."""
    requested_at: Plain[Moment]
    processing_started_at: Plain[Moment | None] = None
    completed_at: Plain[Moment | None] = None
    processing_duration_seconds: Plain[float | None] = None
    confidence_score: Plain[float | None] = None
    """Mean confidence of the words, 0 to 1; null if the engine gave none."""
    speaker_confidence: Plain[float | None] = None
    """How certain the rule is who of the voices is the practitioner, 0 to 1. Below 0.9 the speakers stay unknown. Null
    if the channels name the speakers, or the engine tells no voices apart."""
    marks: Plain[list[TranscriptionMark]] = []
    """Why the transcript may differ from what was said."""
    word_count: Plain[int | None] = None
    character_count: Plain[int | None] = None
    segment_count: Plain[int | None] = None
    audio_duration_seconds: Plain[float | None] = None
    lost_audio: Clinical[Encrypted[list[LostAudio]]] = Field(default=[], max_length=MOST_PLACES)
    """What was spoken and is not in the recording, which came in pieces; in its order."""
    in_pieces: Plain[bool] = False
    """True if the recording came in pieces, which were heard live."""
    parts: Internal[Plain[int]] = 0
    """Number of TranscriptParts."""
    text_version: Plain[int] = 1
    """1 is the text of the engine; incremented by every correction of text or speakers."""
    manually_corrected: Plain[bool] = False
    """True while the text differs from that of the engine."""
    corrected_by: Plain[Id | None] = None
    """Who made the last correction."""
    correction_notes: Clinical[Encrypted[Text | None]] = None
    """The notes of the last correction."""
    error_code: Plain[TranscriptionFailure | None] = None
    """Why the transcription failed."""

    def begun(self, stamp: Stamp, operations: Sequence[str]) -> Self:
        """The transcription while the engine is working."""
        self.must_wait()
        begun = {"processing_started_at": stamp.at, **fields.fields_of(operations)}
        return self.revised(stamp, status=TranscriptionStatus.PROCESSING, **begun)

    def attempted_again(self, stamp: Stamp, *, model: str | None = None, parts_stored: bool = False) -> Self:
        """The transcription before another call of the engine, of another `model` if one is named; results of earlier
        calls become void. `parts_stored`: the audio of its parts is stored by now."""
        self.must_wait()
        again = {"attempt": self.attempt + 1, "stt_model": model or self.stt_model, **fields.NOT_BEGUN}
        parts_stored = self.parts_stored or parts_stored
        return self.revised(stamp, status=TranscriptionStatus.PENDING, parts_stored=parts_stored, **again)

    def cut_into(self, parts: Sequence[AudioPart], stamp: Stamp) -> Self:
        """The transcription with the parts that its recording is to be cut into."""
        self.must_wait()
        return self.revised(stamp, audio_parts=list(parts), parts_stored=False)

    def needs_parts(self, longest_ms: int) -> bool:
        """True if parts must be stored before a model that takes `longest_ms` can recognise the recording."""
        if self.parts_stored:
            return not fit(self.audio_parts, longest_ms)
        return self.needs_conversion or 1000 * (self.audio_duration_seconds or 0) > longest_ms

    def retried(self, stamp: Stamp) -> Self:
        """The transcription after a person requested it again, without the results of the earlier run."""
        if self.error_code == RECORDING_DELETED:
            raise Conflict(ConflictCode.RECORDING_DELETED, "its recording is deleted")
        cleared = fields.NOT_BEGUN | {"audio_parts": [], "parts_stored": False} | fields.CLEARED
        more: dict[str, Any] = {"retry_count": self.retry_count + 1, **cleared}
        return self.requested_again(stamp, status=TranscriptionStatus.PENDING, **more)

    def made_again(self, id: str, stamp: Stamp, settings: TranscriptionSettings) -> Self:
        """Another transcription of the same recording with other settings; this one stays readable. Raises Conflict
        while this one waits for its result, or ended with its session."""
        if self.waiting or self.error_code == SESSION_CANCELLED:
            raise Conflict(ConflictCode.STILL_RUNNING, self.not_retryable)
        same = {name: getattr(self, name) for name in fields.OF_THE_RECORDING}
        channels = self.channels if settings.channels is None else settings.channels
        others = self.other_languages if settings.other_languages is None else settings.other_languages
        language, *others = languages_of(settings.language or self.language, others)
        heard_as = {"language": language, "other_languages": others, "channels": channels}
        return self.new(id, stamp, **same, **heard_as, requested_at=stamp.at)

    def erased(self, stamp: Stamp) -> Self:
        """The transcription after its recording was deleted: failed for good, without results."""
        gone: dict[str, Any] = {"parts": 0, "correction_notes": None, "audio_duration_seconds": None, **fields.CLEARED}
        ended = {"status": TranscriptionStatus.FAILED, "error_code": RECORDING_DELETED, "completed_at": stamp.at}
        return self.revised(stamp, **gone | ended)

    @property
    def languages(self) -> list[str]:
        """The languages that the engine is told to expect, the main one first."""
        return languages_of(self.language, self.other_languages)

    @property
    def operations(self) -> list[str]:
        """The operations of the engine that were begun."""
        return [] if self.operation_name is None else [self.operation_name, *self.more_operations]

    @property
    def not_retryable(self) -> str:
        return f"a transcription that is {self.status} cannot be retried"

    def heard(
        self,
        segments: list[Segment],
        stamp: Stamp,
        *,
        audio_seconds: float | None,
        speaker_confidence: float | None = None,
        marks: Sequence[TranscriptionMark] = (),
        languages: Sequence[str] = (),
    ) -> Self:
        """The transcription with its result; `languages` are those that the engine recognised."""
        self.must_wait()
        status = TranscriptionStatus.COMPLETED if segments else TranscriptionStatus.NO_SPEECH
        started = self.processing_started_at or self.requested_at
        return self.revised(
            stamp,
            status=status,
            completed_at=stamp.at,
            processing_duration_seconds=(stamp.at - started).total_seconds(),
            audio_duration_seconds=self.audio_duration_seconds if audio_seconds is None else audio_seconds,
            speaker_confidence=speaker_confidence,
            marks=list(marks),
            languages_heard=list(languages)[:MOST_LANGUAGES],
            parts=len(parts_of(segments)),
            **measures_of(segments),
        )

    def corrected(self, segments: list[Segment], notes: str | None, stamp: Stamp, *, differs: bool) -> Self:
        """The transcription with the next version of its text. `differs`: from the text of the engine."""
        return self.revised(
            stamp,
            text_version=self.text_version + 1,
            manually_corrected=differs,
            corrected_by=stamp.by,
            correction_notes=notes,
            **measures_of(segments),
        )

    def failed(self, reason: str, stamp: Stamp, **changes: Any) -> Self:
        return super().failed(reason, stamp, completed_at=stamp.at, **changes)

    def discarded(self, reason: str, stamp: Stamp) -> Self:
        """The failed transcription without its text, whatever its state."""
        ended = {"status": TranscriptionStatus.FAILED, "error_code": reason, "parts": 0}
        return self.revised(stamp, **fields.CLEARED | ended)

    @property
    def has_speech(self) -> bool:
        return self.status == TranscriptionStatus.COMPLETED

    @property
    def unusable(self) -> bool:
        """True if the recording has nothing that a report could say: no speech, or no audio that can be read."""
        return self.status == TranscriptionStatus.NO_SPEECH or self.error_code in fields.NO_AUDIO

    def part_ids(self) -> list[str]:
        return [part_id(self.id, count) for count in range(1, self.parts + 1)]
