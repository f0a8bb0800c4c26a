"""Types of fields. No type for `Plain` fields can hold free text.

E-mail addresses and languages in the JSON of a request are checked against registries and normalised to one standard
form; telephone numbers are read as `shared/records/telephones.py` says, and settled by the use case, which knows the
clinic's country. Stored values were checked then. Reading checks only their form, because registries change and old
records must still open.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from shared.records import telephones, time_zones

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: people read ids out on the telephone

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$")]
"""An opaque identifier."""
_ID = re.compile(str(get_args(Id)[1].pattern))
Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,4}-?[0-9]{4,6}-?[0-9]{4,}$")]
"""A human-readable number, such as PAT-20260001."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,119}$")]
"""A term of a vocabulary: a model name, a content type, a reason code."""
ProcedureCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")]
"""A code of the CPT or of HCPCS Level II, by its form alone: the list of CPT is copyrighted."""
ResourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]{0,499}$")]
"""A Google Cloud resource name or object name; consists of ids only."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""


STORED = "stored"
"""Validation context of JSON that was stored, such as the bytes of a signed report."""


def is_request(info: ValidationInfo) -> bool:
    """True for the JSON of a request, false for stored or computed values."""
    return info.mode == "json" and info.context != STORED


def _phone(number: str) -> str:
    if telephones.E164.fullmatch(number) is None:
        raise ValueError("not a telephone number in E.164")
    return number


def _typed_phone(text: str, info: ValidationInfo) -> str:
    if not is_request(info) and telephones.DIALLED.fullmatch(text):
        return text
    return telephones.dialled(text)


_ADDRESS = r'^([^@\s]+|"([^"\\\r\n]|\\.)+")@[^@\s]+\.[^@\s]+$'
_DIRECTION_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def _without_marks(value: object) -> object:
    """The text without direction marks around it, which texts are copied with."""
    return value.strip().strip(_DIRECTION_MARKS) if isinstance(value, str) else value


def _email(text: str, info: ValidationInfo) -> str:
    return _normalised_email(text) if is_request(info) else text


def _normalised_email(text: str) -> str:
    """Normalise an address: the domain in lower case, no quotes that it does not need, and none of the direction marks
    around it that it was copied with. Raises ValueError when the syntax is invalid (RFC 5321, RFC 6531).

    The domain is not looked up: a DNS query would send a patient's data to a third party. Reserved domains that never
    receive mail (.test, .local, .invalid) are rejected. RFC 6761 allows .example, which documentation and samples use.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False, strict=True, allow_quoted_local=True).normalized
    except EmailNotValidError:
        raise ValueError("not an address that can receive e-mail") from None


def _language(tag: str, info: ValidationInfo) -> str:
    return _preferred_tag(tag) if is_request(info) else tag


def _preferred_tag(tag: str) -> str:
    """The preferred form of a BCP 47 tag. Raises ValueError when a subtag is not registered."""
    from langcodes import standardize_tag, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    try:
        if tag_is_valid(tag):
            return standardize_tag(tag)
    except LanguageTagError:
        pass
    raise ValueError("not a language of BCP 47, such as en-IN")


Phone = Annotated[
    str,
    StringConstraints(max_length=16),
    AfterValidator(_phone),
    WithJsonSchema({"type": "string", "format": "phone", "examples": ["+919812345678"]}),
]
"""A telephone number in E.164, such as +919812345678."""
TypedPhone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=60),
    AfterValidator(_typed_phone),
    WithJsonSchema({"type": "string", "format": "phone", "examples": ["+91 98123 45678"]}),
]
"""A telephone number as somebody types or copies it, of which the dialled signs are kept: with + and the country code,
or as it is dialled in the clinic's country. The use case settles it to a `Phone`."""
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=_ADDRESS),
    BeforeValidator(_without_marks),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Language = Annotated[
    str,
    StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    AfterValidator(_language),
    WithJsonSchema({"type": "string", "format": "language", "examples": ["en-IN"]}),
]
"""A BCP 47 tag, such as en-IN."""

_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    rf"{_FULL_DATE.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]+)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})", re.IGNORECASE
)


def _full_date(value: object) -> object:
    """Accept a date or an RFC 3339 full-date; reject numbers, which pydantic would read as seconds since 1970."""
    if isinstance(value, str) and _FULL_DATE.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, date):
        return value
    raise ValueError("write it as YYYY-MM-DD")


def _date_time(value: object) -> object:
    if isinstance(value, str) and _DATE_TIME.fullmatch(value):
        return datetime.fromisoformat(value.upper())
    if isinstance(value, datetime):
        return value
    raise ValueError("write it as RFC 3339 has it, with seconds and offset: 2026-09-14T12:00:00Z")


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("before the year 1 or after 9999 in UTC") from None


@cache
def _zones() -> set[str]:
    return time_zones.names()  # reads hundreds of files


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("not an IANA time zone")
    return name


Day = Annotated[date, BeforeValidator(_full_date)]
"""A calendar day."""
ListDay = Annotated[Day, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
"""A calendar day that a list is asked for."""
Moment = Annotated[AwareDatetime, BeforeValidator(_date_time), AfterValidator(_utc)]
"""A point in time, stored in UTC."""
CLOCK_SKEW = timedelta(minutes=2)
"""How far a client's clock may be ahead of ours, in the times that it sends."""
Zone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$"),
    AfterValidator(_zone),
    WithJsonSchema({"type": "string", "format": "time-zone", "examples": ["Asia/Kolkata"]}),
]
"""An IANA time zone, such as Asia/Kolkata."""


class Role(StrEnum):
    """A role of a staff member; a person can hold several roles."""

    ADMIN = "admin"
    DOCTOR = "doctor"
    RECEPTIONIST = "receptionist"


def is_id(text: str) -> bool:
    """True if the text has the form of an id."""
    return _ID.fullmatch(text) is not None


def new_id(length: int = 20) -> str:
    """A new opaque id; 20 characters are 100 random bits."""
    # 32 letters divide the 256 values of a byte: none is likelier than another.
    return "".join([_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length)])


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day in `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def country_of(zone: str) -> str | None:
    """The country (ISO 3166-1) of a time zone; None for zones without a country, such as UTC, and for old names."""
    return _countries().get(zone)


@cache
def _countries() -> dict[str, str]:
    from importlib.resources import files

    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {row[2]: row[0] for row in rows}
