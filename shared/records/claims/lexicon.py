"""The words of all languages with word lists, as one lexicon: people mix languages, and the scripts keep them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from shared.records.claims.wordlists import Words


@cache
def lexicon() -> Words:
    """All word lists together, read once."""
    from shared.records.claims.languages import english, hindi, tamil

    return _joined(english.WORDS, hindi.WORDS, tamil.WORDS)


def _joined(*languages: Words) -> Words:
    joined: Mapping[str, Any] = {
        one.name: _sum([getattr(language, one.name) for language in languages]) for one in fields(Words)
    }
    return Words(**joined)


def _sum(values: list[Any]) -> Any:
    if isinstance(values[0], frozenset):
        return frozenset().union(*values)
    return tuple(item for value in values for item in value)
