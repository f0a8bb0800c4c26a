"""Answers: what a reply says to the question before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.claims.lexicon import lexicon
from shared.records.claims.polarity import Polarity
from shared.records.claims.wordlists import listed

_ANSWER = 7
"""Tokens of an answer that are searched for yes or no."""
_NOT_SURE = (
    ("not", "sure"),
    ("don't", "know"),
    ("not", "certain"),
    ("can't", "remember"),
    ("not", "that", "i", "know"),
)


def answer_of(tokens: Sequence[str]) -> Polarity:
    """What an answer says to the question before it."""
    words = lexicon()
    beginning = [token for token in tokens if token not in (",",)][:_ANSWER]
    for pattern in _NOT_SURE:
        if any(tuple(beginning[at : at + len(pattern)]) == pattern for at in range(len(beginning))):
            return Polarity.ASKED
    for at, token in enumerate(beginning):
        if (
            token in ("no", "nope")
            and "," not in token
            and at + 1 < len(beginning)
            and beginning[at + 1] in ("yeah", "yes")
        ):
            continue
        if token in words.no or token in words.negations or token.endswith("n't"):
            return Polarity.DENIED
        if token in words.negations_after:
            return Polarity.DENIED
        if token in words.yes:
            rest = beginning[at + 1 :]
            return Polarity.DENIED if rest[:1] in (["no"], ["none"]) else Polarity.AFFIRMED
    if any(token in words.negations_after for token in tokens):
        return Polarity.DENIED
    return Polarity.ASKED if not beginning else _statement(beginning)


def _statement(beginning: Sequence[str]) -> Polarity:
    """An answer without yes or no: "I do", "a little", "it has" affirm; anything else may."""
    return Polarity.AFFIRMED if _AFFIRM & set(beginning) else Polarity.ASKED


_AFFIRM = listed("do did have has am was is does little bit some just")


def is_plain_answer(tokens: Sequence[str]) -> bool:
    """True if a segment begins with yes or no: "no problem" does not."""
    words = lexicon()
    if not tokens or tokens[0] not in words.yes | words.no:
        return False
    return tokens[1:2] not in (["problem"], ["worries"], ["thanks"])
