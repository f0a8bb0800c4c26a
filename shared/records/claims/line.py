"""A line: one segment or note, indexed once for all checks. What several checks ask of it is made once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from shared.records.claims.answers import answer_of
from shared.records.claims.exchange import adds_nothing
from shared.records.claims.polarity import Polarity, Sentence
from shared.records.claims.quantity import Heard, Quantity
from shared.records.claims.sidedness import SidesSaid, sides_said
from shared.records.claims.terms import Term, terms_of
from shared.records.claims.unsure import Unsure
from shared.records.claims.wording import Between, Pair, pairs_of
from shared.records.visits.speech import Speaker

_LONG = 60
"""Tokens of a line that speaks of several things."""


class Mention(NamedTuple):
    """A term where it was said."""

    term: Term
    polarity: Polarity


@dataclass
class Line:
    """One segment, or one note."""

    number: int
    """The segment's number; 0 for a note."""
    text: str
    speaker: Speaker
    tokens: list[str]
    uncertain: list[str] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    drugs: dict[int, str] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    negates: bool = False
    denied: set[int] = field(default_factory=set)
    """The positions of tokens for which a negation holds."""
    answers: set[int] = field(default_factory=set)
    """The positions of the lines whose question this line answers."""
    ceased: set[str] = field(default_factory=set)
    """The terms, as keys, that somebody gave up: also those of a question that "I quit" answers."""
    chooses_side: bool = False
    """True if the line before it asks which side it is."""
    asked: set[int] = field(default_factory=set)
    """The positions of tokens of questions."""

    @property
    def is_long(self) -> bool:
        """True if it speaks of several things."""
        return len(self.tokens) > _LONG

    @cached_property
    def terms(self) -> list[Term]:
        return terms_of(self.tokens)

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.terms)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The keys of what is mentioned."""
        return frozenset(one.term.key for one in self.mentions)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that are long enough to be a misspelt name of a drug."""
        return frozenset(token for token in self.tokens if len(token) > 4)

    @cached_property
    def heard(self) -> Heard:
        return Heard(self.quantities)

    @cached_property
    def unsure(self) -> Unsure:
        """What its uncertain words say."""
        return Unsure(self.uncertain, self.tokens, self.quantities, self.drugs, self.terms)

    @cached_property
    def reply(self) -> Polarity:
        """What it says to a question before it."""
        return answer_of(self.tokens)

    @cached_property
    def adds_nothing(self) -> bool:
        return adds_nothing(self.tokens, self.sentences)

    @cached_property
    def pairs(self) -> list[tuple[Pair, Between]]:
        """The words that follow each other, with what stands between them."""
        return pairs_of(self.tokens)

    @cached_property
    def repeatable(self) -> Mapping[Pair, list[Between]]:
        """By a pair of words that follow each other: what stands between them."""
        found: dict[Pair, list[Between]] = defaultdict(list)
        for pair, between in self.pairs:
            found[pair].append(between)
        return found

    @cached_property
    def beside(self) -> Mapping[tuple[str, str], set[tuple[Polarity, Polarity]]]:
        """By two terms that are mentioned one after the other: how each is said."""
        found: dict[tuple[str, str], set[tuple[Polarity, Polarity]]] = defaultdict(set)
        for one, other in pairwise(self.mentions):
            if one.term.key != other.term.key:
                found[one.term.key, other.term.key].add((one.polarity, other.polarity))
        return found

    @cached_property
    def polarities(self) -> Mapping[str, set[Polarity]]:
        """By a term: how it is said."""
        found: dict[str, set[Polarity]] = defaultdict(set)
        for one in self.mentions:
            found[one.term.key].add(one.polarity)
        return found

    @cached_property
    def sides(self) -> SidesSaid:
        """Left and right, with the parts of the body that they are said of."""
        return sides_said(self.tokens, chooses=self.chooses_side)

    @property
    def is_from_practitioner(self) -> bool:
        return self.speaker == Speaker.PRACTITIONER
