"""The times of a visit: bounds of what a client sends, durations, and what a correction keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.types import CLOCK_SKEW, Code, Id, Moment

LONGEST_VISIT = timedelta(days=1)
"""From start to end, of times that a client sends. A visit that nobody completed in time may be longer."""
LONGEST_PAUSE = 86_400
"""Seconds."""

MOST_PAUSES = 200
"""Pauses of a session whose times are kept; the oldest of more count in any case."""


class Pause(Value):
    """One pause that is over."""

    began: Moment
    ended: Moment

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds()


class VisitFacts(Value):
    """What can be corrected after the visit, as it was."""

    started_at: Moment
    ended_at: Moment | None
    paused_seconds: int
    type: Code
    template_id: Id
    billing_code: Code | None


FACTS = frozenset(VisitFacts.model_fields)


HAS_ENDED = FieldError("/ended_at", "the visit has ended: correct the end by PATCH")
"""The error of another end for a visit that is over."""


class VisitCorrection(Value):
    """One correction of a session's times, type, template or billing code."""

    fields: list[Code]
    """The corrected fields."""
    before: VisitFacts
    author_id: Id
    at: Moment


def seconds_of(started_at: datetime, ended_at: datetime, paused_seconds: int) -> int:
    """The duration without pauses."""
    return max(0, int((ended_at - started_at).total_seconds()) - paused_seconds)


def minutes_of(started_at: datetime, ended_at: datetime, paused_seconds: int) -> int:
    """The duration without pauses, rounded up; a visit takes at least a minute."""
    return max(1, -(-seconds_of(started_at, ended_at, paused_seconds) // 60))


def with_pause(pauses: Sequence[Pause], other: float, began: datetime, ended: datetime) -> tuple[list[Pause], float]:
    """The pauses with one more, which overlaps none whatever the clocks say, and the seconds of others."""
    began = max(began, pauses[-1].ended) if pauses else began
    kept = [*pauses, Pause(began=began, ended=max(began, ended))]
    return kept[-MOST_PAUSES:], other + sum(one.seconds for one in kept[:-MOST_PAUSES])


def paused_between(pauses: Iterable[Pause], start: datetime, end: datetime, more: float = 0) -> int:
    """The duration of all pauses within a visit, in seconds, with `more` that no interval is known of."""
    within = (min(pause.ended, end) - max(pause.began, start) for pause in pauses)
    return int(more + sum((max(one, timedelta(0)) for one in within), timedelta(0)).total_seconds())


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
