"""How alike the names of two persons are, in any script, spelling and order of their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from shared.records.patients import names
from shared.records.patients.patient import Patient
from shared.records.patients.person_name import full_name
from shared.records.patients.terms import MOST_WORDS_FOUND, whole_name
from shared.records.patients.titles import untitled
from shared.records.patients.update import PatientUpdate

Person = PatientUpdate | Patient
_DOUBLED = re.compile(r"(.)\1+")
_ENDS_IN_VOWEL = "v"
"""The mark of a code of a short word (`pronunciation`)."""
_LETTERS_COMPARED = 12
"""Of a word; its further letters do not count."""
_LONGEST_JOINED = 40
"""Letters of a name whose words may be joined otherwise."""
_SHORTEST_SPELT = 4
"""In letters: of two shorter words that sound alike the spelling does not count, as of Lee and Li."""
_SHORTEST_MISTYPED = 5
"""In letters: with one letter changed, a shorter word is usually another name."""
_MOST_MISSPACED = 2
"""Letters in which two names may differ whose words are joined otherwise."""


class NameMatch(IntEnum):
    """How alike two names are; the closest is the greatest."""

    NONE = 0
    PARTIAL = 1
    """One name has all words of the other, or their initials, and more."""
    SIMILAR = 2
    """Each word sounds as one of the other name, or has one letter mistyped."""
    SAME = 3


class PersonalName(NamedTuple):
    """A name of a person, and the fields that it stands in."""

    text: str
    fields: tuple[str, ...]
    official: bool
    """False for what the person is called: two of those name nobody. Twins may both be called Baby."""

    @property
    def words(self) -> list[str]:
        """Without titles, at most as many as a search finds."""
        return names.words(untitled(self.text))[:MOST_WORDS_FOUND]


def names_of(one: Person) -> Iterator[PersonalName]:
    """The names of a person that have a letter; none of a person whose name is unknown."""
    given = tuple(field for field in ("first_name", "last_name") if getattr(one, field))
    latin = one.latin_name.text if one.latin_name else ""
    called = full_name(one.preferred_name, one.last_name) if one.preferred_name else ""
    found = (
        PersonalName(one.full_name, given, official=True),
        PersonalName(latin, ("latin_name",), official=True),
        PersonalName(called, ("preferred_name",), official=False),
    )
    return (name for name in found if name.words)


def compared(one: Person, other: Person) -> tuple[NameMatch, tuple[str, ...]]:
    """The closest match of the names of two persons, and the fields of the first one's name that matches."""
    best: tuple[NameMatch, tuple[str, ...]] = (NameMatch.NONE, ())
    theirs = list(names_of(other))
    for name in names_of(one):
        for their_name in theirs:
            if (name.official or their_name.official) and (match := match_of(name, their_name)) > best[0]:
                best = match, name.fields
    return best


def match_of(one: PersonalName, other: PersonalName) -> NameMatch:
    """How alike two names are; the order of their words does not matter."""
    if not set(whole_name(one.text)).isdisjoint(whole_name(other.text)):
        return NameMatch.SAME
    shorter, longer = sorted((one.words, other.words), key=len)
    matched = _matched(shorter, longer, alike)
    if matched == len(longer) or _misspaced(shorter, longer):
        return NameMatch.SIMILAR
    whole = matched and _matched(shorter, longer, _alike_or_initial) == len(shorter)
    return NameMatch.PARTIAL if whole else NameMatch.NONE


@lru_cache(maxsize=4096)
def alike(one: str, other: str) -> bool:
    """True for words that are equal, sound alike, or differ by one slip of the hand.

    The sound is coarser than that of a search, which many names must not share: of longer words in one script half of
    the letters must agree too, so Ravi is not Rupa.
    """
    if one == other:
        return True
    shortest = min(len(one), len(other))
    if shortest >= _SHORTEST_MISTYPED and _one_slip(one, other):
        return True
    if shortest < 2 or coarse_sounds(one).isdisjoint(coarse_sounds(other)):
        return False
    spelt = _script(one) == _script(other) and shortest >= _SHORTEST_SPELT
    return not spelt or 2 * distance(one, other) <= min(max(len(one), len(other)), _LETTERS_COMPARED)


def _one_slip(one: str, other: str) -> bool:
    """True if one letter is inserted, deleted, replaced, or exchanged with the next."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((place for place, (letter, theirs) in pairs if letter != theirs), min(len(one), len(other)))
    one, other = one[same:], other[same:]
    return one[1:] in (other, other[1:]) or one == other[1:] or (one[1::-1] == other[:2] and one[2:] == other[2:])


@lru_cache(maxsize=4096)
def coarse_sounds(word: str) -> frozenset[str]:
    """How a word sounds, without the marks that scripts do not share: how it ends, and a consonant that is doubled, or
    parted by a vowel that is not written. So Ananya is अनन्या."""
    return frozenset(_DOUBLED.sub(r"\1", code.rstrip(_ENDS_IN_VOWEL)) for code in names.sounds(word))


def sounds_near(word: str) -> Iterator[str]:
    """The codes of a search that a word has which sounds alike, each consonant doubled or not."""
    for code in coarse_sounds(word):
        doubled = (code[:place] + code[place - 1] + code[place:] for place in range(2, len(code) + 1))
        yield from (form + end for form in (code, *doubled) for end in ("", _ENDS_IN_VOWEL))


def _script(word: str) -> str:
    """The script of a word, by its first letter."""
    return unicodedata.name(word[0], "").partition(" ")[0]


def distance(one: str, other: str, letters: int = _LETTERS_COMPARED) -> int:
    """The fewest letters to insert, delete, replace or exchange with the next, at the beginning of two words."""
    one, other = one[:letters], other[:letters]
    rows = [list(range(len(other) + 1))]
    for at, letter in enumerate(one, start=1):
        row = [at]
        for column, theirs in enumerate(other, start=1):
            row.append(min(rows[-1][column] + 1, row[-1] + 1, rows[-1][column - 1] + (letter != theirs)))
            if at > 1 and column > 1 and letter == other[column - 2] and one[at - 2] == theirs:
                row[-1] = min(row[-1], rows[-2][column - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def _alike_or_initial(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return alike(one, other) or (len(shorter) == 1 and longer.startswith(shorter))


def _misspaced(one: Sequence[str], other: Sequence[str]) -> bool:
    """True for names that sound alike once their words are joined, as Desouza and De Sousa."""
    if min(len(one), len(other)) > 1 and len(one) == len(other):
        return False
    joined, theirs = "".join(one), "".join(other)
    if joined.isascii() != theirs.isascii() and min(len(one), len(other)) == 1:
        return not coarse_sounds(joined).isdisjoint(coarse_sounds(theirs))
    if max(len(joined), len(theirs)) > _LONGEST_JOINED or abs(len(joined) - len(theirs)) > _MOST_MISSPACED:
        return False
    return alike(joined, theirs) and distance(joined, theirs, _LONGEST_JOINED) <= _MOST_MISSPACED


def _matched(ones: Sequence[str], others: Sequence[str], related: Callable[[str, str], bool]) -> int:
    """The most words of the one name that can each be related to another word of the other name."""
    partner: dict[int, int] = {}

    def placed(place: int, tried: set[int]) -> bool:
        for their_place, word in enumerate(others):
            if their_place not in tried and related(ones[place], word):
                tried.add(their_place)
                if their_place not in partner or placed(partner[their_place], tried):
                    partner[their_place] = place
                    return True
        return False

    return sum(placed(place, set()) for place in range(len(ones)))
