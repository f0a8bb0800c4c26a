"""Consultation sessions: recorded visits of a patient to a doctor. The lifecycle is a state machine.

in_progress ⇄ paused → completed
     └─────────┴──────→ cancelled
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.page import PageQuery
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp, Value
from shared.records.text import Text
from shared.records.types import Code, Id, Language, ListDay, Moment, Number, ResourceName


class SessionType(StrEnum):
    NEW_PATIENT = "new_patient"
    FOLLOWUP = "followup"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"


class SessionStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ERROR = "error"


OPEN_STATES = frozenset({SessionStatus.IN_PROGRESS, SessionStatus.PAUSED})
"""The states of a running session."""
UNBILLED = frozenset({SessionStatus.IN_PROGRESS, SessionStatus.PAUSED, SessionStatus.COMPLETED})
"""Statuses of a session that will be billed, or was."""


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


class NewSession(Value):
    """The start of a session."""

    patient_id: Id
    type: SessionType = SessionType.CONSULTATION
    appointment_id: Id | None = None
    """A scheduled or confirmed appointment of the patient with the doctor, without a session so far."""
    template_id: Id | None = None
    chief_complaint: Text | None = None
    session_notes: Text | None = None
    recording_settings: RecordingSettings = RecordingSettings.model_construct()
    stt_settings: SpeechSettings = SpeechSettings.model_construct()
    billing_code: Code | None = None


class SessionChange(Value):
    """A change of an open session: pause, resume, or edit complaint and notes."""

    status: SessionStatus | None = None
    chief_complaint: Text | None = None
    session_notes: Text | None = None


class SessionList(PageQuery):
    """The sessions to list, last begun first."""

    day: ListDay | None = None
    """The day on which they began, in the clinic's time zone."""
    status: SessionStatus | None = None
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""


class Session(Record):
    """One visit."""

    kind: ClassVar[str] = "Session"
    collection: ClassVar[str] = "sessions"

    number: Plain[Number]
    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    appointment_id: Plain[Id | None] = None
    template_id: Plain[Id]
    """The template of the session's report."""
    type: Plain[SessionType]
    status: Plain[SessionStatus] = SessionStatus.IN_PROGRESS
    started_at: Plain[Moment]
    ended_at: Plain[Moment | None] = None
    paused_at: Plain[Moment | None] = None
    resumed_at: Plain[Moment | None] = None
    paused_seconds: Plain[int] = 0
    """Total duration of all pauses."""
    total_duration_minutes: Plain[int | None] = None
    """Duration without pauses, rounded up to minutes; set on completion."""

    uploads: Internal[Plain[int]] = 0
    """Number of uploads opened; the recording of the n-th is `{id}-a{n}` and its transcription `{id}-t{n}`."""
    # Of the last recording received. The system sets these fields; they do not change the revision.
    audio_file_url: Plain[ResourceName | None] = None
    """Object name of the recording in the audio bucket."""
    audio_file_size: Plain[int | None] = None
    """Bytes."""
    audio_format: Plain[Code | None] = None
    audio_duration_seconds: Plain[float | None] = None
    audio_quality_score: Plain[float | None] = None
    """Mean confidence of the recognised words, 0 to 1; null if the engine gave none."""

    chief_complaint: Clinical[Encrypted[Text | None]] = None
    session_notes: Clinical[Encrypted[Text | None]] = None
    recording_settings: Plain[RecordingSettings] = RecordingSettings.model_construct()
    stt_settings: Plain[SpeechSettings] = SpeechSettings.model_construct()
    billing_code: Encrypted[Code | None] = None
    billing_amount: Encrypted[int | None] = None
    """In minor units of the clinic's currency; set together with the bill."""

    billed: Internal[Plain[bool]] = False
    """True once the session has a bill, be it a draft."""

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATES

    @property
    def report_id(self) -> str:
        return f"{self.id}-r1"

    @property
    def bill_id(self) -> str:
        return f"{self.id}-bill"

    @property
    def transcription_id(self) -> str:
        """The transcription of the latest recording."""
        return f"{self.id}-t{max(1, self.uploads)}"

    def newest(self, most: int) -> list[int]:
        """The numbers of the newest recordings, newest first, at most so many."""
        return list(range(self.uploads, max(0, self.uploads - most), -1))

    def recording_id(self, count: int) -> str:
        return f"{self.id}-a{count}"

    def noted(self, change: SessionChange, stamp: Stamp) -> Self:
        """The session with new complaint or notes. Raises Conflict unless open."""
        self._must_be_open()
        changes = change.model_dump(include=change.model_fields_set - {"status"})
        return self.revised(stamp, **changes)

    def paused(self, stamp: Stamp) -> Self:
        if self.status != SessionStatus.IN_PROGRESS:
            raise Conflict(f"a session that is {self.status} cannot be paused")
        return self.revised(stamp, status=SessionStatus.PAUSED, paused_at=stamp.at)

    def resumed(self, stamp: Stamp) -> Self:
        if self.status != SessionStatus.PAUSED:
            raise Conflict(f"a session that is {self.status} cannot be resumed")
        return self.revised(
            stamp, status=SessionStatus.IN_PROGRESS, resumed_at=stamp.at, paused_seconds=self._paused_seconds(stamp.at)
        )

    def completed(self, stamp: Stamp) -> Self:
        """The completed session with its duration; an open pause ends now. Raises Conflict unless open."""
        self._must_be_open()
        pauses = self._paused_seconds(stamp.at)
        seconds = max(0, int((stamp.at - self.started_at).total_seconds()) - pauses)
        minutes = max(1, -(-seconds // 60))
        return self.revised(
            stamp,
            status=SessionStatus.COMPLETED,
            ended_at=stamp.at,
            paused_seconds=pauses,
            total_duration_minutes=minutes,
        )

    def cancelled(self, stamp: Stamp) -> Self:
        self._must_be_open()
        return self.revised(stamp, status=SessionStatus.CANCELLED, ended_at=stamp.at)

    def _must_be_open(self) -> None:
        if not self.open:
            raise Conflict(f"the session is {self.status}")

    def _paused_seconds(self, at: datetime) -> int:
        """Total duration of all pauses, including an open one."""
        if self.status != SessionStatus.PAUSED or self.paused_at is None:
            return self.paused_seconds
        return self.paused_seconds + max(0, (at - self.paused_at) // timedelta(seconds=1))
