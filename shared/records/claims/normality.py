"""Check of normal findings: the best known invention of writers is an examination that nobody made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.line import Line
from shared.records.claims.tokens import ENDS, sentence_around, tokens_of
from shared.records.languages.lexicon import lexicon


@cache
def _phrases() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokens_of(phrase)) for phrase in lexicon().findings.phrases)


@cache
def _all_well() -> frozenset[str]:
    """Words of somebody who found nothing wrong."""
    return lexicon().findings.normal | lexicon().findings.all_well


def normality(claim: Claim) -> Iterator[Doubt]:
    """Normal findings of which nobody said, near the cited lines, that all is well."""
    words = [" ".join(claim.tokens[start:end]) for start, end in _findings(claim) if not _is_said(claim, start, end)]
    if words:
        yield Doubt.of(DoubtKind.NORMAL_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(claim.cited))


def states_normal(tokens: Sequence[str]) -> bool:
    """True for a text that states a normal finding."""
    return any(True for _ in _places(tokens))


def _findings(claim: Claim) -> Iterator[tuple[int, int]]:
    """The normal findings that the claim affirms."""
    for start, end in _places(claim.tokens):
        if end > start + 1 or start not in claim.denied:
            yield start, end


def _places(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    words = lexicon().findings
    for at, token in enumerate(tokens):
        if token in words.normal and not words.compared.intersection(tokens[max(0, at - 1) : at]):
            yield at, at + 1
        for phrase in _phrases():
            if token == phrase[0] and tuple(tokens[at : at + len(phrase)]) == phrase:
                yield at, at + len(phrase)


def _is_said(claim: Claim, start: int, end: int) -> bool:
    """True if a line near the cited ones, or the one before it, speaks of the same thing and says that all is well."""
    subject = _subject(claim, start, end)
    own = set(claim.tokens[start:end])
    for at in claim.near:
        around = [claim.said.lines[one] for one in (at - 1, at) if 0 <= one < len(claim.said.lines)]
        well = _all_well().intersection(claim.said.lines[at].tokens)
        if own & well or (well and any(_speaks_of(line, subject) for line in around)):
            return True
        if not subject and well - lexicon().findings.casual:
            return True
    return False


def _speaks_of(line: Line, subject: set[str]) -> bool:
    return not subject.isdisjoint(line.polarities)


def _subject(claim: Claim, start: int, end: int) -> set[str]:
    """The terms of the same clause, without the words of the finding itself."""
    begin, stop = sentence_around(claim.tokens, start, end, ends=ENDS - {":"})
    return {term.key for term in claim.terms if begin <= term.start < stop and not start <= term.start < end}
