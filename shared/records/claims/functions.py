"""Functions of the body, such as sleep: their trouble has the same word. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from shared.records.claims.terms import Term, terms_of
from shared.records.languages.lexicon import lexicon


def is_function(term: Term) -> bool:
    """True for what the body does, such as sleep."""
    return term.key in _functions()


def is_well(tokens: Sequence[str], term: Term) -> bool:
    """True for a function of the body that works: who denies its trouble says the same."""
    words = lexicon().findings
    return is_function(term) and not words.well.isdisjoint(tokens[term.end : term.end + _WELL])


_WELL = 5
"""Tokens behind a function of the body that say how it is."""


@cache
def _functions() -> frozenset[str]:
    return frozenset(one.key for word in lexicon().findings.functions for one in terms_of([word]))
