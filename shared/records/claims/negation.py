"""Check of a claim's polarity against what was said: affirmed, denied, or only asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.polarity import Polarity
from shared.records.claims.said import Mention
from shared.records.claims.terms import stem

_NEUTRAL = frozenset({stem("unremarkable")})
"""Terms that are said beside a negation as well as without it."""
_SHORT = 25
"""Tokens of a line that is about one thing."""
_MOST_OPPOSITE = 0.6
"""The share of a claim's weight that may be said with the opposite polarity."""


def negation(claim: Claim) -> Iterator[Doubt]:
    """Terms whose polarity differs from what was said."""
    wrong = _opposed(claim) or _mostly_opposed(claim) or _denied_without_denial(claim) or _aligned(claim)
    if wrong:
        keys = {one.term.key for one in wrong}
        places = [at for at in claim.near if keys & {one.term.key for one in claim.said.lines[at].mentions}]
        segments = claim.numbers(places or claim.cited)
        yield Doubt.of(DoubtKind.NEGATION_DIFFERS, words=[one.term.word for one in wrong], segments=segments)


def _opposed(claim: Claim) -> list[Mention]:
    """Clinical terms that were said with the opposite polarity only."""
    found = []
    for one in claim.mentions:
        if not one.term.clinical or one.polarity is Polarity.ASKED or one.term.key in _NEUTRAL:
            continue
        near = claim.said.polarities(one.term.key, claim.near)
        if not near or one.polarity in near:
            continue
        everywhere = claim.said.polarities(one.term.key, claim.said.places[one.term.key])
        if one.polarity not in everywhere:
            found.append(one)
    return found


def _mostly_opposed(claim: Claim) -> list[Mention]:
    """Terms that the cited lines say with the opposite polarity, if they are most of the claim."""
    opposite, same = [], 0.0
    for one in claim.mentions:
        polarities = {other.polarity for other in claim.heard if other.term.key == one.term.key}
        if one.polarity is Polarity.ASKED or one.term.key in _NEUTRAL:
            continue
        if one.polarity in polarities:
            same += claim.said.weight(one.term.key)
        elif one.polarity.opposite in polarities:
            opposite.append(one)
    against = sum(claim.said.weight(one.term.key) for one in opposite)
    return opposite if against > _MOST_OPPOSITE * (same + against) else []


def _denied_without_denial(claim: Claim) -> list[Mention]:
    """Denied terms of which nothing is denied near the cited lines: no line that is cited negates, or most of their
    weight was affirmed."""
    denied = [one for one in claim.mentions if one.polarity is Polarity.DENIED]
    if not denied:
        return _bare_denial(claim)
    if any(Polarity.DENIED in claim.said.polarities(one.term.key, claim.near) for one in denied):
        return []
    affirmed = [one for one in denied if Polarity.AFFIRMED in claim.said.polarities(one.term.key, claim.near)]
    if not _negates(claim):
        return denied
    weight = sum(claim.said.weight(one.term.key) for one in denied)
    return affirmed if 2 * sum(claim.said.weight(one.term.key) for one in affirmed) > weight else []


def _aligned(claim: Claim) -> list[Mention]:
    """Terms that the cited lines say beside the same other term, and only with the opposite polarity."""
    said: dict[tuple[str, str], set[tuple[Polarity, Polarity]]] = {}
    for one, other in pairwise(claim.heard):
        said.setdefault((one.term.key, other.term.key), set()).add((one.polarity, other.polarity))
    wrong = []
    for pair in pairwise(claim.mentions):
        heard = said.get((pair[0].term.key, pair[1].term.key), set())
        for place, mention in enumerate(pair):
            opposite = mention.polarity.opposite
            if heard and opposite is not Polarity.ASKED and all(one[place] is opposite for one in heard):
                wrong.append(mention)
    return wrong


def _bare_denial(claim: Claim) -> list[Mention]:
    """The terms of a claim that denies something without a term of its own, if no cited line negates."""
    return claim.mentions[:1] if claim.denied and not _negates(claim) else []


def _negates(claim: Claim) -> bool:
    """True if a short cited line negates, or a long one in the stretch that has most of the claim."""
    short = (claim.said.lines[at] for at in claim.cited if len(claim.said.lines[at].tokens) <= _SHORT)
    return any(line.negates for line in short) or any(one.polarity is Polarity.DENIED for one in claim.heard)
