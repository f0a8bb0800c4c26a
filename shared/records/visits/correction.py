"""Corrections of a visit: times, type, template and billing code, each kept with its author and what was before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError, raise_if_any
from shared.records.record import Stamp
from shared.records.visits.requests import SessionChange
from shared.records.visits.session import MOST_CORRECTIONS, Session
from shared.records.visits.times import (
    FACTS,
    VisitCorrection,
    VisitFacts,
    duration_errors,
    end_errors,
    minutes_of,
    start_errors,
)

_TIMES = frozenset({"started_at", "ended_at", "paused_seconds"})
PRICED = _TIMES | {"type", "billing_code"}
"""The facts that the bill is priced by."""


def corrected(session: Session, change: SessionChange, stamp: Stamp, *, backdating: timedelta) -> Session:
    """The session with other times, type, template or billing code; the same object if nothing differs.

    `backdating` is how long before its registration a visit may have started. Raises Conflict for a session that is
    cancelled, Invalid listing everything that is out of bounds.
    """
    session.must_be_open_or_completed()
    asked = {name: getattr(change, name) for name in sorted(change.facts)}
    raise_if_any(_impossible(session, asked))
    if asked.keys() & {"started_at", "ended_at"} and "paused_seconds" not in asked:
        moved = session.model_copy(update=asked)
        asked["paused_seconds"] = moved.paused_until(moved.ended_at or stamp.at)
    different = {name: value for name, value in asked.items() if value != getattr(session, name)}
    if not different:
        return session
    changed = session.model_copy(update=different)
    raise_if_any(_time_errors(changed, set(different), stamp.at, backdating))
    if len(session.corrections) == MOST_CORRECTIONS:
        raise Conflict(ConflictCode.TOO_MANY_CORRECTIONS, f"the session was corrected {MOST_CORRECTIONS} times")
    kept = VisitCorrection(fields=sorted(different), before=_facts_of(session), author_id=stamp.by, at=stamp.at)
    return session.revised(
        stamp, **different, **_derived(session, changed, stamp.at), corrections=[*session.corrections, kept]
    )


def _facts_of(session: Session) -> VisitFacts:
    return VisitFacts.model_validate({name: getattr(session, name) for name in FACTS})


def _derived(session: Session, changed: Session, at: datetime) -> dict[str, Any]:
    """The fields that follow from the times."""
    derived: dict[str, Any] = {}
    if changed.ended_at is not None:
        derived["total_duration_minutes"] = minutes_of(changed.started_at, changed.ended_at, changed.paused_seconds)
    if changed.paused_seconds != changed.paused_until(changed.ended_at or at):  # as a person says
        derived |= {"pauses": [], "other_pause_seconds": changed.paused_seconds}
    if session.overdue_at is not None:
        derived["overdue_at"] = session.overdue_at + (changed.started_at - session.started_at)
    return derived


def _impossible(session: Session, asked: dict[str, Any]) -> list[FieldError]:
    """Why fields cannot be set at all."""
    cleared = [name for name, value in asked.items() if value is None and name != "billing_code"]
    errors = [FieldError(f"/{name}", "cannot be cleared") for name in cleared]
    if session.open and asked.get("ended_at") is not None:
        errors.append(FieldError("/ended_at", "the session runs: complete it with `ended_at`"))
    return errors


def _time_errors(changed: Session, names: set[str], now: datetime, backdating: timedelta) -> list[FieldError]:
    """Why the corrected times are out of bounds."""
    errors: list[FieldError] = []
    if "started_at" in names:
        errors += start_errors(changed.started_at, now, changed.created_at, backdating)
    if changed.ended_at is None or not names & _TIMES:
        return errors
    errors += end_errors(changed.ended_at, now) if "ended_at" in names else []
    pointer = "/ended_at" if "ended_at" in names else "/started_at"
    return errors or duration_errors(changed.started_at, changed.ended_at, changed.paused_seconds, pointer)
