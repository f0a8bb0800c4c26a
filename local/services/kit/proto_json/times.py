"""Protobuf's Timestamp and Duration from and to JSON, to the nanosecond."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without an offset: `isoformat` prints none
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):([0-5]\d))", re.ASCII)
_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_LONGEST = 315_576_000_000
"""Seconds of the longest Duration: about 10,000 years."""


def timestamp(message: Any) -> str:
    """RFC 3339 in UTC, with as many digits of a second as needed: 0, 3, 6 or 9."""
    moment = (_EPOCH + dt.timedelta(seconds=message.seconds)).isoformat()
    return f"{moment}{_fraction(message.nanos)}Z"


def read_timestamp(message: Any, value: Any) -> None:
    """Raises ValueError or TypeError for what is no RFC 3339 time of the years 1 to 9999."""
    found = _TIMESTAMP.fullmatch(value)
    if found is None:
        raise ValueError("not a time of RFC 3339")
    moment, fraction, sign, hours, minutes = found.groups()
    since = dt.datetime.fromisoformat(moment) - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
        _ = _EPOCH + dt.timedelta(seconds=seconds)  # the year is in the range in UTC too
    message.seconds, message.nanos = seconds, _nanos(fraction)


def duration(message: Any) -> str:
    """Seconds, as `3.500s`."""
    sign = "-" if message.seconds < 0 or message.nanos < 0 else ""
    return f"{sign}{abs(message.seconds)}{_fraction(abs(message.nanos))}s"


def read_duration(message: Any, value: Any) -> None:
    """Raises ValueError or TypeError for what is no duration."""
    found = _DURATION.fullmatch(value)
    if found is None or int(found[2]) > _LONGEST:
        raise ValueError("not a duration")
    sign = -1 if found[1] else 1
    message.seconds, message.nanos = sign * int(found[2]), sign * _nanos(found[3])


def _nanos(fraction: str | None) -> int:
    return int(fraction.ljust(9, "0")) if fraction else 0


def _fraction(nanos: int) -> str:
    if not nanos:
        return ""
    digits = f".{nanos:09}"
    return digits[:4] if digits.endswith("000000") else digits[:7] if digits.endswith("000") else digits
