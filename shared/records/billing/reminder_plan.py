"""Which reminder by policy is due of a bill, by the clinic's days. Pure.

A reminder is due on its day after the due date, and on the two days after that if a run was lost. Of several only the
latest counts, and none once its days are over: who switches a policy on does not write about bills of long ago. It goes
once, and not if the patient was reminded on the day before its day or since, by policy or by a person. One that cannot
go, because the patient cannot be written to, is over as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from shared.records.billing.bill import Bill
from shared.records.billing.reminder_policy import APART_DAYS, PaymentReminderPolicy
from shared.records.billing.reminding import is_due_for_reminder
from shared.records.types import local_date

CATCH_UP_DAYS = 2
"""Days after its day on which a reminder still goes."""


@dataclass(frozen=True)
class DueReminder:
    """A reminder by policy whose day has come."""

    days_after_due: int
    within: timedelta
    """It is not sent later than this."""


def due_dates(days: Sequence[int], today: date) -> list[date]:
    """The due dates of the bills of which a reminder can be due today, three for each of the policy's days."""
    late = {each + missed for each in days for missed in range(CATCH_UP_DAYS + 1)}
    return sorted(today - timedelta(days=each) for each in late)


@dataclass(frozen=True)
class Reminded:
    """What was reminded of a bill so far."""

    last_on: date | None = None
    """The day of the last reminder, by policy or by a person, in the clinic's time zone of now."""
    by_policy: int | None = None
    """The day after the due date of the last one by policy, whether it went or could not go."""

    @classmethod
    def of(cls, last_at: datetime | None, by_policy: int | None, zone: str) -> Self:
        return cls(local_date(last_at, zone) if last_at else None, by_policy)


def due_day(days: Sequence[int], due_date: date, reminded: Reminded, today: date) -> int | None:
    """Which of the policy's days is due today of a bill; None if none is."""
    late = (today - due_date).days
    latest = max((each for each in days if each <= late), default=None)
    if latest is None or late - latest > CATCH_UP_DAYS:
        return None
    done = reminded.by_policy is not None and latest <= reminded.by_policy
    covered = reminded.last_on is not None and reminded.last_on > due_date + timedelta(days=latest - APART_DAYS)
    return None if done or covered else latest


def due_reminder(bill: Bill, policy: PaymentReminderPolicy, now: datetime, zone: str) -> DueReminder | None:
    """The reminder that is due of a bill now; None if there is none, in quiet hours, and while nothing is collected."""
    today, within = local_date(now, zone), policy.time_left(now, zone)
    if not policy.enabled or within is None or bill.due_date is None or not is_due_for_reminder(bill, today):
        return None
    reminded = Reminded.of(bill.last_reminder_sent_at, bill.policy_reminder_day, zone)
    day = due_day(policy.days_after_due, bill.due_date, reminded, today)
    return None if day is None else DueReminder(day, within)
