"""Answers: what a reply says to the question before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.claims.polarity import Polarity, Sentence
from shared.records.claims.scope import ceased_positions
from shared.records.claims.terms import terms_of
from shared.records.languages.lexicon import lexicon

_ANSWER = 7
"""Tokens of an answer that are searched for yes or no."""


def answer_of(tokens: Sequence[str]) -> Polarity:
    """What an answer says to the question before it."""
    words, negations = lexicon().answers, lexicon().negations
    negative = (words.no, negations.before, negations.after)
    beginning = [token for token in tokens if token not in (",", ".")][:_ANSWER]
    text = f" {' '.join(beginning)} "
    if any(f" {phrase} " in text for phrase in words.unsure):
        return Polarity.ASKED
    if any(f" {phrase} " in text for phrase in words.hedged):
        return Polarity.UNCLEAR
    for at, token in enumerate(beginning):
        if token in words.passing_no and words.outright.intersection(beginning[at + 1 : at + 2]):
            continue
        if any(token in one for one in negative) or token.endswith(negations.contracted):
            return Polarity.DENIED
        if token in words.yes:
            return Polarity.DENIED if words.retracting.intersection(beginning[at + 1 : at + 2]) else Polarity.AFFIRMED
    if any(token in negations.after for token in tokens):
        return Polarity.DENIED
    return Polarity.ASKED if not beginning else _statement(beginning)


def says_ceased(tokens: Sequence[str]) -> bool:
    """True for an answer that something was given up, without saying what: "I quit"."""
    beginning = [".", *tokens[:_ANSWER], "."]
    ceased = ceased_positions(beginning, Sentence(0, len(beginning), asks=False))
    return bool(ceased) and not any(one.clinical for one in terms_of(beginning))


def _statement(beginning: Sequence[str]) -> Polarity:
    """An answer without yes or no: "I do", "a little", "it has" affirm; anything else may."""
    bare = [token for token in beginning if token not in lexicon().questions.begun]
    return Polarity.AFFIRMED if lexicon().answers.affirming.intersection(bare[:2]) else Polarity.ASKED


def is_plain_answer(tokens: Sequence[str]) -> bool:
    """True if a segment begins with yes or no: "no problem" does not."""
    words = lexicon().answers
    if not tokens or tokens[0] not in words.yes | words.no:
        return False
    return not words.courtesies.intersection(tokens[1:2])
