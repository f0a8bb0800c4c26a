"""Check of the words that were heard uncertainly: a statement may tell them as digits, a generic name or a synonym."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.unsure import Unsure
from shared.records.languages.lexicon import lexicon
from shared.records.visits.risky_words import risks_of


def uncertain(claim: Claim) -> Iterator[Doubt]:
    """What the statement has of the words that were heard uncertainly in the segments that it cites."""
    unsure = [(at, claim.said.lines[at].unsure) for at in claim.cited if claim.said.lines[at].uncertain]
    found = {at: _words_in(claim, one) for at, one in unsure}
    words = [word for one in found.values() for word in one]
    if words:
        major = _does_harm(claim, words) or any(_has_fact(claim, one) for _, one in unsure)
        segments = claim.numbers(at for at, one in found.items() if one)
        ordered = sorted(words, key=lambda word: claim.text.casefold().find(word))
        yield Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=ordered, segments=segments, major=major)


def _does_harm(claim: Claim, words: Sequence[str]) -> bool:
    """True for a number, a unit, a drug, a negation, a sign of danger, or a side."""
    sides = lexicon().sides.left | lexicon().sides.right
    return bool(risks_of(claim.text, words, confidence=1.0)) or not sides.isdisjoint(words)


def _words_in(claim: Claim, unsure: Unsure) -> list[str]:
    """The words of the statement that say the same."""
    quantities = claim.quantities if unsure.numbers else []
    same = [" ".join(claim.tokens[one.start : one.end]) for one in quantities if one.said in unsure.numbers]
    same += [claim.tokens[at] for at, drug in claim.drugs.items() if drug in unsure.drugs]
    if not unsure.terms.isdisjoint(claim.keys):
        same += [one.word for one in claim.terms if one.key in unsure.terms and one.start not in claim.drugs]
    exact = [] if unsure.words.isdisjoint(claim.words) else [word for word in claim.words if word in unsure.words]
    covered = {token for words in same for token in words.split()}
    return list(dict.fromkeys([*(word for word in exact if word not in covered), *same]))


def _has_fact(claim: Claim, unsure: Unsure) -> bool:
    """True if the statement has a number or a drug that was heard uncertainly."""
    return any(one.said in unsure.numbers for one in claim.quantities) or any(
        drug in unsure.drugs for drug in claim.drugs.values()
    )
