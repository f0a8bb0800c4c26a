"""Reminding a patient of what is owed of a bill: whether a reminder may go, and what the bill says after it."""

from __future__ import annotations

from datetime import date, datetime

from shared.records.billing.bill import Bill
from shared.records.billing.collecting import pauses_reminders
from shared.records.billing.collection import CollectionStatus
from shared.records.billing.ledger import status_of
from shared.records.billing.sharing import is_sendable, sent
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.types import local_date


def is_due_for_reminder(bill: Bill, today: date) -> bool:
    """True while the patient owes something of a bill that stands, and its collection does not pause the reminders."""
    return is_sendable(bill) and bill.account.patient_owes > 0 and not pauses_reminders(bill, today)


def reminded(bill: Bill, stamp: Stamp, zone: str) -> Bill:
    """The bill after its patient was reminded, on a day of the clinic's time zone.

    Raises Conflict for a bill that cannot be sent, of which the patient owes nothing, whose collection pauses the
    reminders, and for a second reminder on one day.
    """
    after, today = sent(bill, stamp), local_date(stamp.at, zone)
    if not bill.account.patient_owes:
        raise Conflict(ConflictCode.NOTHING_OWED, "the patient owes nothing of the bill")
    if pauses_reminders(bill, today):
        raise Conflict(ConflictCode.COLLECTION_STATE, f"no reminder goes while the bill is {bill.collection_status}")
    last = bill.last_reminder_sent_at
    if last is not None and local_date(last, zone) == today:
        raise Conflict(ConflictCode.REMINDED_TODAY, f"the patient was reminded at {last.isoformat()}")
    return _counted(after.amended(sent_at=bill.sent_at), stamp.at)


def reminded_by_policy(bill: Bill, day: int, at: datetime) -> Bill:
    """The bill after the reminder of a day after the due date; it keeps its revision, as no person changed it."""
    return _counted(bill.amended(policy_reminder_day=day), at)


def _counted(bill: Bill, at: datetime) -> Bill:
    after = bill.amended(
        sent_at=bill.sent_at or at,
        reminder_sent_count=bill.reminder_sent_count + 1,
        last_reminder_sent_at=at,
        collection_status=bill.collection_status or CollectionStatus.REMINDED,
    )
    return after.amended(status=status_of(after, after.account))
