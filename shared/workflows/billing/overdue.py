"""Marking bills overdue on the day of each clinic.

One query across clinics finds the bills whose day has come anywhere on earth; each clinic then judges by its own day.
A run that ends early leaves the rest to the next one: a bill that is marked is not found again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from shared.lazily import lazily
from shared.records.billing.bill import Bill
from shared.records.problems import Unavailable
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing import ledger
    from shared.records.billing.ledger import Booked
    from shared.records.billing.overdue import becomes_overdue
    from shared.workflows.billing import booking

_log = logging.getLogger("synapse.jobs")

EASTERNMOST = timedelta(hours=14)
"""The largest offset from UTC: there a day begins first."""
MOST_IN_RUN = 5_000
"""Bills of one run, those whose day came first."""
AT_ONCE = 20
"""Bills of one commit."""


def mark_all(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Mark the bills of all clinics. A failure is logged and does not stop the others.

    Raises Unavailable, after all clinics were tried, when one could not be done.
    """
    found: dict[str, list[tuple[str, date]]] = defaultdict(list)
    until = (clock() + EASTERNMOST).date()
    for one, day in islice(queries.days_come(Bill, "overdue_on", until), MOST_IN_RUN):
        found[one.clinic_id].append((one.id, day))
    done = [_of_clinic(system_clinic(id, cause, clock), days) for id, days in found.items()]
    if not all(done):
        raise Unavailable


def _of_clinic(clinic: Clinic, days: Sequence[tuple[str, date]]) -> bool:
    """Mark the bills of a clinic whose day has come there."""
    try:
        today = clinic.peek(lambda work: work.today())
    except Exception:
        _log.exception("bills were not marked overdue", extra={"clinic_id": clinic.id})
        return False
    ids = iter([id for id, day in days if day <= today])
    done = []
    while batch := list(islice(ids, AT_ONCE)):
        # One bill that cannot be read must not keep the others of its commit from being marked.
        done += [True] if _marked(clinic, batch) else [_marked(clinic, [id]) for id in batch]
    return all(done)


def _marked(clinic: Clinic, ids: Sequence[str]) -> bool:
    """Mark some bills in one commit; those of which the patient owes nothing any more stay as they are."""

    def transaction(work: UnitOfWork) -> None:
        work.prefetch(*map(Bill.ref, ids), work.settings_ref())
        for id in ids:
            bill = work.get_or_none(Bill.ref(id))
            if bill is not None and becomes_overdue(bill, work.today()):
                booking.save(work, Booked(ledger.overdue(bill)))

    try:
        clinic.perform("bill.mark_overdue", transaction)
    except Exception:
        _log.exception("bills were not marked overdue", extra={"clinic_id": clinic.id, "id": ids[0]})
        return False
    return True
