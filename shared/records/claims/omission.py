"""Omissions: what was said and is in no statement."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.claims.doubt import Position, Severity
from shared.records.record import Value
from shared.records.text import ShortText

MOST_OMISSIONS = 50
"""Omissions without a decision that a report lists at a time; once they are settled, the next appear."""


class OmissionKind(StrEnum):
    """What was left out."""

    DRUG = "drug"
    DOSE = "dose"
    ALLERGY = "allergy"
    RISK = "risk"
    DIAGNOSIS = "diagnosis"
    FOLLOW_UP = "follow_up"
    ORDER = "order"


MAJOR = frozenset({OmissionKind.DRUG, OmissionKind.DOSE, OmissionKind.ALLERGY, OmissionKind.RISK})


class Omission(Value):
    """One thing that was said and is in no statement, with the segment in which it was said first."""

    kind: OmissionKind
    severity: Severity
    words: list[ShortText] = Field(max_length=4)
    segment: Position

    @classmethod
    def of(cls, kind: OmissionKind, segment: int, *words: str) -> Omission:
        severity = Severity.MAJOR if kind in MAJOR else Severity.MINOR
        return cls(kind=kind, severity=severity, words=[word[:100] for word in words[:4]], segment=segment)
