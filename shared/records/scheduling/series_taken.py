"""The dates of a series that cannot be booked as they are, each with its reason and free times close by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.records.problems import Problem
from shared.records.record import Value
from shared.records.scheduling.booked_day import Party
from shared.records.scheduling.wall_clock import LocalTime
from shared.records.types import Day, Id, Moment

MOST_WITH_FREE_TIMES = 20
"""Dates of one answer that are given free times close by."""


class NotFreeReason(StrEnum):
    """Why a date of a series cannot be booked."""

    DOES_NOT_EXIST = "does_not_exist"
    """Clocks skip the local time on this date."""
    HAPPENS_TWICE = "happens_twice"
    """Clocks show the local time twice on this date, and `occurrence` is not sent."""
    TAKEN = "taken"
    """The doctor, the patient or the room has another appointment."""
    OUTSIDE_SCHEDULE = "outside_schedule"
    """The doctor does not work then."""


class TakenTime(Value):
    """An appointment that excludes a date."""

    of: Party
    scheduled_at: Moment
    ends_at: Moment
    appointment_id: Id | None
    """Null if the caller may not see the appointment, or it is another visit of this series."""


class OfferedTime(Value):
    """A free time close to one that is not."""

    scheduled_at: Moment
    local_time: LocalTime
    """The same on the wall, in the time zone of the series."""


class NotFree(Value):
    """A date of a series that cannot be booked as it is: exclude it, or move it to a free time."""

    date: Day
    local_time: LocalTime
    reason: NotFreeReason
    detail: str
    taken_by: list[TakenTime] = []
    free_slots: list[OfferedTime] = []
    """Up to three, for the first 20 dates that are not free."""


class SeriesCheck(Value):
    """Which dates of a series can be booked. Nothing is booked, and another booking may come first."""

    count: int
    """Visits of the series."""
    free: int
    """Those that can be booked."""
    not_free: list[NotFree]


class SeriesTaken(Problem):
    """Some dates of the series are not free; `not_free` names each, with up to three free times close by. Nothing was
    booked."""

    status, name, title = 409, "series-taken", "Some dates of the series are not free"

    def __init__(self, count: int, not_free: Sequence[NotFree]) -> None:
        super().__init__(f"{count - len(not_free)} of {count} dates are free")
        self.count, self.not_free = count, tuple(not_free)

    @property
    def members(self) -> Mapping[str, Any]:
        """The numbers of dates, and those that are not free."""
        dates = [one.model_dump(mode="json") for one in self.not_free]
        return {"count": self.count, "free": self.count - len(dates), "not_free": dates}
