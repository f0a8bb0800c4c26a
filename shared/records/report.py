"""A report: statements in the sections of a template, each tied to what was said. Its lifecycle is a state machine.

pending → generating → completed → (corrected, reviewed)* → signed
   └──────────┴──────→ failed → (retried) pending
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.record import Keyset, Record, Value
from shared.records.template import Section, leaves_of
from shared.records.types import Code, Digest, Id, Moment, Name, ResourceName, ShortText, Text

PATIENCE = timedelta(minutes=15)
"""After this a report that is still being written may be asked for again."""


class ReportType(StrEnum):
    CONSULTATION = "consultation"
    FOLLOWUP = "followup"
    DIAGNOSTIC = "diagnostic"
    TREATMENT_PLAN = "treatment_plan"
    DISCHARGE = "discharge"
    REFERRAL = "referral"


class ReportStatus(StrEnum):
    PENDING = "pending"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"
    SIGNED = "signed"


WAITING = frozenset({ReportStatus.PENDING, ReportStatus.GENERATING})
"""A draft is still to come."""


class Doubt(StrEnum):
    """Why a reader should look twice at a statement."""

    NUMBER_NOT_IN_EVIDENCE = "number_not_in_evidence"
    WORDS_NOT_IN_EVIDENCE = "words_not_in_evidence"
    HEARD_UNCERTAINLY = "heard_uncertainly"


class Statement(Value):
    """One thing a report says. It has segments that support it, or a person who answers for it."""

    id: Id
    section: ShortText
    """The id of a section, or of a subsection as `plan.follow_up`."""
    text: Text
    segments: list[int] = []
    """Numbers of the transcript's segments that support it."""
    doubts: list[Doubt] = []
    author_id: Id | None = None
    """Who corrected or added it."""
    reason: ShortText | None = None
    """Why it was corrected or added."""


class Correction(Value):
    """A change by a person: what it said before and after. `before` is none for an addition, `after` for a removal."""

    statement_id: Id
    before: Text | None
    after: Text | None
    reason: ShortText
    author_id: Id
    at: Moment


class Edit(Value):
    """One correction asked for: a new text for a statement, a new statement in a section, or a removal."""

    statement_id: Id | None = None
    section: ShortText | None = None
    text: Text | None = Field(default=None, min_length=1)
    """None removes the statement."""
    reason: ShortText = Field(min_length=1)


class Corrections(Value):
    """The corrections of one request; all of them apply or none."""

    edits: list[Edit] = Field(min_length=1, max_length=100)
    correction_notes: Text | None = None


class SignRequest(Value):
    """The signer's declaration."""

    meaning: ShortText = "I am the author of this report and approve its content."


class Signature(Value):
    """A signature over the canonical bytes of a report."""

    signer_id: Id
    signer_name: Name
    licence_number: ShortText | None
    meaning: ShortText
    signed_at: Moment
    key_version: ResourceName
    """The Cloud KMS key version."""
    algorithm: Code = "EC_SIGN_P256_SHA256"
    content_digest: Digest
    """SHA-256 of the canonical bytes."""
    signature: str
    """Base64 of the DER signature."""


class Report(Record):
    """The state of a report; what it says is in its ReportContent."""

    kind: ClassVar[str] = "Report"
    collection: ClassVar[str] = "reports"

    session_id: Plain[Id]
    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    template_id: Plain[Id]
    transcription_id: Plain[Id]
    report_type: Plain[ReportType] = ReportType.CONSULTATION
    status: Plain[ReportStatus] = ReportStatus.PENDING
    version: Plain[int] = 1
    """Raised by every correction; the version that is signed is in the signature."""
    attempt: Plain[int] = 1
    requested_at: Plain[Moment]
    ai_model: Plain[Code | None] = None
    """The model that wrote it, as the model itself says."""
    ai_prompt_version: Plain[Code | None] = None
    generation_started_at: Plain[Moment | None] = None
    generation_completed_at: Plain[Moment | None] = None
    generation_duration_seconds: Plain[float | None] = None
    confidence_score: Plain[float | None] = None
    """Mean confidence of the speech that the statements stand on, 0 to 1."""
    quality_score: Plain[float | None] = None
    """Share of statements without doubts, 0 to 1."""
    completeness_score: Plain[float | None] = None
    """Share of required sections that were spoken of, 0 to 1."""
    rejected_statements: Plain[int] = 0
    """How many the model wrote without evidence; they were dropped."""
    reviewed_by: Plain[Id | None] = None
    reviewed_at: Plain[Moment | None] = None
    signed_by: Plain[Id | None] = None
    signed_at: Plain[Moment | None] = None
    manually_edited: Plain[bool] = False
    correction_notes: Clinical[Encrypted[Text | None]] = None
    exported_formats: Plain[list[Code]] = []
    shared_with: Encrypted[list[ShortText]] = []
    error_code: Plain[Code | None] = None

    @property
    def waiting(self) -> bool:
        """Whether a draft is still to come."""
        return self.status in WAITING

    def generating(self, *, model: str, prompt_version: str, by: str, at: datetime) -> Self:
        self._must_wait()
        return self.revised(
            by=by,
            at=at,
            status=ReportStatus.GENERATING,
            generation_started_at=at,
            ai_model=model,
            ai_prompt_version=prompt_version,
        )

    def written(self, scores: Scores, *, model: str, rejected: int, by: str, at: datetime) -> Self:
        """The draft is there and waits for the doctor."""
        self._must_wait()
        started = self.generation_started_at or self.created_at
        return self.revised(
            by=by,
            at=at,
            status=ReportStatus.COMPLETED,
            ai_model=model,
            generation_completed_at=at,
            generation_duration_seconds=(at - started).total_seconds(),
            confidence_score=scores.confidence,
            quality_score=scores.quality,
            completeness_score=scores.completeness,
            rejected_statements=rejected,
        )

    def failed(self, reason: str, *, by: str, at: datetime) -> Self:
        self._must_wait()
        return self.revised(by=by, at=at, status=ReportStatus.FAILED, error_code=reason)

    def retried(self, *, transcription_id: str, by: str, at: datetime) -> Self:
        """A person asks for a report that failed, or that never came, again."""
        never_came = self.waiting and at - self.updated_at > PATIENCE
        if self.status != ReportStatus.FAILED and not never_came:
            raise Conflict(f"the report is {self.status}")
        return self.revised(
            by=by,
            at=at,
            status=ReportStatus.PENDING,
            attempt=self.attempt + 1,
            requested_at=at,
            transcription_id=transcription_id,
            error_code=None,
        )

    def corrected(self, notes: str | None, *, by: str, at: datetime) -> Self:
        """A new version; an earlier review no longer holds."""
        self.must_be_editable()
        return self.revised(
            by=by,
            at=at,
            version=self.version + 1,
            manually_edited=True,
            correction_notes=notes if notes is not None else self.correction_notes,
            reviewed_by=None,
            reviewed_at=None,
        )

    def reviewed(self, *, by: str, at: datetime) -> Self:
        self.must_be_editable()
        return self.revised(by=by, at=at, reviewed_by=by, reviewed_at=at)

    def signed(self, *, by: str, at: datetime) -> Self:
        """Final. The signer has read it, so a missing review is theirs."""
        self.must_be_editable()
        return self.revised(
            by=by,
            at=at,
            status=ReportStatus.SIGNED,
            signed_by=by,
            signed_at=at,
            reviewed_by=self.reviewed_by or by,
            reviewed_at=self.reviewed_at or at,
        )

    def must_be_editable(self) -> None:
        """Raises Conflict for a report that is signed or not written yet."""
        if self.status != ReportStatus.COMPLETED:
            raise Conflict(f"the report is {self.status}")

    def _must_wait(self) -> None:
        if not self.waiting:
            raise Conflict(f"the report is {self.status}")


