"""The small types that fields are made of. None of the types for `Plain` fields can hold free text."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, StringConstraints

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: ids are read out on the telephone

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$")]
"""An opaque identifier."""
Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,4}-?[0-9]{4,6}-?[0-9]{4,}$")]
"""A number that people use, such as PAT-20260001."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,119}$")]
"""A term from a list: a model's name, a content type, a reason."""
ResourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]{0,499}$")]
"""A Google Cloud resource name or an object's name, made of ids only."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
"""Free text; always Encrypted."""
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A BCP 47 tag, such as en-IN."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+[1-9][0-9]{6,14}$")]
"""A telephone number in E.164, such as +919812345678."""


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@cache
def _zones() -> set[str]:
    return available_timezones()  # reads hundreds of files


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("not an IANA time zone")
    return name


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time, kept in UTC."""
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$"), AfterValidator(_zone)]
"""An IANA time zone, such as Asia/Kolkata."""


class Role(StrEnum):
    """What a member of the clinic's staff may do; a person can hold several."""

    ADMIN = "admin"
    DOCTOR = "doctor"
    RECEPTIONIST = "receptionist"


def new_id(length: int = 20) -> str:
    """A new opaque id; 20 characters are 100 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day on a wall in `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()
