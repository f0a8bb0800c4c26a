"""The rules of time zones: those of the pinned package `tzdata`, whatever the machine has of its own.

Importing this module sets that for the process. `shared/records/types.py` imports it, so everything with a zone does.
"""

from __future__ import annotations

import zoneinfo

import tzdata

zoneinfo.reset_tzpath(to=())


def release() -> str:
    """The release of the rules, such as 2026f. Later releases sort after earlier ones."""
    return str(tzdata.IANA_VERSION)


def names() -> set[str]:
    """The names of all zones."""
    return zoneinfo.available_timezones()
