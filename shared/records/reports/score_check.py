"""Check of the totals that statements give for an instrument: against the answers in the same report, and, of an
earlier total, against the last signed report. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.reports.instrument_scores import SectionScore, scores_in
from shared.records.reports.statements import Statement
from shared.records.templates import instruments
from shared.records.templates.sections import Section

_TOTAL = (
    r"\b{scale}\b(?: (?:score|total|result))?(?: (?:is|was|of|at|today|now|scored))*[:=,]? (?P<value>\d{{1,3}})\b(?!%)"
)
_PAST = re.compile(
    r"\b(?:last|previous(?:ly)?|prior|baseline|before|from|initial(?:ly)?|ago|earlier|first|past)\b", re.IGNORECASE
)
"""Words of a total that is of another day."""
_LAST = re.compile(
    r"\b(?:last|previous|prior)\b(?! (?:year|month|week|spring|summer|autumn|fall|winter))", re.IGNORECASE
)
"""Words of the total of the last visit."""
_NUMBER = re.compile(r"\d+")


def scores_checked(
    sections: Iterable[Section], statements: Sequence[Statement], last: Mapping[str, int] | None = None
) -> list[Statement]:
    """The statements, where those with another total have a doubt, and no others have it.

    `last` has the totals of the last signed report, by the name of the instrument; without it none is compared.
    """
    scores = scores_in(sections, statements)
    return [_checked(one, scores, last or {}) for one in statements]


def names_last_total(statements: Iterable[Statement]) -> bool:
    """True if a statement gives the total of the last visit, so that it can be compared."""
    return any(_LAST.search(one.text) and any(_totals_in(one.text)) for one in statements)


def totals_of(sections: Iterable[Section], statements: Sequence[Statement]) -> dict[str, int]:
    """The totals that a report has of each instrument: from its answers, or else as a statement gives it."""
    said = (pair for one in statements if not _PAST.search(one.text) for pair in _totals_in(one.text))
    found: dict[str, int] = {}
    for name, value in said:
        found.setdefault(name, value)
    return found | {one.name: one.total for one in scores_in(sections, statements) if one.total is not None}


def _checked(statement: Statement, scores: Sequence[SectionScore], last: Mapping[str, int]) -> Statement:
    others = [doubt for doubt in statement.doubts if doubt.kind is not DoubtKind.SCORE_NOT_AS_RECORDED]
    doubts = [*others, *_differences(statement.text, scores, last)]
    return statement if doubts == statement.doubts else statement.model_copy(update={"doubts": doubts})


def _differences(text: str, scores: Iterable[SectionScore], last: Mapping[str, int]) -> Iterator[Doubt]:
    if _PAST.search(text):
        yield from _from_last(text, last)
        return
    totals = dict(_totals_in(text))
    for score in scores:
        value = totals.get(score.name)
        if value is not None and not _fits(value, score):
            computed = f"{score.name}: {_computed(score)} of {score.highest_total}"
            yield Doubt.of(DoubtKind.SCORE_NOT_AS_RECORDED, words=[f"{score.name}: {value}"], recorded=[computed])
            return


def _from_last(text: str, last: Mapping[str, int]) -> Iterator[Doubt]:
    """The doubt of a total of the last visit that its report does not have; any number of the statement may be it."""
    if not _LAST.search(text):
        return
    numbers = {int(number) for number in _NUMBER.findall(text)}
    for name, value in _totals_in(text):
        if name in last and last[name] not in numbers:
            recorded = [f"{name}: {last[name]}, last signed report"]
            yield Doubt.of(DoubtKind.SCORE_NOT_AS_RECORDED, words=[f"{name}: {value}"], recorded=recorded)
            return


def _totals_in(text: str) -> Iterator[tuple[str, int]]:
    """The instruments of which a text gives a total, with the first one of each."""
    for name in sorted({one.name for one in instruments.known().values()}):
        pattern = _TOTAL.format(scale=re.escape(name).replace("\\-", "-?"))
        if found := re.search(pattern, text, re.IGNORECASE):
            yield name, int(found["value"])


def _fits(value: int, score: SectionScore) -> bool:
    """True if the answers give this total, or may give it with those that are missing."""
    if score.total is not None:
        return value == score.total
    return score.at_least <= value <= score.highest_total


def _computed(score: SectionScore) -> str:
    return str(score.total) if score.total is not None else f"at least {score.at_least}"
