"""Dates of birth as people type them into a search: a day, a month of a year, or a year."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from shared.records.partial_date import PartialDate

_SEPARATOR = r"[./\s-]+"
_YEAR_FIRST = re.compile(rf"(\d{{4}})(?:{_SEPARATOR}(\d{{1,2}})(?:{_SEPARATOR}(\d{{1,2}}))?)?")
_YEAR_LAST = re.compile(rf"(?:(\d{{1,2}}){_SEPARATOR})?(\d{{1,2}}){_SEPARATOR}(\d{{4}})")
_MONTH_NAMED = re.compile(rf"([a-z]{{3,9}})\.?,?{_SEPARATOR}(\d{{4}})", re.IGNORECASE)
_MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}


def dates(text: str) -> list[PartialDate]:
    """The dates that a text can mean, as far as it says: year first; otherwise both day first and month first."""
    return list(dict.fromkeys(date for parts in _readings(text.strip()) if (date := _date(*parts))))


def _readings(text: str) -> Iterator[tuple[str, ...]]:
    if found := _YEAR_FIRST.fullmatch(text):
        yield tuple(filter(None, found.groups()))
    elif found := _YEAR_LAST.fullmatch(text):
        one, other, year = found.groups()
        yield from [(year, other)] if one is None else [(year, other, one), (year, one, other)]
    elif (found := _MONTH_NAMED.fullmatch(text)) and (month := _MONTHS.get(found[1].casefold())):
        yield found[2], str(month)


def _date(*parts: str) -> PartialDate | None:
    """Parts from the year on; None if they are no date of the calendar."""
    try:
        return PartialDate("-".join([parts[0], *(f"{int(part):02}" for part in parts[1:])]))
    except ValueError:
        return None
