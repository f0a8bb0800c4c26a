"""What was said, indexed once for all checks: tokens, quantities, medicines, and terms with their polarity."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Protocol

from shared.records.claims.answers import answer_of, says_ceased
from shared.records.claims.dosing import of_drug
from shared.records.claims.exchange import adds_nothing, question_in
from shared.records.claims.functions import is_well
from shared.records.claims.hearing import heard_too
from shared.records.claims.polarity import Polarity, Sentence, sentences_of
from shared.records.claims.quantities import quantities_of
from shared.records.claims.quantity import Heard, Quantity
from shared.records.claims.scope import ceased_positions, denied_positions, vague_positions
from shared.records.claims.sidedness import SidesSaid, asks_for_side, sides_said
from shared.records.claims.terms import Term, terms_of
from shared.records.claims.tokens import tokens_of
from shared.records.claims.wording import Between, Pair, pairs_of
from shared.records.drugs.names import drugs_in
from shared.records.visits.speech import Speaker

_BEFORE, _AFTER = 2, 3
"""Segments around the mention of a drug in which its dose is said."""


class Spoken(Protocol):
    """A segment of a transcript."""

    @property
    def number(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def speaker(self) -> Speaker: ...
    @property
    def uncertain_words(self) -> list[str]: ...


@dataclass(frozen=True)
class Mention:
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

    @cached_property
    def terms(self) -> list[Term]:
        return terms_of(self.tokens)

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.terms)

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


class Said:
    """The lines of a visit, and where each term, medicine and number stands in them."""

    def __init__(self, segments: Iterable[Spoken], notes: Iterable[str] = ()) -> None:
        self.lines = [_line(one.number, one.text, one.speaker, one.uncertain_words) for one in segments]
        self.spoken = len(self.lines)
        self.lines += [_line(0, text, Speaker.PRACTITIONER, []) for text in notes]
        self._spoken_lines = self.lines[: self.spoken]
        self.index = {line.number: at for at, line in enumerate(self.lines[: self.spoken])}
        for at in range(len(self.lines)):
            self._resolve(at)
        for line in self.lines:
            self._decide(line)
        for at in range(len(self.lines)):
            self.lines[at].chooses_side = 0 < at < self.spoken and asks_for_side(self.lines[at - 1].tokens)
        self.places: dict[str, set[int]] = defaultdict(set)
        for at, line in enumerate(self.lines):
            for mention in line.mentions:
                self.places[mention.term.key].add(at)
        self.places_of_drugs: dict[str, list[int]] = defaultdict(list)
        for at, line in enumerate(self.lines):
            for drug in set(line.drugs.values()):
                self.places_of_drugs[drug].append(at)
        self._anywhere: dict[str, set[Polarity]] = {}
        self._said_of: dict[str, Heard] = {}
        self.prefixes: Counter[str] = Counter(key[:5] for key in self.places if len(key) >= 5)

    def weight(self, key: str) -> float:
        """How much a term tells: rare ones more."""
        frequency = len(self.places.get(key, ()))
        return log(1 + len(self.lines) / (1 + frequency)) if self.lines else 1.0

    def said_of(self, drug: str) -> Heard:
        """The numbers that were said of a drug, in the lines around those that name it."""
        if drug not in self._said_of:
            lines = (self.lines[at] for at in self.near(self.places_of_drugs.get(drug, ()), _BEFORE, _AFTER))
            self._said_of[drug] = Heard(one for line in lines for one in of_drug(drug, line.quantities, line.drugs))
        return self._said_of[drug]

    def near(self, cited: Iterable[int], before: int = 2, after: int = 2) -> list[int]:
        """The positions of cited lines and of the segments beside them."""
        found: set[int] = set()
        for at in cited:
            if at >= self.spoken:
                found.add(at)
            else:
                found.update(range(max(0, at - before), min(self.spoken, at + after + 1)))
        return sorted(found)

    @cached_property
    def sides_of(self) -> Mapping[str, Counter[str]]:
        """By a part of the body: in how many lines a side of it was said."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for line in self.lines:
            for side, parts in line.sides.parts.items():
                for part in parts:
                    found[part][side] += 1
        return found

    def polarities(self, key: str, positions: Iterable[int]) -> set[Polarity]:
        """How a term is said in these lines."""
        return set().union(*(self.lines[at].polarities.get(key, ()) for at in positions))

    def polarities_anywhere(self, key: str) -> set[Polarity]:
        """How a term is said in all lines."""
        if key not in self._anywhere:
            self._anywhere[key] = self.polarities(key, self.places.get(key, ()))
        return self._anywhere[key]

    def _resolve(self, at: int) -> None:
        line = self.lines[at]
        spoken, terms = self._spoken_lines, deque(line.terms)
        for place, sentence in enumerate(line.sentences):
            denied = denied_positions(line.tokens, sentence)
            line.denied |= denied
            question = question_in(spoken, at, place)
            answer, by = (question.answer, question.by) if question else (Polarity.AFFIRMED, None)
            if question:
                line.asked.update(range(sentence.start, sentence.end))
            if by is not None:
                self.lines[by].answers.add(at)
            negates = bool(denied) or answer is Polarity.DENIED
            line.negates = line.negates or negates
            vague = vague_positions(line.tokens, sentence, denied) if negates else set()
            ceased = ceased_positions(line.tokens, sentence)
            if by is not None and says_ceased(self.lines[by].tokens):
                ceased |= set(range(sentence.start, sentence.end))
            vague |= ceased
            while terms and terms[0].start < sentence.end:
                term = terms.popleft()
                if term.start in ceased:
                    line.ceased.add(term.key)
                if term.start >= sentence.start:
                    polarity = question.polarity_of(term) if question else Polarity.AFFIRMED
                    if term.start in vague or (not denied and is_well(line.tokens, term)):
                        polarity = Polarity.UNCLEAR
                    elif term.start in denied and polarity is not Polarity.ASKED:
                        polarity = Polarity.DENIED
                    line.mentions.append(Mention(term, polarity))

    def _decide(self, line: Line) -> None:
        """A term that the question's answer denies is unclear if it repeats it: "no, just a bit of nausea"."""
        if not line.answers:
            return
        repeated = {one.term.key for one in line.mentions if one.polarity is Polarity.AFFIRMED}
        for asked in (self.lines[at] for at in line.answers):
            for place, one in enumerate(asked.mentions):
                is_denied = one.polarity is Polarity.DENIED and one.term.start in asked.asked
                if is_denied and one.term.key in repeated:
                    asked.mentions[place] = Mention(one.term, Polarity.UNCLEAR)


def _line(number: int, text: str, speaker: Speaker, uncertain: Sequence[str]) -> Line:
    tokens = tokens_of(text)
    quantities = quantities_of(tokens)
    return Line(
        number,
        text,
        speaker,
        tokens,
        list(uncertain),
        [*quantities, *heard_too(tokens, quantities)],
        drugs_in(tokens),
        sentences_of(tokens, spoken=speaker != Speaker.PATIENT),
    )
