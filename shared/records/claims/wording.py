"""Wording: where a claim repeats what was said word for word, and which negations, sides and numbers stand between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from shared.records.claims.numerals import numerals_of
from shared.records.claims.tokens import SIGNS
from shared.records.languages.lexicon import lexicon


@dataclass(frozen=True)
class Between:
    """What stands between two words that follow each other in a text without its small words."""

    negated: bool
    sides: tuple[str, ...]
    numbers: tuple[Fraction, ...]
    at: int
    """The position of the second word."""


@dataclass
class _Gap:
    negated: bool = False
    sides: tuple[str, ...] = ()
    numbers: tuple[Fraction, ...] = ()


Pair = tuple[str, str]


def pairs_of(tokens: Sequence[str]) -> list[tuple[Pair, Between]]:
    """The words that follow each other, and what stands between them; the first follows the text's beginning."""
    return [
        ((one[0], other[0]), Between(other[1].negated, other[1].sides, other[1].numbers, other[2]))
        for one, other in pairwise([("", _Gap(), -1), *_words(tokens)])
    ]


def _words(tokens: Sequence[str]) -> Iterator[tuple[str, _Gap, int]]:
    sides, negations = lexicon().sides, lexicon().negations
    left_out = lexicon().vocabulary.between
    numbers = {one.start: one for one in numerals_of(tokens)}
    gap, at = _Gap(), 0
    while at < len(tokens):
        token = tokens[at]
        if (number := numbers.get(at)) is not None:
            gap.numbers += (number.value,)
            at = number.end
            continue
        if token in sides.left or token in sides.right:
            gap.sides += ("left" if token in sides.left else "right",)
        elif token in negations.before or token in negations.after:
            gap.negated = True
            base = _base(token)
            if base and base not in left_out:
                yield base, gap, at
                gap = _Gap(negated=True)
        elif token not in SIGNS and token not in left_out:
            yield token, gap, at
            gap = _Gap()
        at += 1


def _base(token: str) -> str:
    """The verb of a contraction that negates, such as "do" of "don't"; empty for any other word."""
    negations = lexicon().negations
    if token in negations.bases:
        return negations.bases[token]
    ending = next((one for one in negations.contracted if token.endswith(one)), "")
    return token.removesuffix(ending) if ending else ""
