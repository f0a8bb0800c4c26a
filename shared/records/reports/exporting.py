"""Exports of a report: what was asked for, how far it is, and the files that were made.

pending → running → completed
   └─────────┴────→ failed
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol, Self

from pydantic import AfterValidator, Field

from shared.records.attempt import Attempt, AttemptPolicy
from shared.records.privacy import Internal, Plain
from shared.records.record import Stamp, Value, report_of
from shared.records.reports.psychotherapy import KeptApart
from shared.records.types import Code, Digest, Id, Moment, new_id

FILES_KEPT_FOR = timedelta(days=7)
"""How long the files of an export can be fetched. The bucket deletes them a day later (infra/buckets.tf)."""


class ExportFormat(StrEnum):
    """A format of an exported report."""

    PDF = "pdf"
    """The printed report. Of a signed report, with a PDF signature (PAdES) that ordinary readers verify."""
    DOCX = "docx"
    """A copy for word processors, which says that it is not the original."""
    JSON = "json"
    """The signed copy, which verifies offline; of a draft what it says."""


MEDIA_TYPES = {
    ExportFormat.PDF: "application/pdf",
    ExportFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ExportFormat.JSON: "application/json",
}


def _each_once(formats: list[ExportFormat]) -> list[ExportFormat]:
    twice = sorted({one for one in formats if formats.count(one) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return formats


class PrintOptions(Value):
    """What is printed besides the report."""

    findings: bool = False
    """True prints what the checks doubted or missed, and how doctors decided, with their reasons."""


class Printing(PrintOptions):
    """What is printed besides the report, and how it will be passed on."""

    has_part_2_notice: bool = False
    """True prints the notice of 42 CFR part 2, for a share of substance use disorder records."""


NO_OPTIONS = PrintOptions.model_construct()


class ExportRequest(PrintOptions):
    """What to export."""

    formats: Annotated[list[ExportFormat], AfterValidator(_each_once)] = Field(
        min_length=1, max_length=len(ExportFormat), json_schema_extra={"uniqueItems": True}
    )
    """Each once."""


class ExportStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ExportFailure(StrEnum):
    """Why an export failed. Another export may be requested."""

    CHARACTERS_NOT_PRINTABLE = "characters_not_printable"
    """A text has a character without a glyph in the fonts of the PDF."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """It was not made within the deadline."""
    REPORT_NOT_READY = "report_not_ready"
    """The report is being written anew, or failed."""
    SIGNATURE_INVALID = "signature_invalid"
    """The signature of the report could not be verified."""
    TOO_LARGE = "too_large"
    """The signed PDF is larger than can be kept."""


class ExportedFile(Value):
    """A file of an export."""

    format: ExportFormat
    size_bytes: int
    sha256: Digest


class Export(Attempt):
    """One request to export a report. Its id begins with the report's."""

    kind: ClassVar[str] = "Export"
    collection: ClassVar[str] = "exports"
    noun: ClassVar[str] = "export"
    policy: ClassVar[AttemptPolicy] = AttemptPolicy(stalled_after=timedelta(minutes=15), deadline=timedelta(hours=1))
    waiting_states: ClassVar[frozenset[StrEnum]] = frozenset({ExportStatus.PENDING, ExportStatus.RUNNING})
    retryable_states: ClassVar[frozenset[StrEnum]] = frozenset()
    failed_state: ClassVar[StrEnum] = ExportStatus.FAILED

    session_id: Plain[Id]
    report_id: Plain[Id]
    formats: Plain[list[ExportFormat]]
    findings: Plain[bool] = False
    """True prints the findings of the checks, too."""
    status: Plain[ExportStatus] = ExportStatus.PENDING
    attempt: Plain[int] = 1
    requested_at: Plain[Moment]
    error_code: Plain[ExportFailure | None] = None
    report_version: Plain[int | None] = None
    """The version of the report that the files show; null before they are made."""
    report_revision: Plain[int | None] = None
    """Its revision, as in the ETag."""
    signed: Plain[bool | None] = None
    """True for files of a signed report; false: each file says that it is a draft, not signed."""
    files: Plain[list[ExportedFile]] = []
    file_stem: Plain[Code | None] = None
    """The names of the files without their suffixes, such as REP-20260001-2026-11-04."""
    files_until: Plain[Moment | None] = None
    """When the files are deleted; null for files that are not kept apart from the report."""
    automatic: Plain[bool] = False
    """True for the export that makes the signed PDF as soon as the report is final: `GET /reports/{id}/pdf` has it."""
    part_2_notice: Plain[bool] = False
    """True for an automatic export with the notice of 42 CFR part 2, for links to this report."""

    @classmethod
    def of(cls, report_id: str, session_id: str, asked: ExportRequest, stamp: Stamp) -> Self:
        """A new export of a report, requested by the author of the stamp."""
        return cls.new(
            export_id_of(report_id),
            stamp,
            session_id=session_id,
            report_id=report_id,
            **dict(asked),
            requested_at=stamp.at,
        )

    @classmethod
    def of_final(cls, report: FinalReport, stamp: Stamp, *, has_part_2_notice: bool = False) -> Self:
        """The automatic export of a report as it prints from now on."""
        return cls.new(
            automatic_export_id(report, has_part_2_notice=has_part_2_notice),
            stamp,
            session_id=report.session_id,
            report_id=report.id,
            formats=[ExportFormat.PDF],
            requested_at=stamp.at,
            automatic=True,
            part_2_notice=has_part_2_notice,
        )

    def running(self, stamp: Stamp) -> Self:
        """The export while its files are made."""
        self.must_wait()
        return self.revised(stamp, status=ExportStatus.RUNNING)

    def completed(self, stamp: Stamp, files: list[ExportedFile], **made_of: Any) -> Self:
        """The export with its files; `made_of` says what they show."""
        self.must_wait()
        until = None if self.automatic else stamp.at + FILES_KEPT_FOR
        return self.revised(stamp, **made_of, status=ExportStatus.COMPLETED, files=files, files_until=until)

    @property
    def options(self) -> Printing:
        return Printing(findings=self.findings, has_part_2_notice=self.part_2_notice)

    def has_files(self, now: datetime) -> bool:
        """True while the files can be fetched."""
        return self.files_until is not None and now < self.files_until


