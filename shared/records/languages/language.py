"""A language: its word lists, and the texts of a report that code writes in it and no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.records.languages.words import Words


@dataclass(frozen=True)
class ConsentTexts:
    """How a consent is stated, by the values of its purpose, method and giver."""

    title: str
    """Of a section for consents."""
    names: tuple[str, ...]
    """Words in the id or title of a section that is about consent."""
    statement: str
    """With places for `purposes`, `method`, `giver` and `when`."""
    joined: str
    """Between two purposes."""
    purposes: Mapping[str, str]
    methods: Mapping[str, str]
    givers: Mapping[str, str]


@dataclass(frozen=True)
class Language:
    """A language with word lists."""

    code: str
    """The primary subtag of BCP 47."""
    words: Words
    consent_texts: ConsentTexts
    """How code states a consent in a report."""
