"""Reports: statements in the sections of a template, each with evidence. The lifecycle is a state machine.

pending → generating → completed → (corrected, reviewed)* → signed
   └──────────┴──────→ failed → (retried) pending

A report by hand is completed from the start. A report that is not signed may be replaced by another of its session.

A cancelled session discards its report: failed for good, unless it is signed.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self

from shared.records.attempt import Attempt, AttemptPolicy
from shared.records.page import PageQuery
from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.reports.scores import Scores
from shared.records.text import ShortText, Text
from shared.records.types import Code, Id, Moment, Number


class ReportType(StrEnum):
    CONSULTATION = "consultation"
    FOLLOWUP = "followup"
    DIAGNOSTIC = "diagnostic"
    TREATMENT_PLAN = "treatment_plan"
    DISCHARGE = "discharge"
    REFERRAL = "referral"


class ReportSource(StrEnum):
    """What a report was made from."""

    RECORDING = "recording"
    """Drafted from a transcription."""
    BY_HAND = "by_hand"
    """Filled in by a person."""


class ReportStatus(StrEnum):
    PENDING = "pending"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"
    SIGNED = "signed"


UNSIGNED_STATES = frozenset({ReportStatus.PENDING, ReportStatus.GENERATING, ReportStatus.COMPLETED})
"""The states of a report that its doctor has still to sign."""


class ReportState(StrEnum):
    """What reports are listed by."""

    UNSIGNED = "unsigned"
    """Requested, being written, or drafted: their doctors have still to sign them."""
    FAILED = "failed"
    SIGNED = "signed"

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        """The statuses of a report in this state."""
        return UNSIGNED_STATES if self == ReportState.UNSIGNED else frozenset({ReportStatus(self.value)})


class ReportList(PageQuery):
    """The reports to list, newest first."""

    status: ReportState = ReportState.UNSIGNED
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""


class Report(Attempt):
    """The state of a report; ReportContent holds its statements."""

    kind: ClassVar[str] = "Report"
    collection: ClassVar[str] = "reports"
    noun: ClassVar[str] = "report"
    policy: ClassVar[AttemptPolicy] = AttemptPolicy(
        stalled_after=timedelta(minutes=30),  # deliveries of the task change the report more often
        deadline=timedelta(hours=2),
        retry_after=timedelta(minutes=15),
    )
    waiting_states: ClassVar[frozenset[StrEnum]] = frozenset({ReportStatus.PENDING, ReportStatus.GENERATING})
    retryable_states: ClassVar[frozenset[StrEnum]] = frozenset({ReportStatus.FAILED})
    failed_state: ClassVar[StrEnum] = ReportStatus.FAILED

    report_number: Plain[Number]
    """Such as REP-20260001: on paper, in file names, and in paths in place of the id."""
    session_id: Plain[Id]
    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    template_id: Plain[Id]
    source: Plain[ReportSource] = ReportSource.RECORDING
    transcription_id: Plain[Id | None] = None
    """The transcription that the report was drafted from; null for another source."""
    report_type: Plain[ReportType] = ReportType.CONSULTATION
    status: Plain[ReportStatus] = ReportStatus.PENDING
    version: Plain[int] = 1
    """Incremented by every correction; the signature covers the signed version."""
    attempt: Plain[int] = 1
    requested_at: Plain[Moment]
    ai_model: Plain[Code | None] = None
    """The model that wrote the draft, as reported by the model itself; before the draft, the model that is asked."""
    ai_prompt_version: Plain[Code | None] = None
    generation_started_at: Plain[Moment | None] = None
    generation_completed_at: Plain[Moment | None] = None
    generation_duration_seconds: Plain[float | None] = None
    confidence_score: Plain[float | None] = None
    """Mean confidence of the speech that supports the statements, 0 to 1; null if unknown."""
    quality_score: Plain[float | None] = None
    """Share of statements without doubts, 0 to 1."""
    completeness_score: Plain[float | None] = None
    """Share of required sections with statements, 0 to 1."""
    rejected_statements: Plain[int] = 0
    """Number of statements dropped because the model gave no evidence, or repeated another."""
    reviewed_by: Plain[Id | None] = None
    reviewed_at: Plain[Moment | None] = None
    signed_by: Plain[Id | None] = None
    signed_at: Plain[Moment | None] = None
    manually_edited: Plain[bool] = False
    correction_notes: Clinical[Encrypted[Text | None]] = None
    exported_formats: Plain[list[Code]] = []
    shared_with: Encrypted[list[ShortText]] = []
    error_code: Plain[Code | None] = None
    """Why the report failed, such as `draft_empty` or `writer_busy`; docs/operations.md lists the codes."""

    def generating(self, stamp: Stamp, *, model: str, prompt_version: str) -> Self:
        self.must_wait()
        return self.revised(
            stamp,
            status=ReportStatus.GENERATING,
            generation_started_at=stamp.at,
            ai_model=model,
            ai_prompt_version=prompt_version,
        )

    def written(self, scores: Scores, stamp: Stamp, *, model: str, rejected: int) -> Self:
        """The report with its draft, ready for the doctor's review."""
        self.must_wait()
        started = self.generation_started_at or self.created_at
        return self.revised(
            stamp,
            status=ReportStatus.COMPLETED,
            ai_model=model,
            generation_completed_at=stamp.at,
            generation_duration_seconds=(stamp.at - started).total_seconds(),
            confidence_score=scores.confidence,
            quality_score=scores.quality,
            completeness_score=scores.completeness,
            rejected_statements=rejected,
        )

    def retried(self, stamp: Stamp, *, transcription_id: str) -> Self:
        """The report after a person requested it again: it failed, or was not written for too long."""
        more = {"source": ReportSource.RECORDING, "transcription_id": transcription_id}
        return self.requested_again(stamp, status=ReportStatus.PENDING, **more)

    def replaced(self, made: Self, stamp: Stamp) -> Self:
        """The report `made` instead of this one, which is unsigned: the next version and the next attempt.

        A draft that is still being written belongs to an earlier attempt and no longer counts.
        """
        kept = {name: getattr(self, name) for name in ("id", "record_key", "created_at", "created_by")}
        counted = {"version": self.version + 1, "attempt": self.attempt + 1}
        fresh = made.model_copy(update={**kept, **counted, "revision": self.revision})
        return fresh.revised(stamp)

    def discarded(self, reason: str, stamp: Stamp) -> Self:
        """The failed report, though its draft may be written. Raises Conflict if it is signed."""
        if self.status == ReportStatus.SIGNED:
            raise Conflict("the report of the session is signed")
        return self.revised(stamp, status=ReportStatus.FAILED, error_code=reason)

    def corrected(self, notes: str | None, stamp: Stamp) -> Self:
        """The next version of the report; an earlier review is void."""
        self.must_be_editable()
        return self.revised(
            stamp,
            version=self.version + 1,
            manually_edited=True,
            correction_notes=notes if notes is not None else self.correction_notes,
            reviewed_by=None,
            reviewed_at=None,
        )

    def reviewed(self, stamp: Stamp) -> Self:
        self.must_be_editable()
        return self.revised(stamp, reviewed_by=stamp.by, reviewed_at=stamp.at)

    def signed(self, stamp: Stamp) -> Self:
        """The report in its final state. Signing counts as review if there was none."""
        self.must_be_editable()
        return self.revised(
            stamp,
            status=ReportStatus.SIGNED,
            signed_by=stamp.by,
            signed_at=stamp.at,
            reviewed_by=self.reviewed_by or stamp.by,
            reviewed_at=self.reviewed_at or stamp.at,
        )

    def must_be_editable(self) -> None:
        """Raises Conflict unless the report is written and not signed."""
        if self.status != ReportStatus.COMPLETED:
            raise Conflict(f"the report is {self.status}")
