"""Resolutions: what a doctor decided about a finding, kept with the report and signed with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from shared.records.claims.doubt import MOST_SEGMENTS, MOST_WORDS, Position
from shared.records.problems import FieldError, Problem, raise_if_any
from shared.records.record import Stamp, Value
from shared.records.reports.findings import Finding, FindingKind, FindingType
from shared.records.text import ShortText
from shared.records.types import Id, Moment

MOST_RESOLVED = 100
"""Findings that one request resolves."""


class ResolutionKind(StrEnum):
    """What a doctor decided. Correcting a statement resolves without a decision: the finding is gone."""

    CONFIRMED = "confirmed"
    """The statement is right: the doctor heard it, or knows it. For doubts and risk answers."""
    NOT_RELEVANT = "not_relevant"
    """What was left out does not belong into the report. For omissions."""


RESOLVED_BY = {
    FindingType.DOUBT: ResolutionKind.CONFIRMED,
    FindingType.RISK_ANSWER: ResolutionKind.CONFIRMED,
    FindingType.OMISSION: ResolutionKind.NOT_RELEVANT,
}
"""The decision that each type of finding takes."""


class Resolution(Value):
    """A doctor's decision about a finding, with the finding as it was."""

    finding_id: Id
    kind: FindingKind
    """The kind of the finding."""
    statement_id: Id | None
    words: list[ShortText] = Field(max_length=MOST_WORDS)
    segments: list[Position] = Field(max_length=MOST_SEGMENTS)
    how: ResolutionKind
    reason: ShortText
    author_id: Id
    at: Moment
    lapsed_at: Moment | None = None
    """When it ceased to count: the statement or the finding changed, or a later resolution replaced it."""


class Resolve(Value):
    """One decision about one finding."""

    finding_id: Id
    how: ResolutionKind
    reason: Annotated[ShortText, Field(min_length=1)]
    """Why, in free text."""


class ResolveFindings(Value):
    """Decisions about findings; either all are recorded or none."""

    resolutions: list[Resolve] = Field(min_length=1, max_length=MOST_RESOLVED)


class UnresolvedFinding(Value):
    """A finding without a resolution; its words are in `GET /reports/{id}/doubts`."""

    id: Id
    type: FindingType
    kind: FindingKind
    statement_id: Id | None
    segments: list[Position]

    @classmethod
    def of(cls, finding: Finding) -> UnresolvedFinding:
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class DoubtsUnresolved(Problem):
    """Major doubts, omissions or risk answers of the report are unresolved; `findings` lists the first 100."""

    status, name, title = 409, "doubts-unresolved", "Doubts must be resolved first"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("correct the statements, or resolve the findings, that `findings` names")
        self.findings = tuple(map(UnresolvedFinding.of, findings[:MOST_RESOLVED]))

    @property
    def members(self) -> Mapping[str, Any]:
        """The unresolved findings, without their words."""
        return {"findings": [one.model_dump(mode="json") for one in self.findings]}


def standing(resolutions: Iterable[Resolution]) -> dict[str, Resolution]:
    """The resolutions that count, by the id of their finding."""
    return {one.finding_id: one for one in resolutions if one.lapsed_at is None}


def unresolved(findings: Iterable[Finding], resolutions: Iterable[Resolution]) -> list[Finding]:
    """The findings without a resolution that must have one before the report is signed."""
    settled = standing(resolutions)
    return [one for one in findings if one.is_major and one.id not in settled]


def resolved(
    resolutions: Sequence[Resolution], findings: Iterable[Finding], decided: Sequence[Resolve], stamp: Stamp
) -> list[Resolution]:
    """The resolutions with further ones; a decision that stands already adds nothing.

    Raises Invalid naming every decision that is about no finding of the report, or that its type does not have.
    """
    known = {one.id: one for one in findings}
    raise_if_any(_problems(decided, known))
    settled = standing(resolutions)
    new = [one for one in decided if not _repeats(one, settled.get(one.finding_id), stamp)]
    replaced = {one.finding_id for one in new}
    kept = [_lapsed(one, stamp) if one.finding_id in replaced else one for one in resolutions]
    return [*kept, *(_resolution(one, known[one.finding_id], stamp) for one in new)]


def lapsed(resolutions: Sequence[Resolution], findings: Iterable[Finding], stamp: Stamp) -> list[Resolution]:
    """The resolutions after a change of the report: those of findings that are gone count no longer, even if the same
    finding comes back."""
    present = {one.id for one in findings}
    return [one if one.finding_id in present else _lapsed(one, stamp) for one in resolutions]


def _problems(decided: Sequence[Resolve], known: Mapping[str, Finding]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, one in enumerate(decided):
        finding = known.get(one.finding_id)
        if finding is None:
            yield FieldError(f"/resolutions/{index}/finding_id", "no such finding of the report as it is now")
        elif one.finding_id in seen:
            yield FieldError(f"/resolutions/{index}/finding_id", "the finding is resolved twice")
        elif one.how is not (possible := RESOLVED_BY[finding.type]):
            yield FieldError(f"/resolutions/{index}/how", f"{possible} is what resolves a finding of this type")
        seen.add(one.finding_id)


def _repeats(one: Resolve, settled: Resolution | None, stamp: Stamp) -> bool:
    asked = (one.how, one.reason, stamp.by)
    return settled is not None and asked == (settled.how, settled.reason, settled.author_id)


def _resolution(one: Resolve, finding: Finding, stamp: Stamp) -> Resolution:
    return Resolution(
        finding_id=finding.id,
        kind=finding.kind,
        statement_id=finding.statement_id,
        words=finding.words,
        segments=finding.segments,
        how=one.how,
        reason=one.reason,
        author_id=stamp.by,
        at=stamp.at,
    )


def _lapsed(one: Resolution, stamp: Stamp) -> Resolution:
    return one if one.lapsed_at else one.model_copy(update={"lapsed_at": stamp.at})
