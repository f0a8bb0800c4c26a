"""Times at which nobody of a test clinic has an appointment."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from shared.records.scheduling.types import MOST_DAYS_AHEAD
from shared.store.context import utc_now

_FIRST = timedelta(days=30)
_APART = timedelta(hours=9)
"""More than the longest appointment."""
_numbers = count()


def free_time() -> str:
    """A time that no other call of this process gives, a month or more ahead, as RFC 3339 has it."""
    ahead = _FIRST + _APART * next(_numbers)
    assert ahead < timedelta(days=MOST_DAYS_AHEAD - 1), "no free time is left"
    moment = utc_now().replace(minute=0, second=0, microsecond=0) + ahead
    return moment.isoformat().replace("+00:00", "Z")


def free_local_time() -> str:
    """The same on the wall, in UTC. A week and two weeks later nobody has an appointment either: between the times that
    are given a week is not a multiple of their distance."""
    return free_time().removesuffix("Z")
