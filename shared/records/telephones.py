"""Telephone numbers as people write and copy them, read into E.164: one reading for registration, search and settings.

Numbering plans come from libphonenumber. They lag behind the networks by months, so a number that they do not contain
is no error by itself: it is kept, marked as unverified. Sources: ITU-T E.164 and E.123; RFC 3966 (`tel:`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from shared.records import digits

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DIALLED = re.compile(r"\+[0-9]{7,17}|[0-9]{6,20}")
"""What `dialled` returns: with +, or as it is dialled in a country, perhaps after the prefix for calls abroad."""
HOW_TO_WRITE = "write it with + and the country code, such as +91 98123 45678"
_SCHEME = re.compile(r"^\s*tel\s*[:.]", re.IGNORECASE)
_EXTENSION = re.compile(r"[,;#*]|\d\s*(e?xt|x|p|w)", re.IGNORECASE)
"""The signs of an extension or of keys that are pressed after the call is answered."""
_SEPARATORS = frozenset("./\\_·•・‧'|~\u2212\u223c\u30fc")
"""Separators beside spaces, dashes and brackets. The last three are typed for dashes: a minus sign, a tilde, and the
long vowel mark of Japanese."""
_SEPARATING = ("Zs", "Pd", "Ps", "Pe")
"""Categories of separators: spaces, dashes, brackets. Direction marks and soft hyphens (Cf) go before."""
_ABROAD = re.compile(r"\+?00|011")
"""Prefixes of calls abroad: of ITU-T E.164 and of the North American plan. People keep them when they travel."""


class Telephone(NamedTuple):
    """A number that somebody may have."""

    e164: str
    known: bool
    """True if the plan of its country contains it."""
    has_length: bool
    """True if landlines or mobiles of its country have as many digits."""


def dialled(text: str) -> str:
    """The number as it is dialled: ASCII digits, after + if the country code is written.

    Raises ValueError, with advice, for an extension, letters, two numbers, and too few digits.
    """
    signs = signs_of(text)
    if DIALLED.fullmatch(signs) is None:
        raise ValueError(HOW_TO_WRITE)
    return signs


def signs_of(text: str) -> str:
    """The digits of a text, of any script, with the + before or after them; without separators and direction marks.

    Raises ValueError for an extension and for what belongs to no number.
    """
    shown = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    plain = _SCHEME.sub("", "".join(shown))
    if _EXTENSION.search(plain):
        raise ValueError("give the number without an extension, and note the extension elsewhere")
    found = "".join(map(_sign, digits.in_ascii(plain)))
    if found.endswith("+") and found.count("+") == 1:
        found = f"+{found[:-1]}"  # the + of a number in a right-to-left text
    if "?" in found or "+" in found[1:]:
        raise ValueError(f"one number in digits: {HOW_TO_WRITE}")
    return found


def _sign(character: str) -> str:
    """The digit, +, nothing for a separator, or ? for what belongs to no number."""
    if character.isdecimal():
        return character
    if character in _SEPARATORS or character.isspace() or unicodedata.category(character) in _SEPARATING:
        return ""
    return "+" if character == "+" else "?"


def readings(signs: str, country: str | None) -> list[Telephone]:
    """The numbers that dialled signs may mean in a country (ISO 3166-1), most probable first; at most two.

    None for a country that is not known if the signs have no country code. A known number after the prefix of another
    country's calls abroad counts too.
    """
    candidates = [signs]
    if prefix := _ABROAD.match(signs):
        candidates.append(f"+{signs[prefix.end() :]}")
    first, *others = ([*_readings_of(one, country)] for one in candidates)
    found = [*first, *(one for reading in others for one in reading if one.known)]
    return sorted(dict.fromkeys(found), key=lambda one: (not one.known, not one.has_length))


def _readings_of(signs: str, country: str | None) -> Iterator[Telephone]:
    import phonenumbers

    try:
        number = phonenumbers.parse(signs, country)
    except phonenumbers.NumberParseException:
        if E164.fullmatch(signs):  # a country code that the tables do not know
            yield Telephone(signs, known=False, has_length=False)
        return
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if E164.fullmatch(written):
        yield Telephone(written, phonenumbers.is_valid_number(number), _has_length(number))


def _has_length(number: PhoneNumber) -> bool:
    from phonenumbers import PhoneNumberType, ValidationResult, is_possible_number_for_type_with_reason

    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    lengths = (is_possible_number_for_type_with_reason(number, kind) for kind in kinds)
    return ValidationResult.IS_POSSIBLE in lengths


class UnusualError(ValueError):
    """The number has a length that its country does not have, or an unknown country code."""


def settled(signs: str, country: str | None, *, insisted: bool) -> Telephone:
    """The number that dialled signs mean in a country.

    Raises UnusualError for a number that seems mistyped, unless the client insists on it. A number of the right length
    that the plan does not contain is taken: the plan may be out of date.
    """
    found = readings(signs, country)
    if not found:
        raise ValueError("no country has this code" if signs.startswith("+") else HOW_TO_WRITE)
    if not (found[0].known or found[0].has_length or insisted):
        raise UnusualError("no telephone can have this number: wrong length or country code")
    return found[0]


@lru_cache(maxsize=256)
def country_of(e164: str) -> str | None:
    """The country (ISO 3166-1) of a number; None for one of no country, such as an international freephone number."""
    import phonenumbers

    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return None
    return region if region in phonenumbers.SUPPORTED_REGIONS else None
