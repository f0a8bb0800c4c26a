"""Requests to look after the pieces of a session: tasks, which the sweep repeats.

A commit that leaves something to do marks the accounting of the live recordings as due; the task follows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import tasks
    from shared.records.visits.live.accounts import LiveAudio
    from shared.workflows.visits import polls

STALLED_AFTER = timedelta(minutes=10)
"""When the sweep looks for what a lost task left."""
_WITHIN = timedelta(minutes=30)
"""Of one delivery: as long as Cloud Tasks waits."""


def newly_due(before: LiveAudio, after: LiveAudio) -> list[str]:
    """The session of this accounting, if a change made it due: a task follows the commit. One that was due has one."""
    return [after.session_id] if after.is_due and not before.is_due else []


def follow(clinic: Clinic, due: Iterable[str]) -> None:
    """Request it for these sessions, after the commit: a task that does not arise is the sweep's."""
    for session_id in due:
        with suppress(Exception):  # the commit stands, and so does its answer
            request(clinic, session_id)


def request(clinic: Clinic, session_id: str) -> None:
    """Let the function that can decode audio look after the live recordings of a session."""
    body: dict[str, str | int] = {"clinic_id": clinic.id, "session_id": session_id}
    tasks.enqueue(polls.QUEUE, "join_recording", body, within=_WITHIN)


def recover_stalled(clinic: Clinic, live_id: str) -> str | None:
    """Enqueue the task again; returns "requested", or None if it has done its work."""

    def transaction(work: UnitOfWork) -> str | None:
        live = work.get_or_none(LiveAudio.ref(live_id))
        if live is None or not live.is_due or work.now - live.updated_at < STALLED_AFTER:
            return None
        request(clinic, live.session_id)
        work.save(live.due(work.stamp))
        return "requested"

    return clinic.perform("piece.revive", transaction)
