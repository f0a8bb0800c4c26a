"""What is done every hour for patients of all clinics: one schedule, since Google charges each beyond three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.lazily import lazily
from shared.records.problems import Unavailable
from shared.store.context import utc_now

with lazily(globals()):
    from shared.workflows.billing import overdue, payment_links, policy_reminders
    from shared.workflows.reminders import sweeping

_STEPS = (sweeping.sweep, overdue.mark_all, policy_reminders.remind_all, payment_links.cancel_left)
"""Bills are marked overdue before patients are reminded of them."""


def run(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Do each step. Raises Unavailable, after all were tried, when one could not be done wholly."""
    done = [_done(step, cause, clock) for step in _STEPS]
    if not all(done):
        raise Unavailable


def _done(step: Callable[[str, Callable[[], datetime]], None], cause: str, clock: Callable[[], datetime]) -> bool:
    try:
        step(cause, clock)
    except Unavailable:
        return False
    return True
