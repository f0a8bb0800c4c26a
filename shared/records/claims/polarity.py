"""Polarity: whether a term is affirmed, denied or only asked about, and the sentences that ask. Pure, linear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from shared.records.claims.tokens import ENDS
from shared.records.languages.lexicon import lexicon


class Polarity(Enum):
    """How a term is said."""

    AFFIRMED = 1
    DENIED = -1
    ASKED = 0
    """In a question without a clear answer."""
    UNCLEAR = 2
    """Beside a negation that may or may not hold for it, or taken for granted by a question."""

    @property
    def is_clear(self) -> bool:
        """True if the term is affirmed or denied."""
        return self in (Polarity.AFFIRMED, Polarity.DENIED)

    @property
    def opposite(self) -> Polarity:
        return Polarity(-self.value) if self.is_clear else self


@dataclass(frozen=True)
class Sentence:
    """A stretch of tokens."""

    start: int
    end: int
    asks: bool


def clause_around(tokens: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Where the stretch around the tokens from `start` to `end` begins and ends that speaks of one thing of a list."""
    words = lexicon()
    ends = ENDS | {","} | words.questions.alternatives | words.clauses.joins | words.negations.scope_ends
    first, last = max(0, start - _BESIDE), min(len(tokens), end + _BESIDE)
    begin = next((at + 1 for at in range(start - 1, first - 1, -1) if tokens[at] in ends), first)
    return begin, next((at for at in range(end, last) if tokens[at] in ends), last)


_BESIDE = 8
"""Tokens before and behind a term that may speak of the same thing."""


def sentences_of(tokens: Sequence[str], *, spoken: bool = False) -> list[Sentence]:
    """The sentences, and whether each asks something. In speech without signs, a question begins behind ", any" too."""
    found, start = [], 0
    for at, token in enumerate([*tokens, "."]):
        if token not in ENDS or token in (":", ";"):
            continue
        marked = _is_marked(tokens, at)
        for begin, end in _pieces(tokens, start, at, split=spoken and not marked):
            if end > begin:
                found.append(Sentence(begin, end, marked or _asks(tokens[begin:end])))
        start = at + 1
    return found


def _pieces(tokens: Sequence[str], start: int, end: int, *, split: bool) -> Iterator[tuple[int, int]]:
    for at in range(start + 1, end if split else start):
        if tokens[at - 1] == "," and tokens[at] in lexicon().questions.splits:
            yield start, at - 1
            start = at
        elif _answers(tokens, at, end) or (at + 1 < end and _turns(tokens, at)):
            yield start, at
            start = at
    yield start, end


def _answers(tokens: Sequence[str], at: int, end: int) -> bool:
    """True for the first "no" of an answer within a segment: said twice, or last in it."""
    words = lexicon().answers
    plain = words.passing_no | words.outright
    if tokens[at] not in plain or tokens[at - 1] in plain:
        return False
    following = tokens[at + 1] if at + 1 < end else ""
    return following in plain or all(tokens[one] in lexicon().questions.begun for one in range(at + 1, end))


def _turns(tokens: Sequence[str], at: int) -> bool:
    """True for the "okay" before something new: "okay now", "okay do you"."""
    words = lexicon()
    if tokens[at] not in words.questions.tags or tokens[at - 1] in words.questions.tags | words.clauses.verbs:
        return False
    return tokens[at + 1] in words.questions.begun | words.questions.first | words.clauses.subjects


def _is_marked(tokens: Sequence[str], at: int) -> bool:
    """True for a question mark that does not only follow a tag such as ", okay?" """
    if at >= len(tokens) or tokens[at] != "?":
        return False
    return not (tokens[at - 1] in lexicon().questions.tags and tokens[at - 2 : at - 1] == [","])


def _asks(tokens: Sequence[str]) -> bool:
    words = lexicon().questions
    if any(token in words.anywhere for token in tokens):
        return True
    bare = [one for one in tokens if one not in (",",)]
    while bare and bare[0] in words.begun:
        del bare[0]
    if len(bare) < 2 or bare[0] not in words.first:
        return False
    if bare[0] in words.any:
        return True
    return bare[1] in lexicon().clauses.subjects or bare[1] in words.determiners or bare[0] in words.alone


def takes_for_granted(tokens: Sequence[str], sentence: Sentence) -> bool:
    """True for a question that no yes or no answers: "how is", "what makes", but not "how about"."""
    words = lexicon().questions
    bare = [one for one in tokens[sentence.start : sentence.end] if one != "," and one not in words.begun][:2]
    return len(bare) == 2 and bare[0] in words.open and bare[1] not in words.suggesting
