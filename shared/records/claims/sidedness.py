"""Left and right in tokens, and the parts of the body that they belong to. Pure, linear in the tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from shared.records.claims.terms import stem, terms_of
from shared.records.claims.tokens import ENDS, SIGNS
from shared.records.languages.lexicon import lexicon

_BESIDE = 4
"""Tokens behind a side in which its part of the body stands."""
_WITHIN = 8
"""Tokens before or behind a side in which its part stands otherwise: "the knee hurts, the left one"."""
_BRACKETS = frozenset("()")
_APART = 3
"""Tokens between "or" and the side before or behind it."""
_SHORT = 14
"""Tokens of an answer that need not repeat the part."""


@dataclass(frozen=True)
class SidesSaid:
    """By left and right: the parts of the body that were said of it, as concepts."""

    parts: Mapping[str, set[str]]
    bare: frozenset[str]
    """The sides that a short line says of no part, as an answer does: they may be of any."""

    def has(self, side: str, parts: set[str]) -> bool:
        """True if the side was said of one of the parts; of any, if none of them is a part of its own."""
        if not parts or parts <= any_part():
            return side in self.parts
        return side in self.bare or not parts.isdisjoint(self.parts.get(side, ()))


def sides_said(tokens: Sequence[str], *, chooses: bool = False) -> SidesSaid:
    """The sides of a line; "both" is left and right, and "left or right" neither. A line that `chooses` answers which
    one it is, and may say only "right"."""
    words = lexicon().sides
    found: dict[str, set[str]] = {}
    bare = set()
    both = {at: ("left", "right") for at, token in enumerate(tokens) if token in words.both}
    single = {at: (side,) for at, side in sides_in(tokens, chosen=chooses).items() if not _is_alternative(tokens, at)}
    for at, sides in {**single, **both}.items():
        parts = parts_of(tokens, at)
        for side in sides:
            found.setdefault(side, set()).update(parts)
            if not parts - any_part() and len(tokens) <= _SHORT:
                bare.add(side)
    return SidesSaid(found, frozenset(bare))


def sides_in(tokens: Sequence[str], *, chosen: bool = False) -> dict[int, str]:
    """By position: the sides. The first word of a text that names what was `chosen` is one by itself."""
    words = lexicon().sides
    found = {at: "left" for at, token in enumerate(tokens) if token in words.left}
    found |= {at: "right" for at, token in enumerate(tokens) if token in words.right}
    return {at: side for at, side in found.items() if (chosen and not at) or not _is_verb(tokens, at)}


def asks_for_side(tokens: Sequence[str]) -> bool:
    """True for "which knee?", "which side?" and "left or right?"."""
    words = lexicon().sides
    which = (at for at, token in enumerate(tokens) if token in words.which)
    return any(_names_part(tokens, at) for at in which) or any(_is_alternative(tokens, at) for at in sides_in(tokens))


def _is_alternative(tokens: Sequence[str], at: int) -> bool:
    """True for both sides of "left or right": somebody asks which one it is."""
    words = lexicon().sides
    other = words.right if tokens[at] in words.left else words.left
    alternatives = lexicon().questions.alternatives
    return any(
        tokens[place] in alternatives and not other.isdisjoint(tokens[max(0, place - _APART) : place + _APART + 1])
        for place in range(max(0, at - _APART), min(len(tokens), at + _APART + 1))
    )


def _is_verb(tokens: Sequence[str], at: int) -> bool:
    """True for "left the house", "has left nursing", "right now" and "all right": they are no sides."""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    words = lexicon().sides
    if tokens[at - 1 : at] and tokens[at - 1] in words.leaving and not _names_part(tokens, at):
        return True
    joins = following in lexicon().clauses.joins and not (words.left | words.right).isdisjoint(tokens[at + 2 : at + 3])
    if following in words.no_side_before and not joins:
        return True
    before = tokens[at - 1] if at else ""
    return tokens[at] in words.also_good and before not in words.determiners and not _names_part(tokens, at)


def _names_part(tokens: Sequence[str], at: int) -> bool:
    """True if a part of the body follows at once; behind a comma, as in "right, your knee", it is another thing."""
    for token in tokens[at + 1 : at + 4]:
        if stem(token) in _body():
            return True
        if token in SIGNS and token not in _BRACKETS:
            return False
    return False


@cache
def any_part() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().sides.any_part)


@cache
def _body() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().sides.body)


def parts_of(tokens: Sequence[str], at: int) -> set[str]:
    """The parts of the body that a side belongs to, as concepts: those that follow at once, or else the last ones
    before it, or else the next ones."""
    following, preceding = _parts_in(tokens, *_following(tokens, at, _BESIDE)), _preceding(tokens, at, _WITHIN)
    if following - any_part():
        return following
    return following | _parts_in(tokens, *preceding) or _parts_in(tokens, at + 1, _end_of_clause(tokens, at))


def _end_of_clause(tokens: Sequence[str], at: int) -> int:
    """Where the stretch behind a side ends that may still speak of it."""
    ends, most = (ENDS - {":"}) | lexicon().clauses.joins, min(len(tokens), at + 1 + _WITHIN)
    return next((end for end in range(at + 1, most) if tokens[end] in ends), most)


def _following(tokens: Sequence[str], at: int, most: int) -> tuple[int, int]:
    """The stretch behind a side up to a sign or another side; of "left and right knee" past the second one."""
    words = lexicon().sides
    end = at + 1
    while end < len(tokens) and end <= at + most:
        token = tokens[end]
        if token in (words.left | words.right) and tokens[end - 1] in lexicon().clauses.joins and end == at + 2:
            most += 2
        elif token in (words.left | words.right) or (token in SIGNS and token not in _BRACKETS):
            break
        end += 1
    return at + 1, end


def _preceding(tokens: Sequence[str], at: int, most: int) -> tuple[int, int]:
    """The stretch before a side from another side, or the end of a sentence, on; of "more on the left than on the
    right" past the first one."""
    words = lexicon().sides
    start, compared = at, False
    while start > max(0, at - most - compared * most) and tokens[start - 1] not in ENDS:
        compared = compared or tokens[start - 1] in words.compared
        if tokens[start - 1] in words.left | words.right and not compared:
            break
        start -= 1
    return start, at


def _parts_in(tokens: Sequence[str], start: int, end: int) -> set[str]:
    around = list(tokens[start:end])
    raw = {stem(token) for token in around if stem(token) in _body()}
    return raw | {one.key for one in terms_of(around) if any(stem(word) in _body() for word in one.word.split())}
