"""Intervals of time, and which of them exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class Interval:
    """From `starts_at` to before `ends_at`, in UTC: intervals that touch do not overlap."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def lasting(cls, starts_at: datetime, minutes: int) -> Interval:
        return cls(starts_at, starts_at + timedelta(minutes=minutes))

    def overlaps(self, other: Interval) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, other: Interval) -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def widened(self, before: int, after: int) -> Interval:
        """The interval with minutes before and after it."""
        return Interval(self.starts_at - timedelta(minutes=before), self.ends_at + timedelta(minutes=after))

    @property
    def days(self) -> Iterator[date]:
        """The days in UTC that the interval touches."""
        day, last = self.starts_at.astimezone(UTC).date(), (self.ends_at - timedelta.resolution).astimezone(UTC).date()
        while day <= last:
            yield day
            day += timedelta(days=1)


def merged(intervals: list[Interval]) -> list[Interval]:
    """The same time in the fewest intervals, in order."""
    found: list[Interval] = []
    for each in sorted(intervals, key=lambda one: one.starts_at):
        if found and each.starts_at <= found[-1].ends_at:
            found[-1] = Interval(found[-1].starts_at, max(found[-1].ends_at, each.ends_at))
        else:
            found.append(each)
    return found


def without(intervals: list[Interval], taken: list[Interval]) -> list[Interval]:
    """What remains of intervals, in order."""
    remaining = merged(intervals)
    for hole in taken:
        remaining = [piece for one in remaining for piece in _cut(one, hole)]
    return remaining


def _cut(one: Interval, hole: Interval) -> Iterator[Interval]:
    if not one.overlaps(hole):
        yield one
        return
    if one.starts_at < hole.starts_at:
        yield Interval(one.starts_at, hole.starts_at)
    if hole.ends_at < one.ends_at:
        yield Interval(hole.ends_at, one.ends_at)
