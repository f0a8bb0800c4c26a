"""The statements of a report, with their evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.record import Value
from shared.records.reports.notes import MOST_NOTES_CITED, NoteNumber
from shared.records.text import ShortText, Text
from shared.records.types import Id

MOST_CITED = 100
"""Maximum number of segments that one statement cites. A statement that cites more cites no evidence."""
SegmentNumber = Annotated[int, Field(ge=1, le=1_000_000)]


class Statement(Value):
    """One statement of a report. Its evidence: segments of the transcript, notes of the practitioner, a consent record,
    or the person who wrote it."""

    id: Id
    section: ShortText
    """The id of a section, or of a subsection as `plan.follow_up`."""
    text: Text
    kind: StatementKind | None = None
    """Who said it, or whose observation, judgement or plan it is; null if unknown, and of a consent record."""
    segments: list[SegmentNumber] = Field(default=[], max_length=MOST_CITED)
    """Numbers of the transcript's segments that support it."""
    notes: list[NoteNumber] = Field(default=[], max_length=MOST_NOTES_CITED)
    """Numbers of the report's `notes` that support it: noted by the practitioner."""
    consent_id: Id | None = None
    """The consent record that it is made from: such a statement is written by code, never by a model or a person."""
    doubts: list[Doubt] = Field(default=[], max_length=20)
    author_id: Id | None = None
    """The user who corrected or added the statement."""
    reason: ShortText | None = None
    """Why it was corrected or added: one of the usual reasons, or free text."""

    @property
    def kinds(self) -> list[DoubtKind]:
        """The kinds of its doubts."""
        return [doubt.kind for doubt in self.doubts]

    def doubted(self, *doubts: Doubt) -> Self:
        """The statement with further doubts."""
        return self.model_copy(update={"doubts": [*self.doubts, *doubts]})


def statements_of(statements: Iterable[Statement], leaf: str) -> list[Statement]:
    """The statements in one place: a section, or a part of one."""
    return [statement for statement in statements if statement.section == leaf]
