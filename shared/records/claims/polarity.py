"""Polarity: whether a term is affirmed, denied or only asked about. Pure, linear in the tokens.

A negation holds for what follows it in its clause (in Hindi and Tamil: for what precedes it). A question takes the
polarity of its answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from shared.records.claims.tokens import ENDS, is_word
from shared.records.languages.lexicon import lexicon

_LONGEST_SCOPE = 14
"""Tokens."""


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
    for at in range(start, end - 1):
        if split and tokens[at] == "," and tokens[at + 1] in lexicon().questions.splits:
            yield start, at
            start = at + 1
    yield start, end


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


def denied_positions(tokens: Sequence[str], sentence: Sentence, longest: int = _LONGEST_SCOPE) -> set[int]:
    """The positions in a sentence for which a negation holds, up to `longest` tokens from it."""
    words = lexicon().negations
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        token = tokens[at]
        if token in words.before and not _is_answer(tokens, at, sentence):
            scope = set(_forward(tokens, at, min(sentence.end, at + 1 + longest)))
            if at in found and token in words.nouns:
                found -= scope
                continue
            found |= scope
            if not _has_content(tokens, scope) and token not in words.determiners:
                found.update(_backward(tokens, at, max(sentence.start, at - 4)))
        if token in words.adjacent and at + 1 < sentence.end:
            found.add(at + 1)
        if token in words.after:
            found.update(_backward(tokens, at, sentence.start))
    return found


def takes_for_granted(tokens: Sequence[str], sentence: Sentence) -> bool:
    """True for a question that no yes or no answers: "how is", "what makes", but not "how about"."""
    words = lexicon().questions
    bare = [one for one in tokens[sentence.start : sentence.end] if one != "," and one not in words.begun][:2]
    return len(bare) == 2 and bare[0] in words.open and bare[1] not in words.suggesting


def vague_positions(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The positions behind a word such as "when" or "besides" in a sentence with a negation: they may be either."""
    words = lexicon().negations
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        if tokens[at] in words.vague_ends and (
            not denied or any(one in denied for one in range(at - _LONGEST_SCOPE, at))
        ):
            end = min(sentence.end, at + _LONGEST_SCOPE)
            ends = (later for later in range(at, end) if tokens[later] == "," or tokens[later] in words.clause_ends)
            found.update(range(at, next(ends, end)))
    return (found - set(denied)) | _spared(tokens, sentence, denied)


def _spared(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The denied positions behind a word that alone is denied: "not going to change your insulin"."""
    found: set[int] = set()
    spares = False
    for at in range(sentence.start, sentence.end):
        spares = at in denied and tokens[at] != "," and (spares or tokens[at - 1] in lexicon().negations.sparing)
        if spares:
            found.add(at)
    return found


def _has_content(tokens: Sequence[str], scope: Iterable[int]) -> bool:
    function = lexicon().vocabulary.function
    return any(is_word(tokens[at]) and tokens[at] not in function for at in scope)


def _is_answer(tokens: Sequence[str], at: int, sentence: Sentence) -> bool:
    """True for the "no" of an answer: a sign or a new subject follows; for "aren't you"; and for "not only"."""
    following = tokens[at + 1] if at + 1 < sentence.end else ""
    words, subjects = lexicon().negations, lexicon().clauses.subjects
    if tokens[at] in words.answering and (following in (",", "") or following in subjects):
        return True
    if following in words.unsure and words.asking.intersection(tokens[at + 2 : at + 3]):
        return True
    if tokens[at].endswith(words.contracted) and following in subjects:
        return True
    return tokens[at] in words.qualified and following in words.not_negating


def _forward(tokens: Sequence[str], at: int, end: int) -> Iterator[int]:
    words = lexicon().negations
    conditional = any(token in words.conditions for token in tokens[max(0, at - _CONDITION_WITHIN) : at])
    for position in range(at + 1, end):
        token = tokens[position]
        if token in words.scope_ends and position > at + 1:
            return
        if token in (":", ";") or _begins_clause(tokens, position):
            return
        if tokens[position] == "," and (conditional or not words.sound.isdisjoint(tokens[position + 1 : position + 2])):
            return
        yield position


_CONDITION_WITHIN = 8
"""Tokens between "if" and a negation of its clause, which ends at a comma."""


def _begins_clause(tokens: Sequence[str], at: int) -> bool:
    """True for a subject that begins a new clause: behind a comma or "and", or, in speech without signs, anywhere but
    behind a word such as "that"."""
    before, words = tokens[at - 1], lexicon().clauses
    negated = before in lexicon().negations.before
    if tokens[at] in words.possessors and not (negated or before in words.links or before in words.prepositions):
        return any(token in words.finite for token in tokens[at + 2 : at + 5])
    if tokens[at] not in words.subjects:
        return False
    if before == "," or before in words.joins:
        return True
    if before in words.links or negated:
        return False
    return "'" in tokens[at] or (at + 1 < len(tokens) and tokens[at + 1] in words.verbs)


def _backward(tokens: Sequence[str], at: int, start: int) -> Iterator[int]:
    for position in range(at - 1, max(start, at - 1 - _LONGEST_SCOPE), -1):
        if tokens[position] in lexicon().negations.scope_ends or tokens[position] in (";",):
            return
        yield position
    if at - 1 - _LONGEST_SCOPE < start <= at - 1:
        yield start
