"""Check of habits and medicines that somebody gave up: a statement must not have them as present. Pure."""

from __future__ import annotations

from functools import cache

from shared.records.claims.claim import Claim
from shared.records.claims.line import Mention
from shared.records.claims.polarity import Polarity
from shared.records.claims.terms import terms_of
from shared.records.claims.tokens import sentence_around
from shared.records.languages.lexicon import lexicon


def given_up(claim: Claim) -> set[str]:
    """The terms that somebody near the cited lines gave up, as keys."""
    return set().union(*(line.ceased for line in claim.lines))


def is_over(claim: Claim, one: Mention) -> bool:
    """True for what was given up near the cited lines, unless the claim denies that it ever was."""
    start, end = sentence_around(claim.tokens, one.term.start, one.term.end)
    ever = lexicon().vocabulary.ever
    return one.term.key in given_up(claim) and ever.isdisjoint(claim.tokens[start:end])


def present_again(claim: Claim) -> list[Mention]:
    """Habits and medicines that the claim has as present, and that near the cited lines were only given up."""
    ceased = given_up(claim)
    return [
        one
        for one in claim.mentions
        if one.term.key in ceased
        and one.polarity is Polarity.AFFIRMED
        and _is_present(claim, one)
        and Polarity.AFFIRMED not in claim.said.polarities(one.term.key, claim.near)
    ]


def _is_present(claim: Claim, one: Mention) -> bool:
    """True for a habit without a word of the past, and for a medicine with a word of the present."""
    start, end = sentence_around(claim.tokens, one.term.start, one.term.end)
    around, words = set(claim.tokens[start:end]), lexicon()
    if around & words.vocabulary.past:
        return False
    if one.term.start in claim.drugs:
        return bool(around & words.medication.now) and not around & words.medication.changed
    return one.term.key in _habits()


@cache
def _habits() -> frozenset[str]:
    return frozenset(one.key for phrase in lexicon().vocabulary.habits for one in terms_of(phrase.split()))
