"""The request of a report of a session: which one, and by its source: by hand, from the notes, or the recording."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from shared.records.claims.kinds import StatementKind
from shared.records.problems import FieldError, raise_if_any
from shared.records.record import Stamp, Value
from shared.records.report_type import ReportType
from shared.records.reports.content import ReportContent
from shared.records.reports.statements import Statement
from shared.records.reports.types import ReportSource
from shared.records.templates.sections import Section, leaves_of
from shared.records.text import ShortText, Text
from shared.records.types import Id

MOST_NEW_STATEMENTS = 200
"""Statements of one request; corrections add more."""


class NewStatement(Value):
    """A statement that a person writes."""

    section: ShortText
    """The id of a section of the report's template, or of a subsection as `plan.follow_up`."""
    text: Text = Field(min_length=1)
    kind: StatementKind | None = None
    """Who said it, or whose observation, judgement or plan it is."""


class ReportRequest(Value):
    """Which report of a session is written from what was heard. A session has one report from each template, at most
    six."""

    template_id: Id | None = None
    """A template that no report of the session has: one more report, such as a referral letter. The session's first
    report by default."""
    report_type: ReportType | None = None
    """By default that of the template, or else of the visit."""


class NewReport(ReportRequest):
    """A report of a session, by its source. A visit without a usable recording is documented by hand, or
    from the notes of the session."""

    source: ReportSource = ReportSource.BY_HAND
    """`notes` and `recording` are drafted in the background."""
    statements: list[NewStatement] = Field(default=[], max_length=MOST_NEW_STATEMENTS)
    """Of a report by hand. A report without statements is filled by corrections."""
    despite_recording: bool = False
    """True: without the recording, although one is transcribed or on its way."""
    replace: bool = False
    """True: throw away the unsigned report that the session has from this template. A failed one is always replaced."""

    def content(
        self, report_id: str, sections: list[Section], stamp: Stamp, language: str | None = None
    ) -> ReportContent:
        """The statements by hand, each with its author as evidence. Raises Invalid listing everything that is wrong."""
        raise_if_any(self._errors(sections))
        statements = [
            Statement(id=f"h{number}", section=new.section, text=new.text, kind=new.kind, author_id=stamp.by)
            for number, new in enumerate(self.statements, start=1)
        ]
        said = {"sections": sections, "statements": statements, "generated": [], "language": language}
        content = ReportContent.new(report_id, stamp, **said)
        if excess := content.excess():
            raise_if_any([FieldError("/statements", excess)])
        return content

    def must_have_no_statements(self) -> None:
        """Raises Invalid for statements of a report that is drafted."""
        raise_if_any([FieldError("/statements", "only a report by hand has statements")] if self.statements else [])

    def _errors(self, sections: Sequence[Section]) -> list[FieldError]:
        leaves = {leaf.id: leaf for leaf in leaves_of(sections)}
        errors = []
        for index, new in enumerate(self.statements):
            leaf = leaves.get(new.section)
            if leaf is None:
                errors.append(FieldError(f"/statements/{index}/section", "not a section of the report's template"))
            elif not leaf.takes(new.text):
                errors.append(FieldError(f"/statements/{index}/text", leaf.refusal))
        return errors
