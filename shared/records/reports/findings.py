"""Findings: what a doctor must look at before the report is signed. Pure, and derived from the content each time.

A finding is a doubt, an omission, or an answer that an instrument counts as a risk. Its id is made from what it is
about, so a check that finds the same again gives the same id, and another id once the statement or the finding differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field

from shared.records.claims.doubt import MOST_SEGMENTS, MOST_WORDS, DoubtKind, Position, Severity
from shared.records.claims.omission import MOST_OMISSIONS, Omission, OmissionKind
from shared.records.record import Value
from shared.records.reports.statements import Statement
from shared.records.templates import instruments
from shared.records.templates.sections import Section
from shared.records.text import ShortText
from shared.records.types import Id

_ID_DIGITS = 24
"""Hexadecimal digits of an id: 96 bits."""


class FindingType(StrEnum):
    """What a finding is."""

    DOUBT = "doubt"
    """A check could not confirm a statement."""
    OMISSION = "omission"
    """Something was said and is in no statement."""
    RISK_ANSWER = "risk_answer"
    """The answer to an item of an instrument is a risk, such as item 9 of the PHQ-9 above 0."""


class RiskKind(StrEnum):
    """The kind of a risk that is no doubt and no omission."""

    INSTRUMENT_RISK = "instrument_risk"


FindingKind = DoubtKind | OmissionKind | RiskKind


class Finding(Value):
    """One thing that a doctor must look at."""

    id: Id
    """The same for the same finding about the same statement."""
    type: FindingType
    kind: FindingKind
    severity: Severity
    statement_id: Id | None
    """The statement that it is about; null for an omission."""
    words: list[ShortText] = Field(max_length=MOST_WORDS)
    """The words that it is about: of the statement, or that were left out."""
    segments: list[Position] = Field(max_length=MOST_SEGMENTS)
    """The segments behind it."""
    recorded: list[ShortText] = Field(default=[], max_length=MOST_WORDS)
    """What the chart or the report has instead; empty if it is not compared with them."""

    @property
    def is_major(self) -> bool:
        """True if the report is not signed before a doctor resolved it."""
        return self.severity is Severity.MAJOR


def findings_of(
    sections: Iterable[Section], statements: Iterable[Statement], omissions: Iterable[Omission]
) -> list[Finding]:
    """The findings of a report: those of its statements in their order, then the omissions. Equal ones are one."""
    listed = list(statements)
    risky = _risk_points(sections)
    found = [*(one for statement in listed for one in _of_statement(statement, risky)), *map(_omitted, omissions)]
    return list({one.id: one for one in found}.values())


def listed(found: Iterable[Omission], settled: Container[str] = ()) -> tuple[list[Omission], int]:
    """The omissions that a report lists, and the number of those that it leaves out. It lists all for which a doctor
    decided (`settled` has the ids of their findings), and the first of the others.

    The major ones come first. So while a major one is left out, all that are listed without a decision are major: the
    report cannot be signed before they are settled, and then the next are listed.
    """
    by_id = {_omitted(one).id: one for one in found}
    undecided = [id for id in by_id if id not in settled]
    left_out = set(undecided[MOST_OMISSIONS:])
    return [one for id, one in by_id.items() if id not in left_out], len(left_out)


def _of_statement(statement: Statement, risky: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    claim = [statement.text, statement.segments, statement.notes]
    of: dict[str, Any] = {"statement_id": statement.id}
    for doubt in statement.doubts:
        what = {"kind": doubt.kind, "severity": doubt.severity, "words": doubt.words, "segments": doubt.segments}
        what["recorded"] = doubt.recorded
        yield _finding(claim, type=FindingType.DOUBT, **of, **what)
    if risky.get(statement.section, {}).get(statement.text, 0) > 0:
        of |= {"type": FindingType.RISK_ANSWER, "kind": RiskKind.INSTRUMENT_RISK, "severity": Severity.MAJOR}
        about = {"words": [statement.text[:100]], "segments": statement.segments[:MOST_SEGMENTS]}
        yield _finding([*claim, statement.section], **of, **about)


def _omitted(omission: Omission) -> Finding:
    what = {"kind": omission.kind, "severity": omission.severity, "words": omission.words}
    return _finding([], type=FindingType.OMISSION, statement_id=None, **what, segments=[omission.segment])


def _risk_points(sections: Iterable[Section]) -> dict[str, dict[str, int]]:
    """By the section of an item that asks for a risk: the points of its answers. An answer counts though others
    contradict it: a risk is looked at, not averaged."""
    used = [(section.id, instruments.find(section.instrument)) for section in sections if section.instrument]
    return {
        f"{section}.{item.id}": {option.label: option.points for option in instrument.options}
        for section, instrument in used
        for item in instrument.items
        if item.is_risk
    }


def _finding(claim: Sequence[object], **fields: Any) -> Finding:
    """The finding with its id: a digest of its fields and of what the statement says and cites."""
    identity = json.dumps([claim, fields], sort_keys=True)
    return Finding(id=f"f{hashlib.sha256(identity.encode()).hexdigest()[:_ID_DIGITS]}", **fields)
