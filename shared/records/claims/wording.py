"""Wording: where a claim repeats what was said word for word, and which negations, sides and numbers stand between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from shared.records.claims.lexicon import lexicon
from shared.records.claims.numerals import numerals_of
from shared.records.claims.tokens import SIGNS
from shared.records.claims.wordlists import listed

_LEFT_OUT = listed(
    """
    i he she it we you they me him her us them my your his its our their the a an this that these those there
    i'm i've i'd i'll it's he's she's we're we've they're they've they'd you're you've that's there's
    is are am was were be been being uh um er erm ah oh mm hmm okay ok well so like just yeah yes patient pt reports
    reported states stated
    """
)
_BASES = {"can't": "can", "cannot": "can", "won't": "will", "ain't": ""}


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
    words = lexicon()
    numbers = {one.start: one for one in numerals_of(tokens)}
    gap, at = _Gap(), 0
    while at < len(tokens):
        token = tokens[at]
        if (number := numbers.get(at)) is not None:
            gap.numbers += (number.value,)
            at = number.end
            continue
        if token in words.left or token in words.right:
            gap.sides += ("left" if token in words.left else "right",)
        elif token in words.negations or token in words.negations_after:
            gap.negated = True
            base = _BASES.get(token, token.removesuffix("n't") if token.endswith("n't") else "")
            if base and base not in _LEFT_OUT:
                yield base, gap, at
                gap = _Gap(negated=True)
        elif token not in SIGNS and token not in _LEFT_OUT:
            yield token, gap, at
            gap = _Gap()
        at += 1
