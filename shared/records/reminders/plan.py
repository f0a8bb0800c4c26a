"""When the messages about an appointment are due, and until when they are of use.

A reminder that falls into quiet hours waits for their end, if half of its time before the visit is left then; otherwise
it goes a quarter of an hour before they begin. No reminder goes within an hour of the booking, which has just told the
patient, or within an hour before the next reminder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shared.records.reminders.quiet_hours import QuietHours

BEFORE_QUIET = timedelta(minutes=15)
"""How long before quiet hours a reminder goes that cannot wait for their end."""
APART = timedelta(hours=1)
NOTICE_HOLDS = timedelta(hours=24)
"""How long after a change a patient is told of it."""


@dataclass(frozen=True)
class Planned:
    """One message, due at a time."""

    minutes_before: int | None
    """Of a reminder; None for other messages."""
    at: datetime
    until: datetime
    """It is not sent at or after this time."""


def reminder(minutes: int, visit_at: datetime, zone: str, quiet: QuietHours | None) -> Planned:
    """The reminder so many minutes before a visit."""
    due, half = visit_at - timedelta(minutes=minutes), visit_at - timedelta(minutes=minutes) / 2
    if quiet is None:
        return Planned(minutes, due, half)
    night = quiet.around(due, zone)
    if night is None:
        return Planned(minutes, due, min(half, quiet.next_begin(due, zone)))
    if night.ends_at < half:
        return Planned(minutes, night.ends_at, min(half, quiet.next_begin(night.ends_at, zone)))
    return Planned(minutes, night.starts_at - BEFORE_QUIET, night.starts_at)


def reminders(
    times: Sequence[int], visit_at: datetime, zone: str, quiet: QuietHours | None, booked_at: datetime
) -> list[Planned]:
    """All reminders of a visit that was booked at a time, in the order in which they are due."""
    planned = sorted((reminder(each, visit_at, zone, quiet) for each in times), key=lambda one: (one.at, one.until))
    kept = [one for one, following in pairwise(planned) if following.at - one.at >= APART] + planned[-1:]
    return [one for one in kept if one.at >= booked_at + APART]


def notice(changed_at: datetime, visit_at: datetime, zone: str, quiet: QuietHours | None) -> Planned:
    """The message about a change: at once, or after quiet hours unless the visit begins within them."""
    night = quiet.around(changed_at, zone) if quiet else None
    at = night.ends_at if night and night.ends_at < visit_at else changed_at
    return Planned(None, at, min(visit_at, at + NOTICE_HOLDS))
