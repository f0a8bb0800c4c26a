"""Whether two records may be of one person: a score with its reasons. One rule for every way in which a record begins
to name somebody: registering, changing and restoring a patient."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from shared.records.patients import birth_likeness, name_likeness
from shared.records.patients.birth_likeness import BirthMatch
from shared.records.patients.name_likeness import NameMatch, Person
from shared.records.patients.terms import folded
from shared.records.record import Value

IDENTITY = frozenset(
    (
        *("first_name", "last_name", "preferred_name", "latin_name", "name_unknown"),
        *("date_of_birth", "estimated_age", "primary_phone", "secondary_phone", "email"),
    )
)
"""The fields that persons are compared by."""
HIGHEST = 100
EXACT = 90
"""The score from which on a second record of the person is refused."""
NEAR = 70
"""The score from which on a similar patient is told; one with the same telephone number or e-mail address always is."""


class ReasonCode(StrEnum):
    """What is alike of two patients."""

    SAME_NAME = "same_name"
    """In any order of the words, however it is spaced, without titles."""
    SIMILAR_NAME = "similar_name"
    """It sounds alike, also in another script, or a letter of a word is mistyped."""
    PARTIAL_NAME = "partial_name"
    """One name has all words of the other, or their initials, and more."""
    SAME_BIRTH_DATE = "same_birth_date"
    SWAPPED_BIRTH_DATE = "swapped_birth_date"
    """Day and month are exchanged."""
    SIMILAR_BIRTH_DATE = "similar_birth_date"
    """One digit differs, two digits beside each other are exchanged, or the year differs by one."""
    PARTLY_KNOWN_BIRTH_DATE = "partly_known_birth_date"
    """A year or a month of a year that may be the same day."""
    SIMILAR_AGE = "similar_age"
    """An estimated age fits to the date of birth or the estimated age of the other, within five years."""
    SAME_PHONE = "same_phone"
    SAME_EMAIL = "same_email"


SAME = frozenset((ReasonCode.SAME_NAME, ReasonCode.SAME_BIRTH_DATE, ReasonCode.SAME_PHONE, ReasonCode.SAME_EMAIL))
"""The reasons whose fields are equal."""


class Reason(Value):
    """Something that is alike of two patients."""

    code: ReasonCode
    fields: list[str]
    """The fields of the patient that was sent, or restored."""


_OF_NAMES = {
    NameMatch.SAME: (60, ReasonCode.SAME_NAME),
    NameMatch.SIMILAR: (50, ReasonCode.SIMILAR_NAME),
    NameMatch.PARTIAL: (40, ReasonCode.PARTIAL_NAME),
}
_OF_BIRTHS = {
    BirthMatch.SAME: (40, ReasonCode.SAME_BIRTH_DATE),
    BirthMatch.SWAPPED: (30, ReasonCode.SWAPPED_BIRTH_DATE),
    BirthMatch.SLIP: (20, ReasonCode.SIMILAR_BIRTH_DATE),
    BirthMatch.PARTLY_KNOWN: (20, ReasonCode.PARTLY_KNOWN_BIRTH_DATE),
    BirthMatch.SIMILAR_AGE: (10, ReasonCode.SIMILAR_AGE),
}
_OTHER_BIRTH = -10
_OF_CONTACTS = 40
"""Once, for telephone numbers and e-mail addresses together: families share all of them."""
_CONTACTS = (ReasonCode.SAME_PHONE, ReasonCode.SAME_EMAIL)


class Likeness(NamedTuple):
    """How alike two persons are."""

    score: int
    """0 to 100."""
    reasons: tuple[Reason, ...]

    @property
    def exact(self) -> bool:
        """True if the two seem to be one person: the same name with the same or a swapped date of birth, a similar one
        with the same, or a similar one with the same telephone number or e-mail address."""
        return self.score >= EXACT

    @property
    def told(self) -> bool:
        """True if a person should look whether the two are one person."""
        return self.score >= NEAR or any(reason.code in _CONTACTS for reason in self.reasons)


def likeness_of(one: Person, other: Person) -> Likeness:
    """How alike two persons are. The order of the two only decides whose fields the reasons name.

    No name, and no date, is alike by being unknown.
    """
    found = [*_names(one, other), *_births(one, other)]
    contacts = [*_contacts(one, other)]
    points = sum(points for points, _ in found) + (_OF_CONTACTS if contacts else 0)
    reasons = [reason for _, reason in found if reason]
    return Likeness(max(0, min(HIGHEST, points)), (*reasons, *contacts))


def phones_of(one: Person) -> dict[str, str]:
    """The person's own telephone numbers, by field."""
    numbers = {"primary_phone": one.primary_phone, "secondary_phone": one.secondary_phone}
    return {field: number for field, number in numbers.items() if number is not None}


def _names(one: Person, other: Person) -> Iterator[tuple[int, Reason]]:
    match, fields = name_likeness.compared(one, other)
    if match in _OF_NAMES:
        points, code = _OF_NAMES[match]
        yield points, Reason(code=code, fields=[*fields])


def _births(one: Person, other: Person) -> Iterator[tuple[int, Reason | None]]:
    match = birth_likeness.compared(one.date_of_birth, other.date_of_birth)
    if match == BirthMatch.OTHER:
        yield _OTHER_BIRTH, None
    elif match == BirthMatch.UNKNOWN and _ages_fit(one, other):
        match = BirthMatch.SIMILAR_AGE
    if match in _OF_BIRTHS:
        points, code = _OF_BIRTHS[match]
        yield points, Reason(code=code, fields=["date_of_birth" if one.date_of_birth else "estimated_age"])


def _ages_fit(one: Person, other: Person) -> bool:
    """True if one of the two has an estimated age that fits to what is known of the other."""
    ones = one.estimated_age is not None and birth_likeness.fits(
        one.estimated_age, other.date_of_birth, other.estimated_age
    )
    return ones or (
        other.estimated_age is not None
        and birth_likeness.fits(other.estimated_age, one.date_of_birth, one.estimated_age)
    )


def _contacts(one: Person, other: Person) -> Iterator[Reason]:
    theirs = phones_of(other).values()
    if fields := [field for field, number in phones_of(one).items() if number in theirs]:
        yield Reason(code=ReasonCode.SAME_PHONE, fields=fields)
    if one.email and other.email and folded(one.email) == folded(other.email):
        yield Reason(code=ReasonCode.SAME_EMAIL, fields=["email"])
