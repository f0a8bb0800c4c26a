"""Scope: the words for which a negation holds. Pure, linear in the tokens.

A negation holds for what follows it in its clause; in Hindi and Tamil, for what precedes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from shared.records.claims.polarity import Sentence
from shared.records.claims.tokens import ENDS, is_word
from shared.records.languages.lexicon import lexicon

_LONGEST_SCOPE = 14
"""Tokens."""


def denied_positions(tokens: Sequence[str], sentence: Sentence, longest: int = _LONGEST_SCOPE) -> set[int]:
    """The positions in a sentence for which a negation holds, up to `longest` tokens from it."""
    words = lexicon().negations
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        token, scope = tokens[at], set[int]()
        if token in words.before and not negates_nothing(tokens, at, sentence):
            scope = set(_forward(tokens, at, sentence.end, longest))
            if at in found and token in words.nouns:
                found -= scope
                continue
            found |= scope
            if not _has_content(tokens, scope) and token not in words.determiners:
                found.update(_backward(tokens, at, max(sentence.start, at - 4)))
        if token in words.adjacent and at + 1 < sentence.end:
            found.add(at + 1)
        if token in words.after and not (token in words.before and _has_content(tokens, scope)):
            found.update(_backward(tokens, at, sentence.start))
    return found - _exceeded(tokens, sentence, found)


def vague_positions(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The positions behind a word such as "when" or "besides" in a sentence with a negation: they may be either."""
    words = lexicon().negations
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        if _ends_vaguely(tokens, at) and (not denied or any(one in denied for one in range(at - _LONGEST_SCOPE, at))):
            end = min(sentence.end, at + _LONGEST_SCOPE)
            ends = (later for later in range(at, end) if tokens[later] == "," or tokens[later] in words.clause_ends)
            found.update(range(at, next(ends, end)))
    return (found - set(denied)) | _spared(tokens, sentence, denied)


def _exceeded(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The denied positions before "like this" and "until": it was so, this time or later."""
    found: set[int] = set()
    phrases = lexicon().negations.exceeding
    for at in range(sentence.start + 1, sentence.end):
        if _begins(phrases, tokens, at):
            before = at - 1
            while before >= sentence.start and before in denied and tokens[before] != ",":
                found.add(before)
                before -= 1
    return found


def ceased_positions(tokens: Sequence[str], sentence: Sentence) -> set[int]:
    """The positions of what was given up: "quit smoking"; in Hindi and Tamil it stands before the verb."""
    words, found = lexicon().negations, set[int]()
    for at in range(sentence.start, sentence.end):
        if _begins(words.ceased, tokens, at):
            behind = at + 1 + (tokens[at] not in words.ceased)
            found.update(range(behind, min(sentence.end, behind + _GIVEN_UP)))
        if tokens[at] in words.ceased_after:
            found.update(range(max(sentence.start, at - _GIVEN_UP), at))
    return found


_GIVEN_UP = 3
"""Tokens."""


def _begins(phrases: Collection[str], tokens: Sequence[str], at: int) -> bool:
    """True if one of the phrases, of one word or two, begins here."""
    return tokens[at] in phrases or " ".join(tokens[at : at + 2]) in phrases


def _ends_vaguely(tokens: Sequence[str], at: int) -> bool:
    words = lexicon().negations
    return tokens[at] in words.vague_ends or _begins(words.vague_phrases, tokens, at)


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


def negates_nothing(tokens: Sequence[str], at: int, sentence: Sentence) -> bool:
    """True for the "no" of an answer: a sign or a new subject follows; for "aren't you", "not only" and "or not"."""
    following = tokens[at + 1] if at + 1 < sentence.end else ""
    words, subjects = lexicon().negations, lexicon().clauses.subjects
    if is_answering(tokens, at, sentence.end):
        return True
    if following in words.unsure and words.asking.intersection(tokens[at + 2 : at + 3]):
        return True
    if tokens[at].endswith(words.contracted) and (following in subjects or _begins_question(tokens, at, sentence)):
        return True
    if tokens[at] not in words.qualified:
        return False
    return following in words.not_negating or (at > 0 and tokens[at - 1] in lexicon().questions.alternatives)


def is_answering(tokens: Sequence[str], at: int, end: int) -> bool:
    """True for a "no" before a sign or a new subject."""
    following = tokens[at + 1] if at + 1 < end else ""
    if tokens[at] not in lexicon().negations.answering:
        return False
    return following in ENDS or following in (",", "") or following in lexicon().clauses.subjects


def _begins_question(tokens: Sequence[str], at: int, sentence: Sentence) -> bool:
    """True for the first word of a question: "isn't this your second visit?" expects a yes."""
    begun = lexicon().questions.begun | {","}
    return sentence.asks and all(token in begun for token in tokens[sentence.start : at])


def _forward(tokens: Sequence[str], at: int, end: int, longest: int) -> Iterator[int]:
    """The positions behind a negation: so many, and further ones of a list."""
    words, left = lexicon().negations, longest
    bare = tokens[at] in words.answering
    conditional = any(token in words.conditions for token in tokens[max(0, at - _CONDITION_WITHIN) : at])
    for position in range(at + 1, end):
        token = tokens[position]
        if position > at + 1 and (token in words.scope_ends or (token in words.partitives and bare)):
            return
        if token in (":", ";") or _begins_clause(tokens, position) or _coordinates(tokens, position):
            return
        if position > at + 1 and _is_subject(tokens, position):
            return
        if tokens[position] == "," and (conditional or not words.sound.isdisjoint(tokens[position + 1 : position + 2])):
            return
        listed = "," in tokens[max(0, position - _ITEM) : position + _ITEM]
        if (left := left - 1) < 0 and not (listed and position - at <= _LONGEST_LIST):
            return
        yield position


_ITEM = 6
"""Tokens of an item of a list."""
_LONGEST_LIST = 40
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


def _is_subject(tokens: Sequence[str], at: int) -> bool:
    """True for the subject of a new clause in speech without signs: "no drift sensation is intact"."""
    words = lexicon().clauses
    if tokens[at + 1 : at + 2] == [] or tokens[at + 1] not in words.copulas or tokens[at - 1] in words.prepositions:
        return False
    bound = tokens[at - 1] in words.possessors or tokens[at] in words.subjects | words.links | words.joins
    return not bound and words.perceived.isdisjoint(tokens[at + 2 : at + 4])


def _coordinates(tokens: Sequence[str], at: int) -> bool:
    """True for the "and" before a verb that affirms something else of the same subject."""
    words = lexicon().clauses
    if tokens[at] not in words.joins:
        return False
    following = tokens[at + 1 : at + 3]
    if following and following[0] in words.adverbs:
        following = following[1:]
    return not words.coordinated.isdisjoint(following[:1])


def _backward(tokens: Sequence[str], at: int, start: int) -> Iterator[int]:
    for position in range(at - 1, max(start, at - 1 - _LONGEST_SCOPE), -1):
        if tokens[position] in lexicon().negations.scope_ends or tokens[position] in (";",):
            return
        yield position
    if at - 1 - _LONGEST_SCOPE < start <= at - 1:
        yield start
