"""What a report says: statements with their evidence, corrections, and the scores of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.privacy import Clinical, Encrypted
from shared.records.problems import FieldError, Invalid
from shared.records.record import Record, Stamp, Value
from shared.records.reports.template import Section, leaves_of
from shared.records.types import Id, Moment, ShortText, Text


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

    def corrected(self, wanted: Corrections, stamp: Stamp) -> Self:
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
            made.append(_apply(edit, statements, f"c{len(self.corrections) + len(made) + 1}", stamp))
        if errors:
            raise Invalid(errors=errors)
        return self.revised(stamp, statements=list(statements.values()), corrections=[*self.corrections, *made])


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


def _apply(edit: Edit, statements: dict[str, Statement], fresh_id: str, stamp: Stamp) -> Correction:
    """Do one edit in `statements`; what a person wrote stands on the person, no longer on segments."""
    before = statements.get(edit.statement_id) if edit.statement_id else None
    key = before.id if before else fresh_id
    if edit.text is None:
        del statements[key]
    else:
        section = before.section if before else str(edit.section)
        statements[key] = Statement(id=key, section=section, text=edit.text, author_id=stamp.by, reason=edit.reason)
    return Correction(
        statement_id=key,
        before=before.text if before else None,
        after=edit.text,
        reason=edit.reason,
        author_id=stamp.by,
        at=stamp.at,
    )
