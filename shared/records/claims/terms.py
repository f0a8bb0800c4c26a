"""Terms: the words with content of a text, as stems and concepts, so that lay and clinical words are equal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from shared.records.claims.tokens import is_number, is_word, tokens_of
from shared.records.claims.units import periods, units
from shared.records.drugs.names import medicines
from shared.records.languages.lexicon import lexicon

_SHORTEST_STEM = 3


@cache
def stem(word: str) -> str:
    """The word without its ending; words of one origin have mostly one stem."""
    word = word.removesuffix("'s").removesuffix("'")
    if word.endswith("s") and not word.endswith("ss") and len(word) > _SHORTEST_STEM:
        word = word.removesuffix("s")
    for ending in lexicon().vocabulary.endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM + (len(ending) < 2):
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] and word.isascii() else word


class Term(NamedTuple):
    """A word or phrase with content."""

    key: str
    """The concept, the medicine or the stem."""
    word: str
    start: int
    end: int
    clinical: bool = False


@cache
def _concepts() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """By the first stem of a phrase: the phrases' stems and concepts, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in lexicon().vocabulary.concepts:
        name, *_ = line.split(", ")
        for phrase in line.split(", "):
            stems = tuple(stem(token) for token in tokens_of(phrase) if is_word(token))
            found.setdefault(stems[0], []).append((stems, stem(name)))
    for phrases in found.values():
        phrases.sort(key=lambda one: -len(one[0]))
    return found


@cache
def _clinical() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().vocabulary.clinical)


def is_clinical(key: str) -> bool:
    """True for a symptom, a finding, a condition or a procedure."""
    return key in _clinical() or (len(key) > 6 and key.endswith(lexicon().vocabulary.clinical_endings))


@cache
def _function_words() -> frozenset[str]:
    words = lexicon()
    negations, sides = words.negations, words.sides
    return words.vocabulary.function | negations.before | negations.after | sides.left | sides.right | sides.both


@cache
def _measures() -> frozenset[str]:
    """Number words and units: they are compared as quantities."""
    numbers, measures = lexicon().numbers, lexicon().measures
    counted = (numbers.ones, numbers.teens, numbers.tens, numbers.ordinals, numbers.scales, numbers.fixed)
    more = (numbers.whole, numbers.added, numbers.months, units(), periods(), measures.latin)
    return frozenset(word for table in (*counted, *more) for word in table) - measures.also_terms


def terms_of(tokens: Sequence[str], *, note: bool = False) -> list[Term]:
    """The terms of a text; of a `note`, without the words that every note has."""
    return list(_terms(tokens, lexicon().vocabulary.frame if note else frozenset()))


def _terms(tokens: Sequence[str], frame: frozenset[str]) -> Iterator[Term]:
    stems = [stem(token) if is_word(token) else token for token in tokens]
    at = 0
    while at < len(tokens):
        phrase = _phrase(stems, at)
        if phrase and (phrase[1] - at > 1 or tokens[at] not in _function_words()):
            key, end = phrase
            yield Term(key, " ".join(tokens[at:end]), at, end, is_clinical(key))
            at = end
            continue
        if one := _single(tokens[at], stems[at], at, frame):
            yield one
        at += 1


def _single(token: str, key: str, at: int, frame: frozenset[str]) -> Term | None:
    if not is_word(token) or is_number(token) or token in _function_words() or token in frame:
        return None
    if "'" in token and token.partition("'")[0] in _function_words():
        return None
    if token in medicines():
        return Term(medicines()[token], token, at, at + 1, clinical=True)
    if len(token) < 2 or token in _measures():
        return None
    return Term(key, token, at, at + 1, is_clinical(key))


def _phrase(stems: Sequence[str], at: int) -> tuple[str, int] | None:
    """The concept of the longest known phrase here, and its end."""
    for phrase, concept in _concepts().get(stems[at], ()):
        if len(phrase) == 1 or tuple(stems[at : at + len(phrase)]) == phrase:
            return concept, at + len(phrase)
    return None
