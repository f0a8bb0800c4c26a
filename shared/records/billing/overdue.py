"""When a bill is overdue: the clinic's day is after the due date, and the patient still owes something.

What an insurer owes has no due date: it is not in the patient's hands.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypedDict

from shared.records.billing.account import Account
from shared.records.billing.bill import Bill

_DAY = timedelta(days=1)


class Lateness(TypedDict):
    """The fields of a bill that say whether it is overdue, or when it will be."""

    overdue_on: date | None
    overdue_since: date | None


def lateness(due: date | None, since: date | None, account: Account, *, cancelled: bool = False) -> Lateness:
    """What follows for a bill with this due date, which has been overdue `since`, from its account."""
    if due is None or cancelled or not account.patient_owes:
        return {"overdue_on": None, "overdue_since": None}
    return {"overdue_on": due + _DAY if since is None else None, "overdue_since": since}


def becomes_overdue(bill: Bill, today: date) -> bool:
    """True if the bill is not overdue so far, and is by the clinic's day."""
    return bill.overdue_on is not None and bill.overdue_on <= today
