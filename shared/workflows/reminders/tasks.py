"""Tasks that send messages about appointments when they are due.

A task is named by appointment, start, kind and due time, so that neither a repeated event nor the sweep makes a second
one. Tasks are made at most `AHEAD` before they are due: what is further away is left to the sweep, which follows every
change of the policy meanwhile. Cloud Tasks takes none that are more than 30 days away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.gateways import tasks
from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.plan import Planned
from shared.records.reminders.policy import ReminderPolicy
from shared.records.reminders.visit import Visit

QUEUE = "reminders"
AHEAD = timedelta(hours=3)
"""Three runs of the sweep: a lost one is made up for."""


def enqueue(clinic_id: str, visit: Visit, notice: VisitNotice, planned: Planned, again: str = "") -> None:
    """Enqueue the task that sends one message, not before it is due; `again` for a task that came too early."""
    body: dict[str, str | int] = {
        "clinic_id": clinic_id,
        "appointment_id": visit.id,
        "visit_at": visit.starts_at.isoformat(),
        "notice": notice.value,
    }
    if planned.minutes_before is not None:
        body["minutes_before"] = planned.minutes_before
    key = "/".join(str(part) for part in [*body.values(), planned.at.isoformat(), again])
    tasks.enqueue(QUEUE, "notify_patient", body, deduplication_key=key, at=planned.at)


def enqueue_reminders(clinic_id: str, visits: Iterable[Visit], policy: ReminderPolicy, now: datetime) -> int:
    """Enqueue the reminders of some visits that are due soon; returns how many."""
    due = [
        (visit, planned)
        for visit in visits
        for planned in visit.reminders(policy)
        if now - AHEAD <= planned.at <= now + AHEAD and now < planned.until
    ]
    for visit, planned in due:
        enqueue(clinic_id, visit, VisitNotice.REMINDER, planned)
    return len(due)
