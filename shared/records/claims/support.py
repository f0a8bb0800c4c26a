"""Support of a claim by the words that were said, and clinical terms that nobody said."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.terms import Term
from shared.records.claims.tokens import is_number
from shared.records.languages.lexicon import lexicon

LEAST_SUPPORT = 0.34
"""The share of a claim's weight that must have been said near the cited segments."""
_LEAST_WITH_TERM = 0.5
"""The share below which a clinical term that nobody said near them counts."""
_SIMILAR = 0.6
"""What a word with the same beginning counts."""


def support_of(claim: Claim) -> float | None:
    """The weighted share of a claim's terms that were said near the cited segments, 0 to 1; None without terms."""
    total = sum(claim.said.weight(key) for key in claim.keys)
    if not total:
        return None
    here = claim.mentioned_near
    beginnings = {key[:5] for key in here if len(key) >= 5}
    return sum(claim.said.weight(key) * _found(key, here, beginnings) for key in claim.keys) / total


def _found(key: str, here: set[str], beginnings: set[str]) -> float:
    if key in here:
        return 1.0
    return _SIMILAR if len(key) >= 5 and key[:5] in beginnings else 0.0


def support(claim: Claim) -> Iterator[Doubt]:
    """Too little of the claim was said, or a clinical term of it nowhere."""
    share = support_of(claim)
    if share is None:
        return
    major = claim.is_of_risk or _reassures(claim)
    said = claim.mentioned_near
    unsaid = [term for term in claim.terms if term.key not in said]
    if share < LEAST_SUPPORT or _reassures_of_nothing(claim, said):
        words = [term.word for term in unsaid]
        yield Doubt.of(DoubtKind.WORDS_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(claim.cited), major=major)
    nowhere = [term for term in unsaid if term.clinical and term.start not in claim.drugs and _is_nowhere(claim, term)]
    if nowhere and share < _LEAST_WITH_TERM:
        words = [term.word for term in nowhere]
        yield Doubt.of(DoubtKind.TERM_NOT_SAID, words=words, segments=claim.numbers(claim.cited), major=major)


def _reassures(claim: Claim) -> bool:
    """True for a denial, a normal finding or a consent: invented, it hides what nobody asked about or looked for."""
    return bool(claim.denied) or not lexicon().findings.reassuring.isdisjoint(claim.tokens)


def _reassures_of_nothing(claim: Claim, said: set[str]) -> bool:
    """True if what is normal or denied was not said at all there, only the words of a normal finding were."""
    beginnings = {key[:5] for key in said if len(key) >= 5}
    subjects = {term.key for term in claim.terms if term.word not in lexicon().findings.reassuring}
    return bool(subjects) and _reassures(claim) and not any(_found(key, said, beginnings) for key in subjects)


def _is_nowhere(claim: Claim, term: Term) -> bool:
    return term.key not in claim.said.places and not (len(term.key) >= 5 and claim.said.prefixes[term.key[:5]])


def plain(claim: Claim) -> Iterator[Doubt]:
    """Without word lists: no word of three letters or more was said near the cited segments."""
    words = {token for token in claim.tokens if len(token) > 2 and not is_number(token)}
    if words and not any(words & set(line.tokens) for line in claim.lines):
        yield Doubt.of(DoubtKind.WORDS_NOT_IN_EVIDENCE, words=sorted(words), segments=claim.numbers(claim.cited))
