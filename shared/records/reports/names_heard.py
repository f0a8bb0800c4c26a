"""Names of other persons in a transcript: perhaps the recording is of another patient. Pure, linear in the text.

Only a name behind a title ("Mr. Johnson"), or behind "my name is" or "I am", counts. The words are English, so only
English transcripts are checked. A name that sounds like a known one is known: recognition misspells names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from itertools import islice

from shared.records.patients import names
from shared.records.visits.segment import Segment

MOST_HEARD = 100
"""Maximum number of heard names that are compared."""
_SHORTEST_BEGINNING = 3
"""Letters of a short form: "Sam" is "Samuel"."""

_NAME = r"(?P<name>[A-Z][\w'-]+(?: +[A-Z][\w'-]+)?)"
_FULL_NAME = r"(?P<name>[A-Z][\w'-]+ +[A-Z][\w'-]+)"
_PATTERNS = (
    re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|Prof)\.? +{_NAME}"),
    re.compile(rf"\b(?:Mister|Missus|Miss|[Dd]octor|[Pp]rofessor) +{_NAME}"),
    re.compile(rf"\b[Mm]y name(?:'s| is) +{_NAME}"),
    re.compile(rf"\bI(?:'m| am) +{_FULL_NAME}"),
)
_COMMON = """
a about actually after all also am an and any are as at because been but can could did do does doing feeling fine for
from good had has have he hello her here hi his how i if in indian is it its just last let like maybe may me my next
no not now of oh ok okay on one or our please really right same she should since so some sorry sure taking thank
thanks that the their then there these they this those to today tomorrow very was we well were what when where which
who why will with would yes yesterday you your sir madam maam doctor mr mrs ms dr prof monday tuesday wednesday
thursday friday saturday sunday january february march april june july august september october november december i'm
i've i'll i'd it's that's he's she's we're we've you're don't can't didn't
"""
NO_NAMES = frozenset(_COMMON.split())
"""Capitalised words that are no names."""


class NameCheck(StrEnum):
    """Whether a transcript was searched for names of other persons."""

    DONE = "done"
    LANGUAGE_NOT_COVERED = "language_not_covered"
    """Only the English segments were searched, if there are any."""
    NOT_DONE = "not_done"
    """There is no transcript."""

    @classmethod
    def of(cls, *languages: str) -> NameCheck:
        """The check of a transcript in these languages (BCP 47)."""
        return cls.DONE if all(map(is_covered, languages)) else cls.LANGUAGE_NOT_COVERED


def is_covered(language: str) -> bool:
    """True if a segment in this language can be searched for names."""
    return language.split("-", maxsplit=1)[0].lower() == "en"


def other_names(segments: Iterable[Segment], known: Collection[str]) -> dict[int, list[str]]:
    """By the number of a segment: the names in it that are of no known person."""
    family = _Known(known)
    found: dict[int, list[str]] = {}
    for number, name in islice(_heard(segments), MOST_HEARD):
        if not family.has(name):
            found.setdefault(number, []).append(name)
    return found


def names_in(text: str) -> Iterator[str]:
    """The names of people in an English text: behind a title, or where someone introduces themselves."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text.replace("\u2019", "'")):
            if name := " ".join(_words_of_name(match["name"])):
                yield name


def _heard(segments: Iterable[Segment]) -> Iterator[tuple[int, str]]:
    return ((segment.number, name) for segment in segments for name in names_in(segment.text))


def _words_of_name(text: str) -> Iterator[str]:
    """The words up to the first that is no name; "Johnson's" is "Johnson"."""
    for word in text.split():
        if word.lower() in NO_NAMES:
            return
        yield re.sub(r"'s$", "", word)


class _Known:
    """The words of known names, and how they sound."""

    def __init__(self, known: Iterable[str]) -> None:
        self._words = frozenset(word for name in known for word in names.words(name))
        self._sounds = frozenset(sound for word in self._words for sound in names.sounds(word))

    def has(self, name: str) -> bool:
        """True if a word of the name is, begins or sounds like a word of a known name."""
        return any(self._is_known(word) for word in names.words(name))

    def _is_known(self, word: str) -> bool:
        begins = any(
            min(len(word), len(own)) >= _SHORTEST_BEGINNING and (own.startswith(word) or word.startswith(own))
            for own in self._words
        )
        return word in self._words or begins or not self._sounds.isdisjoint(names.sounds(word))
