"""The times of a visit: bounds of what a client sends, durations, and what a correction keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.types import CLOCK_SKEW, Code, Id, Moment

LONGEST_VISIT = timedelta(days=1)
"""From start to end, of times that a client sends. A visit that nobody completed in time may be longer."""
LONGEST_PAUSE = 86_400
"""Seconds."""


class VisitFacts(Value):
    """What can be corrected after the visit, as it was."""

    started_at: Moment
    ended_at: Moment | None
    paused_seconds: int
    type: Code
    template_id: Id
    billing_code: Code | None


FACTS = frozenset(VisitFacts.model_fields)


class VisitCorrection(Value):
    """One correction of a session's times, type, template or billing code."""

    fields: list[Code]
    """The corrected fields."""
    before: VisitFacts
    author_id: Id
    at: Moment


def minutes_of(started_at: datetime, ended_at: datetime, paused_seconds: int) -> int:
    """The duration without pauses, rounded up; a visit takes at least a minute."""
    seconds = max(0, int((ended_at - started_at).total_seconds()) - paused_seconds)
    return max(1, -(-seconds // 60))


def paused_until(end: datetime, paused_seconds: int, last_pause: tuple[datetime, datetime] | None) -> int:
    """The pauses up to `end`, in seconds: what the last pause has after `end` does not count."""
    if last_pause is None:
        return paused_seconds
    began, ended = last_pause
    beyond = (ended - max(began, end)) // timedelta(seconds=1)
    return max(0, paused_seconds - max(0, beyond))


def start_errors(
    started_at: datetime, now: datetime, registered_at: datetime, backdating: timedelta
) -> list[FieldError]:
    """Why a client's start of a visit is out of bounds."""
    if started_at > now + CLOCK_SKEW:
        return [FieldError("/started_at", "is in the future")]
    if started_at < registered_at - backdating:
        limit = f"the clinic accepts {backdating.days} days before the registration"
        return [FieldError("/started_at", f"is too long ago: {limit}")]
    return []


def end_errors(ended_at: datetime, now: datetime) -> list[FieldError]:
    """Why a client's end of a visit is out of bounds, whatever its start."""
    return [FieldError("/ended_at", "is in the future")] if ended_at > now + CLOCK_SKEW else []


def duration_errors(
    started_at: datetime, ended_at: datetime, paused_seconds: int, pointer: str = "/ended_at"
) -> list[FieldError]:
    """Why a start, an end and pauses do not fit each other; `pointer` names the time that was sent."""
    lasted = ended_at - started_at
    if lasted <= timedelta(0):
        return [FieldError(pointer, "the end must be after the start")]
    if lasted > LONGEST_VISIT:
        return [FieldError(pointer, "a visit takes a day at most")]
    if paused_seconds > lasted.total_seconds():
        return [FieldError("/paused_seconds", "the pauses are longer than the visit: send `paused_seconds` too")]
    return []
