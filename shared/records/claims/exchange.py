"""Exchanges: a question, and the answer that the segments behind it give. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.records.claims.answers import answer_of, is_plain_answer
from shared.records.claims.polarity import Polarity, Sentence, takes_for_granted
from shared.records.claims.terms import Term
from shared.records.claims.tokens import is_word
from shared.records.languages.lexicon import lexicon
from shared.records.visits.speech import Speaker

_ANSWERED_WITHIN = 5
"""Segments in which a question finds its answer."""
_LONGEST_NAMES = 6
"""Tokens of an answer that only names drugs, such as "aspirin" to "are you allergic to anything"."""
_LONGEST_QUESTION = 15
"""Tokens of a question without signs."""


class Turn(Protocol):
    """A segment of the conversation."""

    @property
    def speaker(self) -> Speaker: ...
    @property
    def tokens(self) -> list[str]: ...
    @property
    def sentences(self) -> list[Sentence]: ...
    @property
    def drugs(self) -> dict[int, str]: ...
    @property
    def terms(self) -> list[Term]: ...
    @property
    def keys(self) -> frozenset[str]: ...
    @property
    def reply(self) -> Polarity: ...
    @property
    def adds_nothing(self) -> bool: ...
    @property
    def is_from_practitioner(self) -> bool: ...


@dataclass(frozen=True)
class Question:
    """A sentence that asks something."""

    start: int
    """Where the question begins in its sentence: in speech without signs something else may stand before it."""
    answer: Polarity
    by: int | None
    """The position of the segment that answers, if it is another one."""
    granted: bool = False
    """True if no yes or no answers it."""

    def polarity_of(self, term: Term) -> Polarity:
        """How a term of the sentence is said."""
        if self.granted:
            return Polarity.UNCLEAR
        if term.start < self.start:
            return Polarity.AFFIRMED
        return self.answer


def question_in(lines: Sequence[Turn], at: int, place: int) -> Question | None:
    """The question that is the sentence `place` of a line, with its answer; None if it asks nothing."""
    if at >= len(lines):
        return None
    line = lines[at]
    sentence = line.sentences[place]
    if not sentence.asks and not _is_answered(lines, at, place):
        return None
    start = sentence.start if sentence.asks else max(sentence.start, sentence.end - _LONGEST_QUESTION)
    answer, by = _answer(lines, at, place)
    granted = takes_for_granted(line.tokens, sentence)
    return Question(start, answer, by, granted)


def _is_answered(lines: Sequence[Turn], at: int, place: int) -> bool:
    """True for the practitioner's last sentence if the next segment begins with yes or no: in speech without signs it
    is a question."""
    line, following = lines[at], at + 1
    if not line.is_from_practitioner or place + 1 < len(line.sentences) or following >= len(lines):
        return False
    other = lines[following]
    return not other.is_from_practitioner and is_plain_answer(other.tokens)


def _answer(lines: Sequence[Turn], at: int, place: int) -> tuple[Polarity, int | None]:
    """The answer to a question, and the position of the segment that gives it."""
    line = lines[at]
    for later in line.sentences[place + 1 : place + 1 + _ANSWERED_WITHIN]:
        if not later.asks and (line.speaker != Speaker.PRACTITIONER or _is_short(line.tokens, later)):
            found = answer_of(line.tokens[later.start : later.end])
            if found is not Polarity.ASKED:
                return found, None
    for by in _answering(lines, at):
        other = lines[by]
        if other.reply is not Polarity.ASKED:
            return other.reply, by
        return _told(line, line.sentences[place], other), by
    return Polarity.ASKED, None


def _answering(lines: Sequence[Turn], at: int) -> Iterator[int]:
    """The positions of the segments that may answer a question."""
    line = lines[at]
    for by in range(at + 1, min(at + 1 + _ANSWERED_WITHIN, len(lines))):
        other = lines[by]
        if other.is_from_practitioner and line.is_from_practitioner:
            continue
        if other.tokens and not (other.speaker == line.speaker and other.adds_nothing):
            yield by


def _told(line: Turn, sentence: Sentence, other: Turn) -> Polarity:
    """What an answer without yes or no says: it may name drugs, or speak of the same thing."""
    if other.drugs and len(other.tokens) <= _LONGEST_NAMES:
        return Polarity.AFFIRMED
    if any(sentence.start <= at < sentence.end for at in line.drugs):
        return Polarity.ASKED
    first = bisect_left(line.terms, sentence.start, key=lambda one: one.start)
    last = bisect_left(line.terms, sentence.end, key=lambda one: one.start)
    said = any(one.key in other.keys for one in line.terms[first:last])
    return Polarity.UNCLEAR if said else Polarity.ASKED


def adds_nothing(tokens: Sequence[str], sentences: Sequence[Sentence]) -> bool:
    """True for a line that only asks again, or hums."""
    fillers = lexicon().questions.begun
    return all(one.asks for one in sentences) or all(one in fillers or not is_word(one) for one in tokens)


def _is_short(tokens: Sequence[str], sentence: Sentence) -> bool:
    """True for an answer within the practitioner's segment: "no, okay", or a "no" that is said twice."""
    words = [tokens[at] for at in range(sentence.start, sentence.end) if tokens[at] != ","]
    return len(words) <= 2 or lexicon().answers.passing_no.issuperset(words[:2])
