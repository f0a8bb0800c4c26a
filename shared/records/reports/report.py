"""Reports: statements in the sections of a template, each with evidence. The lifecycle is a state machine.

pending → generating → completed → (corrected, reviewed)* → [cosignature_pending →] signed
   └──────────┴──────→ failed → (retried) pending

A report by hand is completed from the start. An unsigned one may be replaced, or written anew: pending again, and then
completed, also if that fails. A cancelled session discards its report: failed for good, unless it is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records import permissions
from shared.records.attempt import AttemptPolicy
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Relation
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.report_type import ReportType
from shared.records.reports.addenda import Amendable
from shared.records.reports.cosignature import Cosignable
from shared.records.reports.covering import Covering, Sources
from shared.records.reports.exporting import Exported
from shared.records.reports.failure import ReportFailure
from shared.records.reports.finishing import Finishing
from shared.records.reports.rejections import Rejection
from shared.records.reports.reviews import MOST_REVIEWS, NO_REVIEWS, Review
from shared.records.reports.rewriting import Rewritable
from shared.records.reports.scores import Scored, Scores, scored
from shared.records.reports.superseding import Supersedable
from shared.records.reports.types import ReportSource, TypeFrom, report_type_of
from shared.records.sharing import Shareable
from shared.records.text import Text
from shared.records.types import Code, Digest, Id, Moment, Number
from shared.records.visits.ids import number_of_report
from shared.records.visits.session import SessionType
from shared.records.visits.transcription import Transcription

MOST_COLLEAGUES = 30
"""Maximum number of doctors a single report is shared with."""


class ReportStatus(StrEnum):
    PENDING = "pending"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"
    COSIGNATURE_PENDING = "cosignature_pending"
    """Signed by its author, a trainee, and not final before the supervisor co-signs it."""
    SIGNED = "signed"
    """Final: signed, and co-signed where that is needed."""


UNSIGNED_STATES = frozenset({ReportStatus.PENDING, ReportStatus.GENERATING, ReportStatus.COMPLETED})
"""The states of a report that its doctor has still to sign."""
UNFINISHED_STATES = UNSIGNED_STATES | {ReportStatus.COSIGNATURE_PENDING}
"""The states of a report on its way to be signed by everybody who must."""
FROZEN_STATES = frozenset({ReportStatus.COSIGNATURE_PENDING, ReportStatus.SIGNED})
"""The states of a report that its author has signed: what it says cannot be changed."""


_KEPT = (
    *("id", "record_key", "created_at", "created_by"),
    *("doctor_id", "taken_over_from", "taken_over_at", "shared_with", "writers"),
)
"""The fields that stay when another report replaces this one."""


class Report(Rewritable, Shareable, Covering, Finishing, Cosignable, Supersedable, Amendable, Exported, Scored):
    """The state of a report; ReportContent holds its statements."""

    kind: ClassVar[str] = "Report"
    collection: ClassVar[str] = "reports"
    noun: ClassVar[str] = "report"
    most_shares: ClassVar[int] = MOST_COLLEAGUES
    policy: ClassVar[AttemptPolicy] = AttemptPolicy(
        stalled_after=timedelta(minutes=30),  # deliveries of the task change the report more often
        deadline=timedelta(hours=2),
        retry_after=timedelta(minutes=15),
    )
    waiting_states: ClassVar[frozenset[StrEnum]] = frozenset({ReportStatus.PENDING, ReportStatus.GENERATING})
    retryable_states: ClassVar[frozenset[StrEnum]] = frozenset({ReportStatus.FAILED})
    failed_state: ClassVar[StrEnum] = ReportStatus.FAILED
    written_state: ClassVar[StrEnum] = ReportStatus.COMPLETED
    cosignature_state: ClassVar[StrEnum] = ReportStatus.COSIGNATURE_PENDING
    signed_state: ClassVar[StrEnum] = ReportStatus.SIGNED

    report_number: Plain[Number]
    """Such as REP-20260001: on paper, in file names, and in paths in place of the id."""
    session_id: Plain[Id]
    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    template_id: Plain[Id]
    template_version: Plain[int | None] = None
    """The version of the template that the report was written with; null before it is written."""
    prompt_hash: Plain[Digest | None] = None
    """The SHA-256 of the prompt without the evidence; null for a report that no model wrote."""
    source: Plain[ReportSource] = ReportSource.RECORDING
    report_type: Plain[ReportType] = ReportType.CONSULTATION
    type_from: Internal[Plain[TypeFrom]] = TypeFrom.VISIT
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
    reviews: Plain[list[Review]] = Field(default=[], max_length=MOST_REVIEWS)
    """Who has reviewed the present version, the latest last: each person once. A change of the report voids them."""
    reviewed_by: Plain[Id | None] = None
    """Who made the latest review."""
    reviewed_at: Plain[Moment | None] = None
    signed_by: Plain[Id | None] = None
    signed_at: Plain[Moment | None] = None
    manually_edited: Plain[bool] = False
    correction_notes: Clinical[Encrypted[Text | None]] = None
    exported_formats: Plain[list[Code]] = []
    """Each format in which the report was exported, also of earlier versions and drafts."""
    taken_over_from: Plain[Id | None] = None
    """The doctor whose report this was until another doctor took it over. The session keeps the doctor of the visit."""
    taken_over_at: Plain[Moment | None] = None
    shared_with: Plain[list[Id]] = Field(default=[], max_length=MOST_COLLEAGUES)
    """Doctors who may read this report, whether or not they see the patient."""
    writers: Plain[list[Id]] = Field(default=[], max_length=MOST_COLLEAGUES)
    """Those of `shared_with` who may also correct and review the report until it is signed."""
    error_code: Plain[ReportFailure | None] = None
    """Why the report failed, such as `draft_empty` or `writer_busy`; docs/operations.md lists the codes."""

    @classmethod
    def admits(cls, user_id: str, document: Mapping[str, Any]) -> bool:
        """True for doctors with whom the report is shared, who signed it, or are to co-sign it: it stays readable."""
        return user_id in (*document["shared_with"], document["signed_by"], document["cosigner_id"])

    @classmethod
    def is_kept(cls, document: Mapping[str, Any]) -> bool:
        return document.get("signed_by") is not None or document.get("status") in FROZEN_STATES

    def relations_of(self, user_id: str) -> set[Relation]:
        """The relations of a doctor to the report itself."""
        found = {Relation.RESPONSIBLE} if user_id == self.doctor_id else set()
        if user_id == self.signed_by:
            found.add(Relation.SIGNER)
        if user_id == self.cosigner_id:
            found.add(Relation.COSIGNER)
        shares = self.shared_with, self.writers
        return found | permissions.share_relations(user_id, *shares, Relation.REPORT_READ, Relation.REPORT_WRITE)

    @property
    def is_first(self) -> bool:
        """True for the first report of its session."""
        return number_of_report(self.id) == 1

    @property
    def published(self) -> dict[str, Any]:
        return super().published if self.is_first else {"further_reports": {self.id: self.status}}

    def with_type_of(self, session_type: SessionType, stamp: Stamp) -> Self:
        """The report with the type that follows from its session's; itself if that is the same, or not what counts."""
        derived = report_type_of(session_type)
        stays = self.type_from != TypeFrom.VISIT or self.report_type == derived
        return self if stays else self.revised(stamp, report_type=derived)

    def generating(self, stamp: Stamp, *, model: str, prompt_version: str, **pinned: Any) -> Self:
        """The report while it is written; `pinned` is what follows from the template and the prompt."""
        self.must_wait()
        return self.revised(
            stamp,
            **pinned,
            status=ReportStatus.GENERATING,
            generation_started_at=stamp.at,
            ai_model=model,
            ai_prompt_version=prompt_version,
            transcript_changed=False,
        )

    def written(self, scores: Scores, stamp: Stamp, *, model: str, rejected: list[Rejection], sources: Sources) -> Self:
        """The report with its draft, ready for the doctor's review. What its sources hold is no longer unreported."""
        self.must_wait()
        return self.revised(
            stamp,
            status=ReportStatus.COMPLETED,
            ai_model=model,
            generation_completed_at=stamp.at,
            opened_at=None,
            generation_duration_seconds=(stamp.at - (self.generation_started_at or self.created_at)).total_seconds(),
            **scored(scores, rejected),
            **self.covering(sources),
        )

    def retried(self, stamp: Stamp, *, heard: Sequence[Transcription]) -> Self:
        """The report after a person requested it again from what was heard, at least one transcription: it failed, was
        not written for too long, or lacks a recording that is transcribed by now.

        Raises Conflict also for a report with a person's corrections: another draft would throw them away.
        """
        more = {"source": ReportSource.RECORDING, "transcription_id": heard[0].id, "status": ReportStatus.PENDING}
        if self.status == ReportStatus.COMPLETED and self.is_outdone_by(heard):
            return self._rewritten(stamp, **more)
        return self.requested_again(stamp, **more)

    def _rewritten(self, stamp: Stamp, **changes: Any) -> Self:
        """The written report before its next draft, as the next version; an earlier review is void."""
        self.must_be_as_drafted()
        again = {"version": self.version + 1, "attempt": self.attempt + 1, "requested_at": stamp.at}
        return self.revised(stamp, **again, **NO_REVIEWS, **changes)

    def taken_over(self, doctor_id: str, stamp: Stamp) -> Self:
        """The unsigned report, which another doctor will sign."""
        past = {"taken_over_from": self.doctor_id, "taken_over_at": stamp.at}
        return self.revised(stamp, **past, doctor_id=doctor_id, opened_at=None)

    def replaced(self, made: Self, stamp: Stamp) -> Self:
        """The report `made` instead of this one, which is unsigned: the next version and the next attempt.

        A draft that is still being written belongs to an earlier attempt and no longer counts.
        """
        kept = {name: getattr(self, name) for name in _KEPT}
        if made.source == ReportSource.RECORDING:  # the draft will cover those that are transcribed
            kept["unreported_recordings"] = self.unreported_recordings
        kept["psychotherapy_notes"] = self.psychotherapy_notes or made.psychotherapy_notes
        counted = {"version": self.version + 1, "attempt": self.attempt + 1}
        return made.model_copy(update={**kept, **counted, "revision": self.revision}).revised(stamp)

    def discarded(self, reason: str, stamp: Stamp) -> Self:
        """The failed report, though its draft may be written. Raises Conflict if it is signed."""
        if self.status in FROZEN_STATES:
            raise Conflict(ConflictCode.REPORT_SIGNED, "the report of the session is signed")
        return self.revised(stamp, **self.undone, status=ReportStatus.FAILED, error_code=reason)

    def reinstated(self, stamp: Stamp) -> Self:
        """The report after its cancelled session was reopened. One that was not written can be requested again."""
        if not self.was_written:
            return self.revised(stamp, error_code=ReportFailure.SESSION_REOPENED)
        return self.revised(stamp, status=ReportStatus.COMPLETED, error_code=None)

    @property
    def was_written(self) -> bool:
        """True if a draft, or a person, filled the current attempt."""
        return self.source == ReportSource.BY_HAND or self.generation_completed_at is not None
