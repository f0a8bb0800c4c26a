"""What was said, indexed once for all checks: tokens, quantities, medicines, and terms with their polarity."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import log
from typing import Protocol

from shared.records.claims.answers import says_ceased
from shared.records.claims.dosing import of_drug
from shared.records.claims.exchange import question_in
from shared.records.claims.functions import is_well
from shared.records.claims.hearing import heard_too
from shared.records.claims.line import Line, Mention
from shared.records.claims.polarity import Polarity, sentences_of
from shared.records.claims.quantities import quantities_of
from shared.records.claims.quantity import Heard
from shared.records.claims.scope import ceased_positions, denied_positions, vague_positions
from shared.records.claims.sidedness import asks_for_side
from shared.records.claims.tokens import tokens_of
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
        self._weights: dict[str, float] = {}
        self._anywhere: dict[str, set[Polarity]] = {}
        self._said_of: dict[str, Heard] = {}
        self.prefixes: Counter[str] = Counter(key[:5] for key in self.places if len(key) >= 5)

    def weight(self, key: str) -> float:
        """How much a term tells: rare ones more."""
        if key not in self._weights:
            frequency = len(self.places.get(key, ()))
            self._weights[key] = log(1 + len(self.lines) / (1 + frequency)) if self.lines else 1.0
        return self._weights[key]

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

    @cached_property
    def long_lines(self) -> frozenset[int]:
        """The positions of lines that speak of several things."""
        return frozenset(at for at, line in enumerate(self.lines) if line.is_long)

    def polarities(self, key: str, positions: Iterable[int]) -> set[Polarity]:
        """How a term is said in these lines."""
        here = self.places[key].intersection(positions) if key in self.places else ()
        return set().union(*(self.lines[at].polarities[key] for at in here))

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
