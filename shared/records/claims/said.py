"""What was said, indexed once for all checks: tokens, quantities, medicines, and terms with their polarity."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Protocol

from shared.records.claims.answers import answer_of, is_plain_answer
from shared.records.claims.dosing import of_drug
from shared.records.claims.hearing import heard_too
from shared.records.claims.polarity import Polarity, Sentence, sentences_of, takes_for_granted
from shared.records.claims.quantities import quantities_of
from shared.records.claims.quantity import Heard, Quantity
from shared.records.claims.scope import denied_positions, vague_positions
from shared.records.claims.sidedness import SidesSaid, sides_said
from shared.records.claims.terms import Term, terms_of
from shared.records.claims.tokens import is_word, tokens_of
from shared.records.claims.wording import Between, Pair, pairs_of
from shared.records.drugs.names import drugs_in
from shared.records.languages.lexicon import lexicon
from shared.records.visits.speech import Speaker

_ANSWERED_WITHIN = 5
"""Segments in which a question finds its answer."""
_BEFORE, _AFTER = 2, 3
"""Segments around the mention of a drug in which its dose is said."""
_LONGEST_NAMES = 6
"""Tokens of an answer that only names drugs, such as "aspirin" to "are you allergic to anything"."""
_LONGEST_QUESTION = 15
"""Tokens of a question without signs."""


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
    asked: set[int] = field(default_factory=set)
    """The positions of tokens of questions."""

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
        return sides_said(self.tokens)

    @property
    def is_from_practitioner(self) -> bool:
        return self.speaker == Speaker.PRACTITIONER


class Said:
    """The lines of a visit, and where each term, medicine and number stands in them."""

    def __init__(self, segments: Iterable[Spoken], notes: Iterable[str] = ()) -> None:
        self.lines = [_line(one.number, one.text, one.speaker, one.uncertain_words) for one in segments]
        self.spoken = len(self.lines)
        self.lines += [_line(0, text, Speaker.PRACTITIONER, []) for text in notes]
        self.index = {line.number: at for at, line in enumerate(self.lines[: self.spoken])}
        for at in range(len(self.lines)):
            self._resolve(at)
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
        terms = deque(terms_of(line.tokens))
        for place, sentence in enumerate(line.sentences):
            denied = denied_positions(line.tokens, sentence)
            line.denied |= denied
            asks = sentence.asks or self._is_answered(at, place)
            line.asked.update(range(sentence.start, sentence.end) if asks else ())
            answer = self._answer(at, place) if asks else Polarity.AFFIRMED
            granted = asks and takes_for_granted(line.tokens, sentence)
            negates = bool(denied) or answer is Polarity.DENIED
            line.negates = line.negates or negates
            vague = vague_positions(line.tokens, sentence, denied) if negates else set()
            begin = sentence.start if sentence.asks else max(sentence.start, sentence.end - _LONGEST_QUESTION)
            while terms and terms[0].start < sentence.end:
                term = terms.popleft()
                if term.start >= sentence.start:
                    polarity = answer if term.start >= begin else Polarity.AFFIRMED
                    if granted or term.start in vague:
                        polarity = Polarity.UNCLEAR
                    elif term.start in denied and polarity is not Polarity.ASKED:
                        polarity = Polarity.DENIED
                    line.mentions.append(Mention(term, polarity))

    def _is_answered(self, at: int, place: int) -> bool:
        """True for the practitioner's last sentence if the next segment begins with yes or no: in speech without signs
        it is a question."""
        line, following = self.lines[at], at + 1
        if not line.is_from_practitioner or place + 1 < len(line.sentences) or following >= self.spoken:
            return False
        other = self.lines[following]
        return not other.is_from_practitioner and is_plain_answer(other.tokens)

    def _answer(self, at: int, place: int) -> Polarity:
        """The answer to the question that is the sentence `place` of line `at`."""
        line = self.lines[at]
        for later in line.sentences[place + 1 : place + 1 + _ANSWERED_WITHIN]:
            if not later.asks and (line.speaker != Speaker.PRACTITIONER or _is_short(line.tokens, later)):
                found = answer_of(line.tokens[later.start : later.end])
                if found is not Polarity.ASKED:
                    return found
        for other in self.lines[at + 1 : min(at + 1 + _ANSWERED_WITHIN, self.spoken)]:
            if other.is_from_practitioner and line.is_from_practitioner:
                continue
            if other.speaker == line.speaker and _adds_nothing(other):
                continue
            if other.tokens and (found := answer_of(other.tokens)) is not Polarity.ASKED:
                return found
            if other.tokens:
                return Polarity.AFFIRMED if other.drugs and len(other.tokens) <= _LONGEST_NAMES else Polarity.ASKED
        return Polarity.ASKED


def _adds_nothing(line: Line) -> bool:
    """True for a line that only asks again, or hums."""
    fillers = lexicon().questions.begun
    return all(one.asks for one in line.sentences) or all(one in fillers or not is_word(one) for one in line.tokens)


def _is_short(tokens: Sequence[str], sentence: Sentence) -> bool:
    """True for the answer that a practitioner repeats: "no, okay"."""
    return sum(tokens[at] != "," for at in range(sentence.start, sentence.end)) <= 2


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
