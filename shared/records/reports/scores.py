"""The scores of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.records.claims.doubt import CHECKS_VERSION, Severity
from shared.records.privacy import Plain
from shared.records.record import Record, Value
from shared.records.reports.rejections import Rejection, total
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, leaves_of

MINOR_CREDIT = 0.5
"""What a statement with minor doubts only counts; without a doubt it counts 1, with a major one nothing."""


class Scores(Value):
    """Measured quality of a draft. The quality is no higher than the completeness: three statements without doubts are
    no good report while required sections are empty."""

    confidence: float | None
    support: float | None
    quality: float | None
    completeness: float


class Scored(Record):
    """A record with the scores of its draft, as it was written: corrections do not change them."""

    confidence_score: Plain[float | None] = None
    """Mean confidence of the speech that supports the statements, 0 to 1; null if unknown."""
    support_score: Plain[float | None] = None
    """How far the statements are supported, 0 to 1: their mean, where one without doubts counts 1, one with minor
    doubts 0.5, and one with a major doubt 0. Null without statements."""
    quality_score: Plain[float | None] = None
    """The lower one of `support_score` and `completeness_score`."""
    completeness_score: Plain[float | None] = None
    """Share of required sections with statements, 0 to 1."""
    scores_checks_version: Plain[int | None] = None
    """The version of the checks that the scores rest on: scores of different versions cannot be compared."""
    rejected_statements: Plain[int] = 0
    """Number of statements of the model that were dropped."""
    rejections: Plain[list[Rejection]] = []
    """How many of them were dropped for which reason."""


def scored(scores: Scores, rejections: list[Rejection]) -> dict[str, Any]:
    """The fields of a record with these scores of its draft."""
    return {
        **{f"{name}_score": value for name, value in scores},
        "scores_checks_version": CHECKS_VERSION,
        "rejected_statements": total(rejections),
        "rejections": rejections,
    }


def scores_of(sections: list[Section], statements: Iterable[Statement], heard: dict[int, float | None]) -> Scores:
    """Compute the scores of a draft; `heard` maps segment numbers to confidence, None where it is unknown.

    Statements from consent records are no work of the writer and count nowhere.
    """
    drafted = [one for one in statements if one.consent_id is None]
    used_sections = {statement.section for statement in drafted}
    required = [section for section in sections if section.required]
    covered = [s for s in required if any(leaf.id in used_sections for leaf in leaves_of([s]))]
    cited = (heard.get(number) for statement in drafted for number in statement.segments)
    confidences = [confidence for confidence in cited if confidence is not None]
    completeness = round(len(covered) / len(required), 4) if required else 1.0
    support = round(sum(map(_credit, drafted)) / len(drafted), 4) if drafted else None
    return Scores(
        confidence=round(sum(confidences) / len(confidences), 4) if confidences else None,
        support=support,
        quality=None if support is None else min(support, completeness),
        completeness=completeness,
    )


def _credit(statement: Statement) -> float:
    if any(doubt.severity is Severity.MAJOR for doubt in statement.doubts):
        return 0.0
    return MINOR_CREDIT if statement.doubts else 1.0