class ReportContent(Record):
    """What a report says, now and as it was drafted."""

    kind: ClassVar[str] = "ReportContent"
    collection: ClassVar[str] = "bodies"

    sections: Clinical[Encrypted[list[Section]]]
    """The template's sections when the report was written."""
    statements: Clinical[Encrypted[list[Statement]]]
    generated: Clinical[Encrypted[list[Statement]]]
    """The statements as the model wrote them."""
    corrections: Clinical[Encrypted[list[Correction]]] = []

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/content"

    def corrected(self, wanted: Corrections, *, by: str, at: datetime) -> Self:
        """The content after all edits. Raises Invalid naming every edit that cannot be done."""
        statements = {statement.id: statement for statement in self.statements}
        made: list[Correction] = []
        errors: list[FieldError] = []
        sections = {leaf.id for leaf in leaves_of(self.sections)}
        for index, edit in enumerate(wanted.edits):
            problem = _problem_of(edit, statements, sections)
            if problem:
                errors.append(FieldError(f"/edits/{index}/{problem[0]}", problem[1]))
                continue
            made.append(_apply(edit, statements, f"c{len(self.corrections) + len(made) + 1}", by, at))
        if errors:
            raise Invalid(errors=errors)
        return self.revised(by=by, at=at, statements=list(statements.values()), corrections=[*self.corrections, *made])


class SignedReport(Record):
    """The canonical bytes that were signed, and the signature; every rendering is made from them."""

    kind: ClassVar[str] = "SignedReport"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    canonical: Clinical[Encrypted[str]]
    """The signed bytes (RFC 8785 JSON, UTF-8)."""
    signature: Clinical[Encrypted[Signature]]

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/signed"


class Scores(Value):
    """How good a draft is, by what can be counted."""

    confidence: float | None
    quality: float | None
    completeness: float


def scores_of(sections: list[Section], statements: Iterable[Statement], heard: dict[int, float]) -> Scores:
    """Scores of a draft; `heard` is the confidence of each segment by number."""
    drafted = list(statements)
    spoken = {statement.section for statement in drafted}
    required = [section for section in sections if section.required]
    covered = [s for s in required if any(leaf.id in spoken for leaf in leaves_of([s]))]
    confidences = [heard[number] for statement in drafted for number in statement.segments if number in heard]
    return Scores(
        confidence=round(sum(confidences) / len(confidences), 4) if confidences else None,
        quality=round(sum(not s.doubts for s in drafted) / len(drafted), 4) if drafted else None,
        completeness=round(len(covered) / len(required), 4) if required else 1.0,
    )


def _problem_of(edit: Edit, statements: dict[str, Statement], sections: set[str]) -> tuple[str, str] | None:
    """The field and the reason why an edit cannot be done."""
    if edit.statement_id is not None:
        return None if edit.statement_id in statements else ("statement_id", "no such statement")
    if edit.text is None:
        return "text", "a new statement needs a text"
    if edit.section not in sections:
        return "section", "not a section of this report"
    return None


def _apply(edit: Edit, statements: dict[str, Statement], fresh_id: str, by: str, at: datetime) -> Correction:
    """Do one edit in `statements`; what a person wrote stands on the person, no longer on segments."""
    before = statements.get(edit.statement_id) if edit.statement_id else None
    key = before.id if before else fresh_id
    if edit.text is None:
        del statements[key]
    else:
        section = before.section if before else str(edit.section)
        statements[key] = Statement(id=key, section=section, text=edit.text, author_id=by, reason=edit.reason)
    return Correction(
        statement_id=key,
        before=before.text if before else None,
        after=edit.text,
        reason=edit.reason,
        author_id=by,
        at=at,
    )
