"""The passcode of a link: what a person knows and a mail scanner does not.

Only a passcode in its full form is compared, and counts as wrong if it is. What a scanner fills into the fields of a
form has another form, so that it cannot lock a link.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from shared.records import digits
from shared.records.patients.details import EARLIEST_BIRTH

CODE_DIGITS = 6
YEAR_DIGITS = 4
LONGEST_FIELD = 40
"""Characters of one field of the form that are looked at."""
_IGNORED = str.maketrans("", "", " -\u00a0")


class PasscodeKind(StrEnum):
    """What opens a link besides its URL."""

    DATE_OF_BIRTH = "date_of_birth"
    """The patient's."""
    SENT_CODE = "sent_code"
    """A code of six digits that is sent by the other channel: by SMS for a link in a mail, and the reverse."""
    TOLD_CODE = "told_code"
    """A code of six digits that the practice tells the recipient, such as by telephone. The share's answer has it."""

    @property
    def is_code(self) -> bool:
        """True for a code that is made for one link."""
        return self != PasscodeKind.DATE_OF_BIRTH

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that a person fills in."""
        return ("code",) if self.is_code else ("day", "month", "year")


def new_code() -> str:
    """A random code."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def as_passcode(day: date) -> str:
    """The passcode that a date of birth is."""
    return day.isoformat()


def read_passcode(kind: PasscodeKind, fields: Mapping[str, str], today: date) -> str | None:
    """The passcode that was typed, in one spelling; None if it is incomplete or has another form.

    Digits may be of any script. A date of birth must be a day of the calendar, and not be in the future.
    """
    typed = [_digits(fields.get(name, "")) for name in kind.fields]
    if None in typed:
        return None
    if kind.is_code:
        return typed[0] if len(typed[0] or "") == CODE_DIGITS else None
    day, month, year = (int(text or "0") for text in typed)
    try:
        born = date(year, month, day)
    except (ValueError, OverflowError):
        return None
    return as_passcode(born) if EARLIEST_BIRTH <= born <= today else None


def read_year(fields: Mapping[str, str], today: date) -> int | None:
    """The year of birth that was typed; None if it is incomplete, or nobody who lives was born then.

    It is what the page of an appointment asks for: less than a document needs, and more than a scanner knows.
    """
    typed = _digits(fields.get("year", ""))
    if typed is None or len(typed) != YEAR_DIGITS:
        return None
    return year if EARLIEST_BIRTH.year <= (year := int(typed)) <= today.year else None


def _digits(text: str) -> str | None:
    """The digits of a field as ASCII, without spaces and hyphens; None if it has anything else, or nothing."""
    kept = text[:LONGEST_FIELD].translate(_IGNORED)
    if not kept or len(text) > LONGEST_FIELD or not all(character.isdecimal() for character in kept):
        return None
    return digits.in_ascii(kept)
