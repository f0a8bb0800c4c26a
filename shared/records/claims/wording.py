"""Wording: where a claim repeats what was said word for word, and which negations, sides and numbers stand between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from shared.records.claims.numerals import numerals_of
from shared.records.claims.scope import is_answering
from shared.records.claims.sidedness import sides_in
from shared.records.claims.tokens import ENDS, SIGNS
from shared.records.languages.lexicon import lexicon


class Between(NamedTuple):
    """What stands between two words that follow each other in a text without its small words."""

    negated: bool
    sides: tuple[str, ...]
    numbers: tuple[Fraction, ...]
    at: int
    """The position of the second word."""
    single: bool = False
    """True if "a" stands between, which may mean one."""


@dataclass
class _Gap:
    negated: bool = False
    sides: tuple[str, ...] = ()
    numbers: tuple[Fraction, ...] = ()
    single: bool = False


Pair = tuple[str, str]
_END = "."
"""The second word of a pair at the end of a sentence, which only numbers have: the first one is then two words."""


def pairs_of(tokens: Sequence[str]) -> list[tuple[Pair, Between]]:
    """The words that follow each other, and what stands between them; the first follows the text's beginning."""
    words = [("", _Gap(), -1), *_words(tokens)]
    found = []
    for place, (one, other) in enumerate(pairwise(words)):
        gap, ends = other[1], other[0] == _END
        first = f"{words[place - 1][0]} {one[0]}" if ends and place > 1 else one[0].strip(_END)
        if not ends or (gap.numbers and first):
            found.append(((first, other[0]), Between(gap.negated, gap.sides, gap.numbers, other[2], gap.single)))
    return found


def _words(tokens: Sequence[str]) -> Iterator[tuple[str, _Gap, int]]:
    sides, negations, single = sides_in(tokens), lexicon().negations, lexicon().measures.one
    left_out = lexicon().vocabulary.between
    numbers = {one.start: one for one in numerals_of(tokens)}
    before, after, begins = negations.before, negations.after, True
    gap, at, end = _Gap(), 0, len(tokens)
    while at <= end:
        token = tokens[at] if at < end else _END
        if (number := numbers.get(at)) is not None:
            gap.numbers += (number.value,)
            at = number.end
            continue
        gap.single = gap.single or token in single
        if at in sides:
            gap.sides += (sides[at],)
        elif token in before or token in after:
            base = _base(token)
            if base and base not in left_out:
                yield base, gap, at
                gap = _Gap()
            gap.negated = gap.negated or not (begins and is_answering(tokens, at, end))
            begins = False
        elif token in ENDS:
            yield _END, gap, at
            gap = _Gap()
        elif token not in SIGNS and token not in left_out:
            yield token, gap, at
            gap, begins = _Gap(), False
        begins = begins or token in ENDS
        at += 1


def _base(token: str) -> str:
    """The verb of a contraction that negates, such as "do" of "don't"; empty for any other word."""
    negations = lexicon().negations
    if token in negations.bases:
        return negations.bases[token]
    ending = next((one for one in negations.contracted if token.endswith(one)), "")
    return token.removesuffix(ending) if ending else ""
