"""Check of a claim's polarity against what was said: affirmed, denied, or only asked."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from shared.records.claims.cessation import is_over, present_again
from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.functions import is_function
from shared.records.claims.line import Mention
from shared.records.claims.polarity import Polarity, clause_around
from shared.records.claims.terms import stem, terms_of
from shared.records.claims.tokens import tokens_of
from shared.records.languages.lexicon import lexicon


@cache
def _courses() -> frozenset[str]:
    return frozenset(
        key for word in lexicon().vocabulary.courses for key in (stem(word), *(one.key for one in terms_of([word])))
    )


@cache
def _neutral() -> frozenset[str]:
    """Terms that are said beside a negation as well as without it: also where something is, or is not."""
    words = lexicon().findings.neutral
    parts = words | lexicon().sides.body
    return frozenset(stem(word) for word in words) | {one.key for part in parts for one in terms_of([part])}


_SHORT = 25
"""Tokens of a line that is about one thing."""
_MOST_OPPOSITE = 0.4
"""The share of a claim's weight that may be said with the opposite polarity."""


def negation(claim: Claim) -> Iterator[Doubt]:
    """Terms whose polarity differs from what was said."""
    wrong = _opposed(claim) or _mostly_opposed(claim) or _denied_without_denial(claim) or _aligned(claim)
    wrong = wrong or present_again(claim)
    if not wrong:
        words = list(_reworded(claim))
        if words:
            yield Doubt.of(DoubtKind.NEGATION_DIFFERS, words=words, segments=claim.numbers(claim.cited))
    if wrong:
        keys = {one.term.key for one in wrong}
        places = [at for at in claim.near if not keys.isdisjoint(claim.said.lines[at].polarities)]
        segments = claim.numbers(places or claim.cited)
        yield Doubt.of(DoubtKind.NEGATION_DIFFERS, words=[one.term.word for one in wrong], segments=segments)


def _opposed(claim: Claim) -> list[Mention]:
    """Clinical terms that were said with the opposite polarity only."""
    found = []
    for one in claim.mentions:
        if (
            not (one.term.clinical or one.term.key in _courses())
            or not one.polarity.is_clear
            or one.term.key in _neutral()
        ):
            continue
        near = claim.said.polarities(one.term.key, claim.near)
        if not near or one.polarity in near or Polarity.UNCLEAR in near:
            continue
        if one.polarity not in claim.said.polarities_anywhere(one.term.key):
            found.append(one)
    return found


def _mostly_opposed(claim: Claim) -> list[Mention]:
    """Terms that the cited lines say with the opposite polarity, if they are most of the claim."""
    opposite, same = [], 0.0
    heard: dict[str, set[Polarity]] = defaultdict(set)
    for other in claim.heard:
        heard[other.term.key].add(other.polarity)
    for one in claim.mentions:
        polarities = heard.get(one.term.key, set())
        if not one.polarity.is_clear:
            continue
        if one.polarity in polarities:
            same += claim.said.weight(one.term.key)
        elif one.term.key in _neutral():
            continue
        elif one.polarity.opposite in polarities and Polarity.UNCLEAR not in polarities:
            opposite.append(one)
    against = sum(claim.said.weight(one.term.key) for one in opposite)
    return opposite if against > _MOST_OPPOSITE * (same + against) else []


def _denied_without_denial(claim: Claim) -> list[Mention]:
    """Denied terms of which nothing is denied near the cited lines: no line that is cited negates, or most of their
    weight was affirmed."""
    denied = [one for one in claim.mentions if one.polarity is Polarity.DENIED]
    if not denied:
        return _bare_denial(claim)
    if any(Polarity.DENIED in _said(claim, one) for one in denied):
        return []
    denied = [one for one in denied if not (is_function(one.term) and Polarity.UNCLEAR in _said(claim, one))]
    denied = [one for one in denied if not is_over(claim, one)]
    affirmed = [one for one in denied if Polarity.AFFIRMED in _said(claim, one)]
    if not _negates(claim):
        return denied
    weight = sum(claim.said.weight(one.term.key) for one in denied)
    return affirmed if 2 * sum(claim.said.weight(one.term.key) for one in affirmed) > weight else []


def _said(claim: Claim, one: Mention) -> set[Polarity]:
    """How the cited lines say a term; if they do not say it clearly, how the lines beside them do."""
    cited = claim.said.polarities(one.term.key, claim.cited)
    return cited if any(polarity.is_clear for polarity in cited) else claim.said.polarities(one.term.key, claim.near)


