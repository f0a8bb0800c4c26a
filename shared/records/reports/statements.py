"""The statements of a report, with their evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Protocol, Self

from pydantic import Field

from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.record import Value
from shared.records.reports.notes import MOST_NOTES_CITED, NoteNumber
from shared.records.text import ShortText, Text
from shared.records.types import Id

MOST_CITED = 100
"""Maximum number of segments that one statement cites. A statement that cites more cites no evidence."""
SegmentNumber = Annotated[int, Field(ge=1, le=1_000_000)]


class Checks(Protocol):
    """Finds the doubts that a statement has, and how far it is checked."""

    def doubts_again(
        self, text: str, segments: Collection[int], notes: Collection[int] = (), kind: StatementKind | None = None
    ) -> list[Doubt]: ...

    def check_of(self, segments: Collection[int], notes: Collection[int] = ()) -> ClaimCheck | None: ...


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
    claim_check: ClaimCheck | None = None
    """How far it was checked, if otherwise than `claim_check` of the report says; null if as that says."""
    author_id: Id | None = None
    """The user who corrected or added the statement."""
    reason: ShortText | None = None
    """Why it was corrected or added: one of the usual reasons, or free text."""

    @property
    def kinds(self) -> list[DoubtKind]:
        """The kinds of its doubts."""
        return [doubt.kind for doubt in self.doubts]

    def checked(self, checker: Checks) -> Self:
        """The statement with the doubts that it has now."""
        doubts = checker.doubts_again(self.text, self.segments, self.notes, self.kind)
        return self.model_copy(update={"doubts": doubts, "claim_check": checker.check_of(self.segments, self.notes)})

    def renumbered(self, numbers: Mapping[int, int]) -> Self:
        """The statement with the present numbers of its segments, by the former ones; those without one are gone."""
        segments = sorted({numbers[number] for number in self.segments if number in numbers})
        return self.model_copy(update={"segments": segments})

    def doubted(self, *doubts: Doubt) -> Self:
        """The statement with further doubts."""
        return self.model_copy(update={"doubts": [*self.doubts, *doubts]})


def statements_of(statements: Iterable[Statement], leaf: str) -> list[Statement]:
    """The statements in one place: a section, or a part of one."""
    return [statement for statement in statements if statement.section == leaf]
