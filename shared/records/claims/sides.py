"""Check of left and right in a claim, beside the same part of the body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.line import Line
from shared.records.claims.sidedness import SidesSaid, any_part, parts_of, sides_in, sides_said
from shared.records.claims.terms import stem, terms_of
from shared.records.claims.tokens import tokens_of
from shared.records.languages.lexicon import lexicon


def sides(claim: Claim) -> Iterator[Doubt]:
    """Sides that were not said of this part of the body near the cited segments."""
    wrong = [*_reworded(claim), *_compared_with_itself(claim)]
    stated = sides_in(claim.tokens)
    about = [_sides_about(claim, claim.said.lines[at]) for at in claim.cited] if stated else []
    for at, side in stated.items():
        parts = parts_of(claim.tokens, at)
        if not parts and claim.tokens[at] in lexicon().sides.also_good:
            continue
        if not _supported(claim, about, side, parts):
            wrong.append(" ".join(claim.tokens[at : at + 2]))
    if wrong:
        yield Doubt.of(DoubtKind.SIDE_NOT_IN_EVIDENCE, words=wrong, segments=claim.numbers(claim.cited))


def _reworded(claim: Claim) -> Iterator[str]:
    """Sides between two words that the cited lines have with the other side between them only."""
    for pair, between in claim.pairs:
        said = {one.sides for _, one in claim.repeated.get(pair, ()) if one.sides}
        if between.sides and said and between.sides not in said:
            yield " ".join((*between.sides, pair[1]))


def _compared_with_itself(claim: Claim) -> Iterator[str]:
    """One side on both ends of a comparison: "left more than left"."""
    compared = lexicon().sides.compared
    for (at, side), (later, other) in pairwise(sorted(sides_in(claim.tokens).items())):
        if side == other and later - at <= _COMPARED and not compared.isdisjoint(claim.tokens[at:later]):
            yield " ".join(claim.tokens[at : later + 1])


_COMPARED = 5
"""Tokens between the sides of a comparison."""


def _supported(claim: Claim, about: Sequence[SidesSaid], side: str, parts: set[str]) -> bool:
    """True if the cited lines say the side where they speak `about` the claim; if they say none of this part, if the
    visit does, if they say it of the same limb, or one beside them says it."""
    other = "left" if side == "right" else "right"
    if any(one.has(side, parts) for one in about):
        return True
    if any(one.has(other, parts) for one in about):
        return False
    if _is_main_side(claim, side, parts):
        return True
    limb, cited = _limb(parts), (claim.said.lines[at] for at in claim.cited)
    return any(line.sides.has(side, limb) for line in cited) or any(line.sides.has(side, parts) for line in claim.lines)


def _sides_about(claim: Claim, line: Line) -> SidesSaid:
    """The sides that a line says; of a long one, those in the stretch that has most of the claim."""
    stretch = claim.stretch_of(line) if line.is_long else []
    if not stretch:
        return line.sides
    return sides_said(line.tokens[max(0, stretch[0].term.start - _AROUND) : stretch[-1].term.end + _AROUND])


_AROUND = 4
"""Tokens around a stretch."""
_FAR_MORE = 3
"""Mentions of the main side for one of the other."""


def _is_main_side(claim: Claim, side: str, parts: set[str]) -> bool:
    """True if the visit says this side of the part, or else of its limb, far more often than the other: it need not be
    repeated."""
    said = _sides_of(claim, parts - any_part()) or _sides_of(claim, _limb(parts))
    return said[side] > _FAR_MORE * (said.total() - said[side])


def _sides_of(claim: Claim, parts: Iterable[str]) -> Counter[str]:
    """How often the visit says each side of these parts."""
    found = Counter[str]()
    for part in parts:
        found.update(claim.said.sides_of.get(part, Counter[str]()))
    return found


def _limb(parts: set[str]) -> set[str]:
    """The parts, and the others of the same limb."""
    return parts.union(*(region for region in _regions() if not parts.isdisjoint(region)))


@cache
def _regions() -> tuple[frozenset[str], ...]:
    """The parts of one limb: who speaks of the right hand speaks of its fingers."""
    words = (tokens_of(region) for region in lexicon().sides.regions)
    return tuple(
        frozenset(stem(one) for one in region) | {one.key for word in region for one in terms_of([word])}
        for region in words
    )


def other_sides(claim: Claim) -> Iterator[Doubt]:
    """Of a claim that cites nothing: sides that were nowhere said of this part of the body, while the other one was."""
    words, places = [], []
    for at, side in sides_in(claim.tokens).items():
        parts = parts_of(claim.tokens, at) - any_part()
        other = "left" if side == "right" else "right"
        lines = claim.said.lines
        found = [place for place, line in enumerate(lines) if not parts.isdisjoint(line.sides.parts.get(other, ()))]
        if found and not any(line.sides.has(side, parts) for line in lines):
            words.append(" ".join(claim.tokens[at : at + 2]))
            places += found
    if words:
        yield Doubt.of(DoubtKind.SIDE_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(places))
