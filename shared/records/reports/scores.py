"""The scores of a draft."""

from __future__ import annotations

from collections.abc import Iterable

from shared.records.record import Value
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, leaves_of


class Scores(Value):
    """Measured quality of a draft. The quality is no higher than the completeness: three statements without doubts are
    no good report while required sections are empty."""

    confidence: float | None
    quality: float | None
    completeness: float


def scores_of(sections: list[Section], statements: Iterable[Statement], heard: dict[int, float | None]) -> Scores:
    """Compute the scores of a draft; `heard` maps segment numbers to confidence, None where it is unknown."""
    drafted = list(statements)
    used_sections = {statement.section for statement in drafted}
    required = [section for section in sections if section.required]
    covered = [s for s in required if any(leaf.id in used_sections for leaf in leaves_of([s]))]
    cited = (heard.get(number) for statement in drafted for number in statement.segments)
    confidences = [confidence for confidence in cited if confidence is not None]
    completeness = round(len(covered) / len(required), 4) if required else 1.0
    undoubted = round(sum(not s.doubts for s in drafted) / len(drafted), 4) if drafted else None
    return Scores(
        confidence=round(sum(confidences) / len(confidences), 4) if confidences else None,
        quality=None if undoubted is None else min(undoubted, completeness),
        completeness=completeness,
    )
