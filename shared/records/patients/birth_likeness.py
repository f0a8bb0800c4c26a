"""How alike two dates of birth are: equal, mistyped, or known in part and perhaps the same."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from shared.records.partial_date import PartialDate, Precision
from shared.records.patients.age import EstimatedAge

MOST_YEARS_MISJUDGED = 5
"""Years by which an age that somebody judged may be wrong and still be alike."""
_DIGITS = "0123456789"


class BirthMatch(IntEnum):
    """How alike two dates of birth are; the closest is the greatest."""

    OTHER = 0
    """Both are known, and they are not alike."""
    UNKNOWN = 1
    """Nothing is known of one of them."""
    SIMILAR_AGE = 2
    """An age that somebody judged fits to the other date or age."""
    PARTLY_KNOWN = 3
    """The one contains the other, or both are the same year or month."""
    SLIP = 4
    """One digit differs, two digits beside each other are exchanged, or the year differs by one."""
    SWAPPED = 5
    """Day and month are exchanged."""
    SAME = 6
    """The same day."""


def compared(one: PartialDate | None, other: PartialDate | None) -> BirthMatch:
    """How alike two dates of birth are."""
    if one is None or other is None:
        return BirthMatch.UNKNOWN
    if Precision.DAY not in (one.precision, other.precision) or one.precision != other.precision:
        return BirthMatch.PARTLY_KNOWN if one.contains(other) or other.contains(one) else BirthMatch.OTHER
    if one == other:
        return BirthMatch.SAME
    if other in swapped(one):
        return BirthMatch.SWAPPED
    return BirthMatch.SLIP if other in slips(one) else BirthMatch.OTHER


def fits(age: EstimatedAge, born: PartialDate | None, other: EstimatedAge | None) -> bool:
    """True if an age that somebody judged is about that of a date of birth, or of another judged age."""
    if born is not None:
        since = born.year
    elif other is not None:
        since = other.as_of.year - other.years
    else:
        return False
    return abs(age.as_of.year - age.years - since) <= MOST_YEARS_MISJUDGED


def swapped(day: PartialDate) -> list[PartialDate]:
    """The date with day and month exchanged, if it is another one of the calendar."""
    year, _, rest = day.partition("-")
    month, _, of_month = rest.partition("-")
    return [one for one in _in_calendar(f"{year}-{of_month}-{month}") if of_month and one != day]


@lru_cache(maxsize=256)
def slips(day: PartialDate) -> frozenset[PartialDate]:
    """The dates that one slip of the hand makes of a date that is known to the day; itself is none of them."""
    text = str(day)
    typed = {text[:place] + digit + text[place + 1 :] for place in _places(text) for digit in _DIGITS}
    pairs = (place for place in _places(text) if place + 1 in _places(text))
    typed |= {text[:place] + text[place + 1] + text[place] + text[place + 2 :] for place in pairs}
    typed |= {f"{day.year + years:04}{text[4:]}" for years in (-1, 1)}
    return frozenset(one for text in typed for one in _in_calendar(text)) - {day}


def alike(born: PartialDate) -> Iterator[PartialDate]:
    """Every date that is alike: the same, mistyped, less precise or more precise ones."""
    yield from (born, *born.wider)
    if born.precision == Precision.DAY:
        yield from (*swapped(born), *slips(born))
        return
    for month in [born.month] if born.month else range(1, 13):
        yield PartialDate(f"{born.year:04}-{month:02}")
        days = calendar.monthrange(born.year, month)[1]
        yield from (PartialDate(f"{born.year:04}-{month:02}-{day:02}") for day in range(1, days + 1))


def _places(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign.isdecimal()]


def _in_calendar(text: str) -> list[PartialDate]:
    """The date that the text is; none for a day that is in no calendar."""
    try:
        return [PartialDate(text)]
    except ValueError:
        return []