def export_id_of(report_id: str) -> str:
    """A new id of an export of a report."""
    return f"{report_id}-{new_id(10)}"


class FinalReport(Protocol):
    """What names the state of a signed report."""

    id: str
    session_id: str
    version: int
    addenda_count: int
    superseded_by: str | None


def automatic_export_id(report: FinalReport, *, has_part_2_notice: bool = False) -> str:
    """The id of the automatic export of a signed report. It follows from what the report prints, which an addendum and
    a later report change, so that each state is exported once."""
    marks = ("s" if report.superseded_by else "") + ("n" if has_part_2_notice else "")
    return f"{report.id}-v{report.version}a{report.addenda_count}{marks}"


def is_of(export_id: str, report_id: str) -> bool:
    """True if the id of an export is one of this report."""
    return export_id != report_id and report_of(export_id) == report_id


class Exported(KeptApart):
    """A record that says in which formats it was exported, and who did so last."""

    last_exported_by: Plain[Id | None] = None
    """Who exported the report last, by a request of a file or of several; the audit trail has every export."""
    last_exported_at: Plain[Moment | None] = None
    disclosed_with_notice: Internal[Plain[bool]] = False
    """True once a link passed the report on with the notice of 42 CFR part 2."""

    if TYPE_CHECKING:  # the report declares this field itself, at its place in its published schema
        exported_formats: list[str]

    def exported(self, formats: Collection[str], by: str, at: datetime) -> Self:
        """The report after an export. It says the same as before, so the revision stays."""
        known = self.exported_formats
        return self.amended(
            exported_formats=[*known, *(one for one in formats if one not in known)],
            last_exported_by=by,
            last_exported_at=at,
        )
