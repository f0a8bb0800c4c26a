"""What becomes of an appointment when the rules of its time zone change: the local time stays, the instant follows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.records.scheduling.wall_clock import Occurrence, instant_of, instants_of


class Unsettled(StrEnum):
    """Why the time of an appointment must be agreed on anew."""

    SKIPPED = "skipped"
    """Clocks skip the local time now; `scheduled_at` is as long after the gap as the time was after its beginning."""
    REPEATED = "repeated"
    """The local time happens twice now; `scheduled_at` is the earlier one, or the `occurrence` that was agreed on."""
    OVERLAPS = "overlaps"
    """Another appointment of doctor, patient or room is at the new instant."""


class Agreed(Protocol):
    """The time that people agreed on."""

    @property
    def scheduled_at(self) -> datetime: ...
    @property
    def local_time(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def occurrence(self) -> Occurrence: ...


def instant_now(time: Agreed) -> datetime:
    """The instant of the local time by the present rules, for a time that they change."""
    return instant_of(time.local_time, time.time_zone, time.occurrence)


def is_affected(time: Agreed) -> bool:
    """True if clocks do not show the local time at the instant any more."""
    return time.scheduled_at not in instants_of(time.local_time, time.time_zone)


def doubt_of(time: Agreed) -> Unsettled | None:
    """What is wrong with the local time by the present rules, for an appointment that is affected."""
    instants = instants_of(time.local_time, time.time_zone)
    if not instants:
        return Unsettled.SKIPPED
    return Unsettled.REPEATED if len(instants) > 1 else None
