"""Enqueueing the reminders of all clinics that are due soon, by the policies of now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from shared.lazily import lazily
from shared.records.problems import Unavailable
from shared.records.scheduling.types import COMING
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.queries import Order, Position
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reminders.policies import POLICY

with lazily(globals()):
    from shared.records.reminders.visit import Visit
    from shared.records.scheduling.appointment import Appointment
    from shared.store import pagination
    from shared.workflows.reminders import tasks

_log = logging.getLogger("synapse.jobs")
_SETTING = "reminder_minutes"
_QUIET_MOVES = timedelta(hours=25)
"""By how much a reminder can go earlier than its time because of quiet hours, at most."""
_BY_TIME = Order("scheduled_at", descending=False)
PAGE = 300


def sweep(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Enqueue what is due soon. Raises Unavailable, after all clinics were tried, when one could not be done."""
    done = [
        _done(system_clinic(str(found["id"]), cause, clock), timedelta(minutes=int(found[_SETTING])))
        for found in queries.clinics_with(_SETTING)
    ]
    if not all(done):
        raise Unavailable


def _done(clinic: Clinic, longest: timedelta) -> bool:
    """Enqueue the reminders of one clinic. A failure is logged and does not stop the others."""
    try:
        policy = clinic.peek(lambda work: work.get_or_none(POLICY))
        if policy is not None:
            for visits in _coming(clinic, clinic.now() + longest + _QUIET_MOVES + tasks.AHEAD):
                tasks.enqueue_reminders(clinic.id, visits, policy, clinic.now())
    except Exception:
        _log.exception("reminders were not scheduled", extra={"clinic_id": clinic.id})
        return False
    return True


def _coming(clinic: Clinic, until: datetime) -> Iterator[list[Visit]]:
    """The expected visits until a time, page by page. None is opened."""
    after: Position | None = None
    while True:
        page = clinic.peek(partial(_page, until=until, after=after))
        yield page
        if len(page) < PAGE:
            return
        after = Position(page[-1].starts_at, page[-1].id)


def _page(work: UnitOfWork, *, until: datetime, after: Position | None) -> list[Visit]:
    work.keyring()
    filters: list[queries.Filter] = [
        pagination.LIVE,
        ("status", "in", sorted(COMING)),
        ("scheduled_at", ">", work.now),
        ("scheduled_at", "<=", until),
    ]
    found = queries.ordered(work.clinic_id, Appointment.collection, filters, after, PAGE, order=_BY_TIME)
    return [Visit.of(one.id, one.to_dict()) for one in found]
