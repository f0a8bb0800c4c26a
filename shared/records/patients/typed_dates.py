"""Dates as people type them: 8 June 1950, 08.06.1950, 8/6/50, June 1950, १९५०-०६-०८."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby

from shared.records import digits
from shared.records.partial_date import PartialDate
from shared.records.patients import names
from shared.records.patients.details import EARLIEST_BIRTH

MOST_DATES = 8
"""Maximum number of dates that one text may mean."""
_MONTHS = (
    "january जनवरी ஜனவரி يناير جانفي",
    "february फरवरी फ़रवरी பிப்ரவரி பெப்ரவரி فبراير فيفري شباط",
    "march मार्च மார்ச் مارس آذار",
    "april अप्रैल ஏப்ரல் أبريل إبريل أفريل نيسان",
    "may मई மே مايو ماي أيار",
    "june जून ஜூன் يونيو يونية جوان حزيران",
    "july जुलाई ஜூலை يوليو يولية جويلية تموز",
    "august अगस्त ஆகஸ்ட் ஆகஸ்டு أغسطس أوت آب",
    "september sept सितंबर सितम्बर செப்டம்பர் செப்டெம்பர் سبتمبر أيلول",
    "october अक्टूबर अक्तूबर அக்டோபர் أكتوبر",
    "november नवंबर नवम्बर நவம்பர் نوفمبر",
    "december दिसंबर दिसम्बर டிசம்பர் ديسمبر",
)
"""The names of the months in the languages of the product; Arabic ones in use from the Maghreb to the Levant."""
_SHORTEST_MONTH = 3
"""In letters: a shorter beginning of a name is none."""
_BESIDE = frozenset(
    ["st", "nd", "rd", "th", "of", "the", "de", "del", "den", "der", "er", "o", "born", "dob", "को", "من"]
)
"""Words that stand in a date beside its numbers and its month."""
_UNITS = frozenset("年月日년월일")
"""Signs after a year, a month and a day."""
_NUMBERS = 3
_TOO_LATE = date(2100, 1, 1)


def dates(text: str) -> list[PartialDate]:
    """The dates that a text may mean, as far as it names them: year first, then day first, then month first.

    Empty for a text that is no date. A year of two digits is of this century or of the last.
    """
    words = _words(text)
    numbers = [word for word in words if word.isdecimal()]
    months = [_month_of(word) for word in words if not word.isdecimal() and word not in _BESIDE | _UNITS]
    if not 0 < len(numbers) <= _NUMBERS or len(months) > 1 or None in months:
        return []
    month = f"{months[0]}" if months else None
    found = dict.fromkeys(one for parts in _orders(numbers, month) for one in _dates(*parts))
    return list(found)[:MOST_DATES]


def _words(text: str) -> list[str]:
    """The runs of digits, in ASCII, and of letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    parts = groupby((one for one in digits.in_ascii(folded) if unicodedata.category(one) != "Cf"), _kind)
    return ["".join(group) for kind, group in parts if kind]


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character in _UNITS:
        return character
    return "letter" if unicodedata.category(character)[0] in "LM" else ""


@cache
def _names_of_months() -> dict[str, int]:
    return {names.squeezed(name): number for number, line in enumerate(_MONTHS, 1) for name in line.split()}


def _month_of(word: str) -> int | None:
    """The month that the word names in full, or whose name alone begins with it."""
    typed, known = names.squeezed(word), _names_of_months()
    if typed in known:
        return known[typed]
    meant = {number for name, number in known.items() if len(typed) >= _SHORTEST_MONTH and name.startswith(typed)}
    return meant.pop() if len(meant) == 1 else None


def _orders(numbers: list[str], month: str | None) -> Iterator[tuple[str, str | None, str | None]]:
    """Year, month and day in each order in which people write them."""
    if month is not None:
        yield from ((year, month, day) for year, day in _years_and_days(numbers))
    elif len(numbers) == 1:
        yield from _unseparated(numbers[0])
    elif len(numbers) == 2:
        yield from ((year, other, None) for year, other in _years_and_days(numbers) if len(year) == 4)
    else:
        first, second, third = numbers
        if len(first) == 4 or int(first) > 31:
            yield first, second, third
        else:
            yield third, second, first
            yield third, first, second


def _years_and_days(numbers: list[str]) -> Iterator[tuple[str, str | None]]:
    """The year, and the day if there is another number; the year is the longer number, or else the last."""
    if len(numbers) == 1:
        yield numbers[0], None
    elif len(numbers) == 2:
        first, last = numbers
        yield (first, last) if len(first) == 4 or int(first) > 31 else (last, first)


def _unseparated(digits: str) -> Iterator[tuple[str, str | None, str | None]]:
    if len(digits) == 4:
        yield digits, None, None
    elif len(digits) == 8:
        yield digits[:4], digits[4:6], digits[6:]
        yield digits[4:], digits[2:4], digits[:2]
        yield digits[4:], digits[:2], digits[2:4]


def _dates(year: str, month: str | None, day: str | None) -> Iterator[PartialDate]:
    """The dates of these parts that are in the calendar and no earlier than births that are registered."""
    if not re.fullmatch(r"[0-9]{4}|[0-9]{2}", year) or any(part and len(part) > 2 for part in (month, day)):
        return
    for number in [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]:
        try:
            earliest = date(number, int(month or 1), int(day or 1))
        except ValueError:
            continue
        if EARLIEST_BIRTH <= earliest < _TOO_LATE:
            yield PartialDate("-".join([f"{number:04}", *(f"{int(part):02}" for part in (month, day) if part)]))
