"""What is done every hour about bills that patients owe, by the day of each clinic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.records.problems import Unavailable
from shared.store.context import utc_now
from shared.workflows.billing import overdue


def follow_up(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Mark bills overdue. Raises Unavailable, after all clinics were tried, when one could not be done."""
    if not overdue.mark_all(cause, clock):
        raise Unavailable
