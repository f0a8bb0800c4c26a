"""Check of the words that were heard uncertainly: a statement may tell them as digits, a generic name or a synonym."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.said import Line
from shared.records.claims.tokens import tokens_of
from shared.records.drugs.names import drugs_in
from shared.records.languages.lexicon import lexicon
from shared.records.visits.risky_words import risks_of, telling_words, words_of


def uncertain(claim: Claim) -> Iterator[Doubt]:
    """What the statement has of the words that were heard uncertainly in the segments that it cites."""
    unsure = [(at, _Unsure(claim.said.lines[at])) for at in claim.cited if claim.said.lines[at].uncertain]
    found = {at: one.words_in(claim) for at, one in unsure}
    words = [word for one in found.values() for word in one]
    if words:
        major = _does_harm(claim, words) or any(one.has_fact(claim) for _, one in unsure)
        segments = claim.numbers(at for at, one in found.items() if one)
        ordered = sorted(words, key=lambda word: claim.text.casefold().find(word))
        yield Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=ordered, segments=segments, major=major)


def _does_harm(claim: Claim, words: Sequence[str]) -> bool:
    """True for a number, a unit, a drug, a negation, a sign of danger, or a side."""
    sides = lexicon().sides.left | lexicon().sides.right
    return bool(risks_of(claim.text, words, confidence=1.0)) or not sides.isdisjoint(words)


class _Unsure:
    """What the uncertain words of a line say: by themselves, and as numbers, drugs and clinical terms."""

    def __init__(self, line: Line) -> None:
        self._words = telling_words(line.uncertain)
        places = {at for at, token in enumerate(line.tokens) if token in self._words}
        self._numbers: set[Fraction] = {
            one.said for one in line.quantities if not places.isdisjoint(range(one.start, one.end))
        }
        self._drugs = {drug for at, drug in line.drugs.items() if at in places}
        self._drugs |= set(drugs_in(tokens_of(" ".join(line.uncertain))).values())
        self._terms = {
            one.key for one in line.terms if one.clinical and not places.isdisjoint(range(one.start, one.end))
        }

    def words_in(self, claim: Claim) -> list[str]:
        """The words of the statement that say the same."""
        same = [" ".join(claim.tokens[one.start : one.end]) for one in claim.quantities if one.said in self._numbers]
        same += [claim.tokens[at] for at, drug in claim.drugs.items() if drug in self._drugs]
        same += [one.word for one in claim.terms if one.key in self._terms and one.start not in claim.drugs]
        exact = [word for word in words_of(claim.text) if word in self._words]
        covered = {token for words in same for token in words.split()}
        return list(dict.fromkeys([*(word for word in exact if word not in covered), *same]))

    def has_fact(self, claim: Claim) -> bool:
        """True if the statement has a number or a drug that was heard uncertainly."""
        return any(one.said in self._numbers for one in claim.quantities) or any(
            drug in self._drugs for drug in claim.drugs.values()
        )
