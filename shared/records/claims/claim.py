"""A claim: one statement, indexed once for all checks, with the lines that it cites."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from shared.records.claims.answers import answer_of
from shared.records.claims.line import Line, Mention
from shared.records.claims.polarity import Polarity, Sentence, sentences_of, takes_for_granted
from shared.records.claims.quantities import claimed, quantities_of
from shared.records.claims.quantity import Heard, Quantity
from shared.records.claims.said import Said
from shared.records.claims.scope import ceased_positions, denied_positions, vague_positions
from shared.records.claims.terms import Term, terms_of
from shared.records.claims.tokens import tokens_of
from shared.records.claims.wording import Between, Pair, pairs_of
from shared.records.drugs.names import drugs_in
from shared.records.languages.lexicon import lexicon
from shared.records.visits.risky_words import words_of

_LIST_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[•*-])\s+(?=\D)|(?<=[.;])\s+\d{1,2}[.)](?=\s+[^\W\d]|\s*$)")
"""Numbers of lists before their items, and behind the item before."""


@dataclass(frozen=True)
class Claim:
    """A statement with the positions, in what was said, of the lines that it cites."""

    text: str
    said: Said
    cited: tuple[int, ...]

    @cached_property
    def tokens(self) -> list[str]:
        return tokens_of(_LIST_NUMBER.sub(" ", self.text))

    @cached_property
    def pairs(self) -> list[tuple[Pair, Between]]:
        return pairs_of(self.tokens)

    @cached_property
    def terms(self) -> list[Term]:
        return terms_of(self.tokens, note=True)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of its terms."""
        return frozenset(term.key for term in self.terms)

    @cached_property
    def words(self) -> list[str]:
        return words_of(self.text)

    @cached_property
    def repeated(self) -> Mapping[Pair, list[tuple[Line, Between]]]:
        """By the pairs of words that the claim has from a cited line: what stands between them there."""
        own = frozenset(pair for pair, _ in self.pairs)
        found: dict[Pair, list[tuple[Line, Between]]] = {}
        for line in (self.said.lines[at] for at in self.cited):
            for pair in own & line.repeatable.keys():
                found.setdefault(pair, []).extend((line, between) for between in line.repeatable[pair])
        return found

    @cached_property
    def quantities(self) -> list[Quantity]:
        return claimed(quantities_of(self.tokens))

    @cached_property
    def drugs(self) -> dict[int, str]:
        return drugs_in(self.tokens)

    @cached_property
    def denied(self) -> set[int]:
        """The positions of tokens that the statement denies."""
        return {at for one in self._sentences for at in denied_positions(self.tokens, one, _LONGEST_LIST)}

    @cached_property
    def _sentences(self) -> list[Sentence]:
        return sentences_of(self.tokens)

    @cached_property
    def _vague(self) -> set[int]:
        found: set[int] = set()
        for one in self._sentences:
            denied = {at for at in self.denied if one.start <= at < one.end}
            found |= vague_positions(self.tokens, one, denied) if denied else set()
            found |= ceased_positions(self.tokens, one)
        return found

    @cached_property
    def mentions(self) -> list[Mention]:
        """The terms with their polarity; those of a quoted question take that of the quoted answer."""
        return [Mention(term, self._polarity(term)) for term in self.terms]

    def _polarity(self, term: Term) -> Polarity:
        denied = Polarity.DENIED if term.start in self.denied else Polarity.AFFIRMED
        if term.start in self._vague:
            return Polarity.UNCLEAR
        if term.start >= self.quoted_until:
            return denied
        if takes_for_granted(self.tokens, Sentence(1, self.quoted_until, asks=True)):
            return Polarity.UNCLEAR
        return Polarity.DENIED if self._answer is Polarity.AFFIRMED is not denied else self._answer

    @cached_property
    def quoted_until(self) -> int:
        """The position of the colon behind a quoted question; 0 if there is none."""
        return (
            self.tokens.index(":")
            if lexicon().questions.quoting.intersection(self.tokens[:1]) and ":" in self.tokens
            else 0
        )

    @cached_property
    def _answer(self) -> Polarity:
        return answer_of(self.tokens[self.quoted_until + 1 :])

    @cached_property
    def near(self) -> list[int]:
        """The positions of the cited lines and two beside them."""
        return self.said.near(self.cited)

    @cached_property
    def exchanged(self) -> tuple[int, ...]:
        """The positions of the cited lines, and of the questions that they answer."""
        asked = {question for at in self.cited for question in self.said.lines[at].answers}
        return tuple(sorted(asked.union(self.cited)))

    @cached_property
    def numbers_near(self) -> Heard:
        """The quantities in the cited lines and two beside them."""
        return Heard.together(line.heard for line in self.lines)

    @cached_property
    def mentioned_near(self) -> set[str]:
        """The keys of what the cited lines and two beside them mention."""
        return set().union(*(line.mentioned for line in self.lines))

    @cached_property
    def lines(self) -> list[Line]:
        return [self.said.lines[at] for at in self.near]

    @cached_property
    def is_of_risk(self) -> bool:
        """True if the statement speaks of a danger."""
        joined = " ".join(self.tokens)
        return any(risk in joined for risk in lexicon().vocabulary.risks) or any(
            one.key == "suicid" for one in self.terms
        )

    def numbers(self, positions: Iterable[int]) -> list[int]:
        """The numbers of segments at these positions; notes have none."""
        return [number for at in positions if (number := self.said.lines[at].number)]

    @cached_property
    def heard(self) -> list[Mention]:
        """The mentions in the cited lines; of a long line those in the stretch that has most of the claim."""
        return [one for at in self.exchanged for one in self.stretch_of(self.said.lines[at])]

    def stretch_of(self, line: Line) -> list[Mention]:
        """The mentions of a line in the stretch that has most of the claim."""
        if self.keys.isdisjoint(line.mentioned):
            return []
        return _densest(line.mentions, self.keys, self.said.weight)


def _densest(mentions: list[Mention], keys: frozenset[str], weight: Callable[[str], float]) -> list[Mention]:
    """The mentions in the stretch that has most of the keys."""
    best: list[Mention] = []
    most, starts = 0.0, [one.term.start for one in mentions]
    for at, first in enumerate(mentions):
        if first.term.key not in keys:
            continue
        inside = mentions[at : bisect_left(starts, starts[at] + _STRETCH, lo=at)]
        found = sum(weight(key) for key in keys & {one.term.key for one in inside})
        if found > most:
            best, most = inside, found
    return best


_STRETCH = 30
"""Tokens."""
_LONGEST_LIST = 40
"""Tokens for which one negation of a statement holds: "denies" stands before long lists."""
