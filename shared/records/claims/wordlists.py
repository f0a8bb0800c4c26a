"""The word lists of a language: their fields, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """The word lists of one language; phrases are separated by commas, single words by spaces."""

    function: frozenset[str]
    """Words without content."""
    frame: frozenset[str]
    """Words of a note that nobody needs to have said."""
    negations: frozenset[str]
    """Words that negate what follows."""
    negations_after: frozenset[str]
    """Words that negate what stands before them."""
    scope_ends: frozenset[str]
    """Words behind which a negation no longer holds."""
    yes: frozenset[str]
    no: frozenset[str]
    """First words of answers."""
    asks: frozenset[str]
    """First words of questions."""
    asks_after: frozenset[str]
    """Words that make a sentence a question wherever they stand."""
    left: frozenset[str]
    right: frozenset[str]
    both: frozenset[str]
    body: frozenset[str]
    """Stems of parts of the body that have a left and a right."""
    clinical: frozenset[str]
    """Stems of symptoms, findings, conditions and procedures."""
    concepts: tuple[str, ...]
    """Lines of lay and clinical words for the same, separated by commas; the first one names the concept."""
    risks: tuple[str, ...]
    """Concepts, or phrases, of danger."""
    allergies: frozenset[str]
    courses: frozenset[str] = field(default=frozenset())
    """Stems of how things go: their polarity matters as that of a finding."""
    conditions: frozenset[str] = field(default=frozenset())
    """Concepts that are diagnoses."""
    planned: tuple[str, ...] = ()
    """Phrases that only a practitioner's plan has."""
    reported: tuple[str, ...] = ()
    """Phrases that say that the patient said something."""


def listed(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a text, separated by commas or lines."""
    return tuple(phrase for part in text.replace("\n", ",").split(",") if (phrase := part.strip()))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that are not empty; a line that ends with a comma goes on in the next one."""
    joined = re.sub(r",\s*\n\s*", ", ", text)
    return tuple(line.strip() for line in joined.split("\n") if line.strip())
