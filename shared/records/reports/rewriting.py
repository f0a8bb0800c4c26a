"""Writing a report anew: what is asked for, and the report until it is done. A failure leaves the report as it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from shared.records.attempt import Attempt
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Stamp, Value
from shared.records.report_type import ReportType
from shared.records.reports.failure import ReportFailure
from shared.records.reports.reviews import NO_REVIEWS
from shared.records.reports.types import ReportSource, TypeFrom
from shared.records.text import ShortText
from shared.records.types import Code, Digest, Id, Moment

MOST_NAMED_SECTIONS = 100
"""Sections and subsections that one request names."""
MOST_PLACES = 400
"""Places for statements in all sections of a report."""


class RewriteRequest(Value):
    """What to write anew. Statements that a person corrected or wrote stay, except in the sections that are named."""

    sections: list[ShortText] = Field(default=[], max_length=MOST_NAMED_SECTIONS)
    """The ids of the report's sections to write, or of subsections as `plan.follow_up`; without any, the whole report.
    All that these sections hold is replaced; the other sections stay."""
    template_id: Id | None = None
    """Another template for the whole report. Its present one by default."""
    force: bool = False
    """True: also if transcript, notes, version of the template and model are those of the report that is there."""


class Facts(Value):
    """What a report says of its draft, as it was before it is written anew."""

    template_id: Id
    template_version: int | None
    report_type: ReportType = ReportType.CONSULTATION
    """Not in what earlier versions of the code stored, as is `type_from`: it stays then."""
    type_from: TypeFrom = TypeFrom.VISIT
    prompt_hash: Digest | None
    source: ReportSource
    transcription_id: Id | None
    ai_model: Code | None
    ai_prompt_version: Code | None
    generation_started_at: Moment | None
    transcript_changed: bool

    @classmethod
    def of(cls, report: Attempt) -> Self:
        return cls(**{name: getattr(report, name) for name in cls.model_fields})


class Rewrite(Value):
    """A request that is being worked on."""

    requested_by: Id
    sections: list[ShortText] = Field(default=[], max_length=MOST_PLACES)
    """The ids of the sections that hold the statements to replace; empty for the whole report."""
    before: Facts
    overtaken: bool = False
    """True once a recording arrived, or the transcript changed, after it was asked for."""


class Rewritable(Attempt):
    """A job whose result a person may correct, and let be made anew."""

    rewrite: Internal[Encrypted[Rewrite | None]] = None
    """Set while the written report is being written anew."""
    rewrite_failed: Plain[ReportFailure | None] = None
    """Why the last request to write the report anew left it as it was; null if there was none, or it was written."""

    if TYPE_CHECKING:  # the report declares these fields itself, at their place in its published schema
        version: int
        transcript_changed: bool
        unreported_recordings: list[Id]
        template_id: Id
        renewed_sections: list[ShortText]

        def must_be_editable(self) -> None: ...

    def to_be_rewritten(self, sections: list[str], stamp: Stamp, **changes: Any) -> Self:
        """The written report, unsigned, before it is written anew. Raises Conflict."""
        self.must_be_editable()
        rewrite = Rewrite(requested_by=stamp.by, sections=sections, before=Facts.of(self))
        again = {"status": "pending", "attempt": self.attempt + 1, "requested_at": stamp.at}
        return self.revised(stamp, rewrite=rewrite, rewrite_failed=None, **again, **changes)

    def rewritten(self, earlier: Self, *, edited: bool, written: Collection[str]) -> Self:
        """The report, just written, as the next version of the `earlier` one; a review of that one is void.

        If only some sections were written, the others may still lack what a recording says: the marks stay until all
        places that the writer has filled or may fill (`written`) are up to date.
        """
        changes: dict[str, Any] = {"version": earlier.version + 1, "manually_edited": edited, "rewrite": None}
        if earlier.rewrite is not None and earlier.places_to_rewrite:
            renewed = [] if earlier.rewrite.overtaken else [*earlier.renewed_sections, *earlier.places_to_rewrite]
            marks = {
                "unreported_recordings": earlier.unreported_recordings,
                "transcript_changed": earlier.undone["transcript_changed"],
            }
            if any(marks.values()) and not {*written} <= {*renewed}:
                changes |= {**marks, "renewed_sections": list(dict.fromkeys(renewed))}
        return self.amended(**changes, **NO_REVIEWS)

    @property
    def places_to_rewrite(self) -> list[str]:
        """The places whose statements are being written anew; empty for the whole report, and if none is."""
        return self.rewrite.sections if self.rewrite else []

    @property
    def templates(self) -> set[str]:
        """The id of its template and, while it is being written anew, of the one that it goes back to if that fails."""
        return {self.template_id, *([self.rewrite.before.template_id] if self.rewrite else [])}

    @property
    def undone(self) -> dict[str, Any]:
        """The fields of the report as it was before somebody asked to write it anew; none if nobody did."""
        if self.rewrite is None:
            return {}
        before = self.rewrite.before
        known = {name: getattr(before, name) for name in before.model_fields_set}
        changed = self.transcript_changed or before.transcript_changed
        return {**known, "transcript_changed": changed, "rewrite": None}

    def failed(self, reason: str, stamp: Stamp, **changes: Any) -> Self:
        """The failed report; one that was to be written anew is completed, as it was before."""
        if self.rewrite is None:
            return super().failed(reason, stamp, **changes)
        self.must_wait()
        return self.revised(stamp, **self.undone, status="completed", rewrite_failed=reason, **changes)
