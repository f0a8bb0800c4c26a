"""The search terms by which patients who may be a certain person are found, and which of them are opened.

The comparison itself is in `likeness.py`; it needs the opened records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from shared.records.patients import birth_likeness, names
from shared.records.patients.birth_likeness import swapped
from shared.records.patients.likeness import phones_of
from shared.records.patients.name_likeness import Person, PersonalName, names_of, sounds_near
from shared.records.patients.terms import Term, born, folded, sound_pairs, whole_name


@dataclass(frozen=True)
class LikenessTerms:
    """What to look for. Each list begins with the widest query; a narrower one follows where one found too many.

    A patient whom a query found is opened who has one of `certain`, or one of `names` and one of `births`.
    """

    person: Person
    by_person: tuple[tuple[Term, ...], ...]
    """Name with date of birth, telephone number, e-mail address; the widest also by the date of birth alone."""
    by_name: tuple[tuple[Term, ...], ...]
    """The name, the widest also by its sound. Empty if a name alone proves nothing: neither date nor age is known."""
    certain: frozenset[Term]

    @cached_property
    def names(self) -> frozenset[Term]:
        """Names that are the same or sound alike."""
        sounds = (("sound", code) for name in names_of(self.person) for code in _codes(name))
        return frozenset([*_whole_names(self.person), *sounds])

    @cached_property
    def births(self) -> frozenset[Term]:
        """Dates of birth that are alike."""
        return frozenset(_births(self.person))


def terms_of(one: Person) -> LikenessTerms:
    """The terms of a person. A name that is unknown finds nobody."""
    whole = [*_whole_names(one)]
    dates = _dates(one)
    persons, contacts = _persons(one), _contacts(one)
    known = whole if one.date_of_birth or one.estimated_age else []
    return LikenessTerms(
        person=one,
        by_person=_lists(persons, contacts, dates if whole else []),
        by_name=_lists(known, [*_sounds(one)] if one.date_of_birth else []),
        certain=frozenset([*persons, *contacts, *known]),
    )


def _lists(*parts: list[Term]) -> tuple[tuple[Term, ...], ...]:
    """All parts together, then without the last ones, as long as something is left; each list once."""
    lists = (
        tuple(dict.fromkeys(term for part in parts[:count] for term in part)) for count in range(len(parts), 0, -1)
    )
    return tuple(dict.fromkeys(terms for terms in lists if terms))


def _persons(one: Person) -> list[Term]:
    """Each official name with the date of birth, also with day and month exchanged."""
    day = one.date_of_birth
    days = [day, *swapped(day)] if day else []
    return [term for name in names_of(one) if name.official for date in days for term in sorted(born(name.text, date))]


def _contacts(one: Person) -> list[Term]:
    phones = [("phone", number) for number in phones_of(one).values()]
    return phones + ([("email", folded(one.email))] if one.email else [])


def _dates(one: Person) -> list[Term]:
    day = one.date_of_birth
    dates = [day, *swapped(day)] if day and day.exact else []
    return [("date_of_birth", str(date)) for date in dates]


def _births(one: Person) -> Iterator[Term]:
    if one.date_of_birth:
        yield from (("date_of_birth", str(date)) for date in birth_likeness.alike(one.date_of_birth))


def _whole_names(one: Person) -> Iterator[Term]:
    yield from (term for name in names_of(one) for term in whole_name(name.text))


def _sounds(one: Person) -> Iterator[Term]:
    """How each official name sounds: by its two longest words, or its only one."""
    for name in names_of(one):
        words = [word for word in sorted(name.words, key=len, reverse=True) if names.sounds(word)][:2]
        if not name.official or not words:
            continue
        if len(words) > 1:
            yield from (("sound_pair", pair) for pair in sound_pairs(words))
        else:
            yield from (("sound", code) for code in names.sounds(words[0]))


def _codes(name: PersonalName) -> set[str]:
    joined = "".join(name.words)
    return {code for word in (*name.words, joined) for code in (*names.sounds(word), *sounds_near(word))}