def _aligned(claim: Claim) -> list[Mention]:
    """Terms that the cited lines say beside the same other term, and only with the opposite polarity."""
    cited = [claim.said.lines[at].beside for at in claim.cited]
    wrong = []
    for pair in pairwise(claim.mentions):
        keys = pair[0].term.key, pair[1].term.key
        heard = {one for beside in cited if keys in beside for one in beside[keys]}
        for place, mention in enumerate(pair):
            opposite = mention.polarity.opposite
            if mention.term.key in _neutral() or not opposite.is_clear:
                continue
            if heard and all(one[place] is opposite for one in heard):
                wrong.append(mention)
    return wrong


def _bare_denial(claim: Claim) -> list[Mention]:
    """The terms of a claim that denies something without a term of its own, if no cited line negates."""
    return claim.mentions[:1] if claim.denied and not _negates(claim) else []


def _negates(claim: Claim) -> bool:
    """True if a short cited line negates, or a long one in the stretch that has most of the claim."""
    short = (claim.said.lines[at] for at in claim.cited if len(claim.said.lines[at].tokens) <= _SHORT)
    return any(line.negates for line in short) or any(one.polarity is Polarity.DENIED for one in claim.heard)


def _reworded(claim: Claim) -> Iterator[str]:
    """Words that the claim repeats from the cited lines with a negation more or less between them."""
    found = claim.repeated
    asked = {pair for pair, each in found.items() if any(between.at in line.asked for line, between in each)}
    said = {pair: [(one.negated, one.at in line.denied) for line, one in each] for pair, each in found.items()}
    for pair, between in claim.pairs:
        heard = said.get(pair, []) if between.at < claim.quoted_until or pair not in asked else []
        if not heard or any(negated is between.negated for negated, _ in heard):
            continue
        if between.at in claim.denied and all(denied for _, denied in heard):
            continue
        yield " ".join(pair)


def other_polarity(claim: Claim) -> Iterator[Doubt]:
    """Of a claim that cites nothing: clinical terms that were only denied, or only affirmed, wherever the same thing
    was said. What was only asked, or not said, is the author's own knowledge."""
    stated = {
        (one.term.key, one.polarity, _beside(claim, one)): one.term.word
        for one in claim.mentions
        if one.term.clinical and one.polarity.is_clear and one.term.key not in _neutral()
    }
    words: list[str] = []
    places: list[int] = []
    for (key, polarity, beside), word in stated.items():
        found = {at: claim.said.polarities(key, [at]) for at in _about(claim, key, beside)}
        heard = {one for polarities in found.values() for one in polarities}
        if polarity.opposite in heard and heard.isdisjoint((polarity, Polarity.UNCLEAR)):
            words.append(word)
            places += [at for at, polarities in found.items() if polarity.opposite in polarities]
    if words:
        yield Doubt.of(DoubtKind.NEGATION_DIFFERS, words=words, segments=claim.numbers(sorted(places)))


def _beside(claim: Claim, one: Mention) -> frozenset[str]:
    """The terms that the claim says of the same thing; of a danger, the term alone."""
    if one.term.key in _risks():
        return frozenset({one.term.key})
    start, end = clause_around(claim.tokens, one.term.start, one.term.end)
    first = bisect_left(claim.terms, start, key=lambda term: term.start)
    last = bisect_left(claim.terms, end, key=lambda term: term.start)
    return frozenset(term.key for term in claim.terms[first:last])


@cache
def _risks() -> frozenset[str]:
    return frozenset(one.key for phrase in lexicon().vocabulary.risks for one in terms_of(tokens_of(phrase)))


def _about(claim: Claim, key: str, beside: frozenset[str]) -> list[int]:
    """The lines with the term, and with most of what the claim says of it: a pain in the knee is none in the back."""
    weights = {other: claim.said.weight(other) for other in beside}
    total = sum(weights.values())
    lines, places = claim.said.lines, sorted(claim.said.places.get(key, ()))
    least = _MOST_OF_CLAUSE * total
    return [at for at in places if sum(weights[other] for other in beside & lines[at].mentioned) > least]


_MOST_OF_CLAUSE = 0.5
"""The share of the weight of a clause that a line about the same thing has."""
