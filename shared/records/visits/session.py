"""Consultation sessions: recorded visits of a patient to a doctor. The lifecycle is a state machine.

in_progress ⇄ paused → completed ⇄ error
     └─────────┴──────→ cancelled ←──┘

A session is in error while its visit is over and none of its recordings could become text; text that is on its way,
or a person who completes it without, leads out. A tap is undone within minutes: completed, error and cancelled →
(reopened) in_progress. Complaint, notes, times, type, template and billing code stay open after completion; the
workflow closes them with the signature and the bill.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Relation
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict, raise_if_any
from shared.records.record import Stamp
from shared.records.spoken_languages import SpeechSettings
from shared.records.text import ShortText, Text
from shared.records.types import Code, Id, Moment, Number, ResourceName
from shared.records.visits import times
from shared.records.visits.moves import MOST_MOVES, SessionMove
from shared.records.visits.session_ids import SessionIds
from shared.records.visits.speech import MOST_RETAKES, RecordingSettings

MOST_CORRECTIONS = 50
"""Corrections of the times, type, template or billing code of one session."""


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
    """The visit is over, and its recording could not be transcribed: `transcription_failure` says why."""


OPEN_STATES = frozenset({SessionStatus.IN_PROGRESS, SessionStatus.PAUSED})
"""The states of a running session."""
OVER = frozenset({SessionStatus.COMPLETED, SessionStatus.ERROR})
"""The states of a session whose visit took place: it has a duration, a bill and a report that may be signed."""
UNBILLED = OPEN_STATES | OVER
"""Statuses of a session that will be billed, or was."""


class Session(SessionIds):
    """One visit."""

    kind: ClassVar[str] = "Session"
    collection: ClassVar[str] = "sessions"
    versioned: ClassVar[bool] = True

    number: Plain[Number]
    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    appointment_id: Plain[Id | None] = None
    template_id: Plain[Id]
    """The template of the session's first report."""
    type: Plain[SessionType]
    status: Plain[SessionStatus] = SessionStatus.IN_PROGRESS
    started_at: Plain[Moment]
    ended_at: Plain[Moment | None] = None
    closed_at: Plain[Moment | None] = None
    """When it was completed or cancelled; `ended_at` may be an earlier time that a client sent."""
    overdue_at: Plain[Moment | None] = None
    """A session that still runs then was probably not completed by mistake."""
    paused_at: Plain[Moment | None] = None
    resumed_at: Plain[Moment | None] = None
    paused_seconds: Plain[int] = 0
    """Total duration of all pauses."""
    pauses: Internal[Plain[list[times.Pause]]] = Field(default=[], max_length=times.MOST_PAUSES)
    """Those that are over; what lies within the visit counts."""
    other_pause_seconds: Internal[Plain[float]] = 0
    """Pauses without times: as a person corrected them, or the oldest of very many."""
    total_duration_minutes: Plain[int | None] = None
    """Duration without pauses, rounded up to minutes; set on completion."""

    uploads: Internal[Plain[int]] = 0
    """Number of uploads opened; the recording of the n-th is `{id}-a{n}` and its transcription `{id}-t{n}`."""
    announced_bytes: Internal[Plain[int]] = 0
    """Of all uploads together."""
    retakes: Internal[Plain[list[Id]]] = Field(default=[], max_length=MOST_RETAKES)
    """Transcriptions that were made again with other settings, in the order of their requests."""
    # Of the last recording received, but for the duration, which is that of all. The system sets these fields; they do
    # not change the revision.
    audio_file_url: Plain[ResourceName | None] = None
    """Object name of the recording in the audio bucket."""
    audio_file_size: Plain[int | None] = None
    """Bytes."""
    audio_format: Plain[Code | None] = None
    audio_duration_seconds: Plain[float | None] = None
    audio_quality_score: Plain[float | None] = None
    """Quality of the sound, 0 to 1; null if it was not measured. The recording has the reasons."""

    referred_by: Encrypted[ShortText | None] = None
    """Who sent the patient; printed on the report."""
    chief_complaint: Clinical[Encrypted[Text | None]] = None
    session_notes: Clinical[Encrypted[Text | None]] = None
    recording_settings: Plain[RecordingSettings] = RecordingSettings.model_construct()
    stt_settings: Plain[SpeechSettings] = SpeechSettings.model_construct()
    billing_code: Encrypted[Code | None] = None
    billing_amount: Encrypted[int | None] = None
    """In minor units of the clinic's currency; set together with the bill."""
    corrections: Encrypted[list[times.VisitCorrection]] = Field(default=[], max_length=MOST_CORRECTIONS)
    """Who corrected times, type, template or billing code, when, and what they were before."""

    moves: Encrypted[list[SessionMove]] = Field(default=[], max_length=MOST_MOVES)
    """Who moved it here from another patient, when and why."""

    billed: Internal[Plain[bool]] = False
    """True once the session has a bill, be it a draft."""
    failed_attempt: Internal[Plain[Code | None]] = None
    """Why none of its recordings is text, as the session knows: one that a person settled is no error again."""
    successor_id: Internal[Plain[Id | None]] = None
    """The id of the session at another patient that this one became."""

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATES

    @property
    def over(self) -> bool:
        return self.status in OVER

    def relations_of(self, user_id: str) -> set[Relation]:
        """The relation of a doctor to the visit itself."""
        return {Relation.VISIT_DOCTOR} if user_id == self.doctor_id else set()

    def is_overdue(self, now: datetime) -> bool:
        """True while it runs for longer than the clinic expects of a visit."""
        return self.open and self.overdue_at is not None and now >= self.overdue_at

    def noted(self, stamp: Stamp, **notes: str | None) -> Self:
        """The session with new complaint, notes or referrer. Raises Conflict for one that is cancelled."""
        self.must_be_open_or_completed()
        return self.edited(stamp, **notes)

    def paused(self, stamp: Stamp) -> Self:
        if self.status != SessionStatus.IN_PROGRESS:
            raise Conflict(ConflictCode.SESSION_STATE, f"a session that is {self.status} cannot be paused")
        return self.revised(stamp, status=SessionStatus.PAUSED, paused_at=stamp.at)

    def resumed(self, stamp: Stamp) -> Self:
        if self.status != SessionStatus.PAUSED:
            raise Conflict(ConflictCode.SESSION_STATE, f"a session that is {self.status} cannot be resumed")
        resumed = {"status": SessionStatus.IN_PROGRESS, "resumed_at": stamp.at}
        return self.revised(stamp, **resumed, **self._pauses_closed(stamp.at))

    def completed(self, stamp: Stamp, ended_at: datetime | None = None) -> Self:
        """The completed session with its duration; an open pause ends with it.

        `ended_at` is a client's time; now by default. From an error it is completed without its recording, with the
        end that it has. Raises Conflict unless open or in error, Invalid for a time out of bounds.
        """
        if self.status == SessionStatus.ERROR:
            raise_if_any([times.HAS_ENDED] if ended_at else [])
            return self.revised(stamp, status=SessionStatus.COMPLETED)
        self._must_be_open()
        end = ended_at or stamp.at
        over = self.model_copy(update=self._pauses_closed(stamp.at))
        pauses = over.paused_until(end)
        if ended_at is not None:
            raise_if_any(times.end_errors(end, stamp.at) or times.duration_errors(self.started_at, end, pauses))
        return over.revised(
            stamp,
            status=SessionStatus.COMPLETED,
            ended_at=end,
            closed_at=stamp.at,
            paused_seconds=pauses,
            total_duration_minutes=times.minutes_of(self.started_at, end, pauses),
        )

    def cancelled(self, stamp: Stamp) -> Self:
        if self.status != SessionStatus.ERROR:
            self._must_be_open()
        ended = {"ended_at": self.ended_at or stamp.at, "closed_at": stamp.at, **self._pauses_closed(stamp.at)}
        return self.revised(stamp, status=SessionStatus.CANCELLED, failed_attempt=None, **self.unbilled, **ended)

    def reopened(self, stamp: Stamp, *, undo_for: timedelta) -> Self:
        """The session in progress again, unbilled; its pauses stay.

        Raises Conflict unless it was completed or cancelled within `undo_for`.
        """
        if self.open or self.closed_at is None:
            raise Conflict(ConflictCode.SESSION_STATE, f"a session that is {self.status} cannot be reopened")
        if stamp.at - self.closed_at > undo_for:
            minutes = undo_for // timedelta(minutes=1)
            raise Conflict(
                ConflictCode.TOO_LATE_TO_REOPEN,
                f"a session can be reopened for {minutes} minutes; it was {self.status} earlier",
            )
        again: dict[str, Any] = dict.fromkeys((*_OF_THE_END, "failed_attempt"))
        again |= {"paused_seconds": self.paused_until(stamp.at)}  # also those after an earlier `ended_at`
        return self.revised(stamp, status=SessionStatus.IN_PROGRESS, **self.unbilled, **again)

    def must_be_completed(self) -> None:
        """Raises Conflict unless the visit is over: its report says nothing of what is still to come."""
        if self.open:
            raise Conflict(
                ConflictCode.SESSION_NOT_COMPLETED,
                "the visit is not over: complete the session before its report is signed",
            )
        if not self.over:
            raise Conflict(ConflictCode.SESSION_CANCELLED, f"the session is {self.status}: its report cannot be signed")

    def _must_be_open(self) -> None:
        if not self.open:
            raise Conflict(ConflictCode.SESSION_STATE, f"the session is {self.status}")

    def must_not_be_cancelled(self) -> None:
        """Raises Conflict if the session is cancelled."""
        if self.status == SessionStatus.CANCELLED:
            raise Conflict(ConflictCode.SESSION_CANCELLED, "the session is cancelled")

    def must_be_open_or_completed(self) -> None:
        """Raises Conflict unless the session runs or is completed."""
        if not (self.open or self.over):
            raise Conflict(ConflictCode.SESSION_STATE, f"the session is {self.status}")

    def paused_until(self, end: datetime) -> int:
        """The duration of the pauses that are over, as far as they lie within the visit, in seconds."""
        return times.paused_between(self.pauses, self.started_at, end, self.other_pause_seconds)

    def _pauses_closed(self, at: datetime) -> dict[str, Any]:
        """The fields after a pause that is still open ends."""
        if self.status != SessionStatus.PAUSED or self.paused_at is None:
            return {}
        pauses, other = times.with_pause(self.pauses, self.other_pause_seconds, self.paused_at, at)
        seconds = times.paused_between(pauses, self.started_at, pauses[-1].ended, other)
        return {"pauses": pauses, "other_pause_seconds": other, "paused_seconds": seconds}


_OF_THE_END = ("ended_at", "closed_at", "total_duration_minutes")
