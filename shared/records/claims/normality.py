"""Check of normal findings: the best known invention of writers is an examination that nobody made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.said import Line
from shared.records.claims.tokens import ENDS, sentence_around, tokens_of
from shared.records.claims.wordlists import listed, phrases

_WORDS = listed(
    """
    normal normally unremarkable euthymic congruent intact nontender nondistended supple wnl nad perrla rrr ctab
    सामान्य नॉर्मल இயல்பு இயல்பாக இயல்பான நார்மல்
    """
)
_PHRASES = phrases(
    """
    within normal limits, no acute distress, alert and oriented, oriented to person, oriented to time, oriented x3,
    clear to auscultation, regular rate and rhythm, no abnormalities, no abnormality, no abnormal findings,
    good eye contact, well groomed, well appearing, well nourished, well kempt, non tender, non distended,
    goal directed, affect appropriate, affect is appropriate,
    appropriate affect, linear thought, thought process linear, thought process is linear, good insight,
    insight is good, insight good, judgement good, judgment good, soft and non, lungs clear, lungs are clear,
    chest clear, chest is clear, equal round and reactive, round and reactive, full range of motion, gait steady,
    gait is steady, steady gait, pulses palpable, pulses are palpable
    """
)
_ALL_WELL = _WORDS | listed(
    """
    fine good great clear well perfect okay ok negative stable healthy regular soft beautiful excellent alright
    appropriate oriented calm symmetric symmetrical equal round full strong steady no not don't doesn't isn't nothing
    without
    ठीक अच्छा अच्छी साफ नहीं நன்றாக சரியாக இல்லை
    """
)
"""Words of somebody who found nothing wrong."""
_COMPARED = listed("than like as")
"""Words behind which "normal" compares: "more than normal"."""
_CASUAL = listed("good great well okay ok alright no not don't doesn't isn't nothing without ठीक अच्छा नहीं இல்லை")
"""Words that every conversation has: they count beside what the finding is about only."""


@cache
def _phrases() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokens_of(phrase)) for phrase in _PHRASES)


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
    for at, token in enumerate(tokens):
        if token in _WORDS and not _COMPARED.intersection(tokens[max(0, at - 1) : at]):
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
        well = _ALL_WELL.intersection(claim.said.lines[at].tokens)
        if own & well or (well and any(_speaks_of(line, subject) for line in around)):
            return True
        if not subject and well - _CASUAL:
            return True
    return False


def _speaks_of(line: Line, subject: set[str]) -> bool:
    return any(one.term.key in subject for one in line.mentions)


def _subject(claim: Claim, start: int, end: int) -> set[str]:
    """The terms of the same clause, without the words of the finding itself."""
    begin, stop = sentence_around(claim.tokens, start, end, ends=ENDS - {":"})
    return {term.key for term in claim.terms if begin <= term.start < stop and not start <= term.start < end}
