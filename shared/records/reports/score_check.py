"""Check of the totals that statements give for an instrument, against its answers in the same report. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.reports.instrument_scores import SectionScore, scores_in
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section

_TOTAL = (
    r"\b{scale}\b(?: (?:score|total|result))?(?: (?:is|was|of|at|today|now|scored))*[:=,]? (?P<value>\d{{1,3}})\b(?!%)"
)
_PAST = re.compile(
    r"\b(?:last|previous(?:ly)?|prior|baseline|before|from|initial(?:ly)?|ago|earlier|first|past)\b", re.IGNORECASE
)
"""Words of a total that is of another day."""


def scores_checked(sections: Iterable[Section], statements: Sequence[Statement]) -> list[Statement]:
    """The statements, where those whose total is not that of the answers have a doubt, and no others have it."""
    scores = scores_in(sections, statements)
    return [_checked(one, scores) for one in statements]


def _checked(statement: Statement, scores: Sequence[SectionScore]) -> Statement:
    others = [doubt for doubt in statement.doubts if doubt.kind is not DoubtKind.SCORE_NOT_AS_COMPUTED]
    doubts = [*others, *_differences(statement.text, scores)]
    return statement if doubts == statement.doubts else statement.model_copy(update={"doubts": doubts})


def _differences(text: str, scores: Iterable[SectionScore]) -> Iterator[Doubt]:
    if _PAST.search(text):
        return
    for score in scores:
        pattern = _TOTAL.format(scale=re.escape(score.name).replace("\\-", "-?"))
        found = re.search(pattern, text, re.IGNORECASE)
        if found and not _fits(int(found["value"]), score):
            computed = f"{score.name}: {_computed(score)} of {score.highest_total}"
            yield Doubt.of(DoubtKind.SCORE_NOT_AS_COMPUTED, words=[found[0]], recorded=[computed])
            return


def _fits(value: int, score: SectionScore) -> bool:
    """True if the answers give this total, or may give it with those that are missing."""
    if score.total is not None:
        return value == score.total
    return score.at_least <= value <= score.highest_total


def _computed(score: SectionScore) -> str:
    return str(score.total) if score.total is not None else f"at least {score.at_least}"
