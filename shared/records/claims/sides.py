"""Check of left and right in a claim, beside the same part of the body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.terms import stem, terms_of
from shared.records.claims.wording import Pair
from shared.records.languages.lexicon import lexicon

_BESIDE = 3
"""Tokens between a side and its part of the body in a claim."""
_WITHIN = 8
"""Words between a side and its part of the body where it was said."""
_SHORT = 14
"""Tokens of an answer that need not repeat the part."""


def sides(claim: Claim) -> Iterator[Doubt]:
    """Sides that were not said of this part of the body near the cited segments."""
    wrong = list(_reworded(claim))
    for at, side in _sides_in(claim.tokens).items():
        parts = _parts_near(claim.tokens, at, _BESIDE)
        if not parts and claim.tokens[at] in lexicon().sides.also_good:
            continue
        if not _supported(claim, side, parts):
            wrong.append(" ".join(claim.tokens[at : at + 2]))
    if wrong:
        yield Doubt.of(DoubtKind.SIDE_NOT_IN_EVIDENCE, words=wrong, segments=claim.numbers(claim.cited))


def _reworded(claim: Claim) -> Iterator[str]:
    """Sides between two words that the cited lines have with the other side between them only."""
    said: dict[Pair, set[tuple[str, ...]]] = {}
    for at in claim.cited:
        for pair, between in claim.said.lines[at].pairs:
            if between.sides:
                said.setdefault(pair, set()).add(between.sides)
    for pair, between in claim.pairs:
        if between.sides and between.sides not in said.get(pair, {between.sides}):
            yield " ".join((*between.sides, pair[1]))


def _supported(claim: Claim, side: str, parts: set[str]) -> bool:
    """True if the cited lines say the side; if they say none of this part, if one beside them does."""
    cited = [claim.said.lines[at] for at in claim.cited]
    if any(_is_said(line.tokens, side, parts) for line in cited):
        return True
    other = "left" if side == "right" else "right"
    if any(_is_said(line.tokens, other, parts) for line in cited):
        return False
    return any(_is_said(line.tokens, side, parts) for line in claim.lines)


def _sides_in(tokens: Sequence[str]) -> dict[int, str]:
    words = lexicon().sides
    found = {at: "left" for at, token in enumerate(tokens) if token in words.left}
    found |= {at: "right" for at, token in enumerate(tokens) if token in words.right}
    return {at: side for at, side in found.items() if not _is_verb(tokens, at)}


def _is_verb(tokens: Sequence[str], at: int) -> bool:
    """True for "left the house", "right now" and "all right": they are no sides."""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    words = lexicon().sides
    if following in words.no_side_before:
        return True
    before = tokens[at - 1] if at else ""
    return tokens[at] in words.also_good and before not in words.determiners and not _names_part(tokens, at)


def _names_part(tokens: Sequence[str], at: int) -> bool:
    return any(stem(token) in _body() for token in tokens[at + 1 : at + 4])


@cache
def _any_part() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().sides.any_part)


@cache
def _body() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().sides.body)


def _parts_near(tokens: Sequence[str], at: int, most: int) -> set[str]:
    """The parts of the body beside a side, as concepts."""
    around = list(tokens[max(0, at - most) : at + most + 1])
    raw = {stem(token) for token in around if stem(token) in _body()}
    return raw | {one.key for one in terms_of(around) if any(stem(word) in _body() for word in one.word.split())}


def _is_said(tokens: Sequence[str], side: str, parts: set[str]) -> bool:
    """True if the line has the side, or both, beside one of the parts; or no part at all, as in an answer."""
    words = lexicon().sides
    said = {at for at, one in _sides_in(tokens).items() if one == side}
    said |= {at for at, token in enumerate(tokens) if token in words.both}
    if not parts or parts <= _any_part():
        return bool(said)
    for at in said:
        found = _parts_near(tokens, at, _WITHIN)
        if found & parts or (not found - _any_part() and len(tokens) <= _SHORT):
            return True
    return False


def other_sides(claim: Claim) -> Iterator[Doubt]:
    """Of a claim that cites nothing: sides that were nowhere said of this part of the body, while the other one was."""
    words, places = [], []
    for at, side in _sides_in(claim.tokens).items():
        parts = _parts_near(claim.tokens, at, _BESIDE) - _any_part()
        other = "left" if side == "right" else "right"
        lines = list(enumerate(claim.said.lines))
        found = [place for place, line in lines if parts and _names_side(line.tokens, other, parts)]
        if found and not any(_is_said(line.tokens, side, parts) for _, line in lines):
            words.append(" ".join(claim.tokens[at : at + 2]))
            places += found
    if words:
        yield Doubt.of(DoubtKind.SIDE_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(places))


def _names_side(tokens: Sequence[str], side: str, parts: set[str]) -> bool:
    """True if the line has the side beside one of these parts."""
    return any(_parts_near(tokens, at, _BESIDE) & parts for at, one in _sides_in(tokens).items() if one == side)
