"""What a clinic does by itself about overdue bills: on which days after the due date patients are reminded, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import Field

from shared.records.messages.kinds import Channel
from shared.records.messages.message import SEND_WITHIN
from shared.records.privacy import Plain
from shared.records.problems import FieldError
from shared.records.record import Keyset, Record, Value
from shared.records.reminders.quiet_hours import QuietHours

POLICY_ID = "payment_reminders"
"""The id of the one policy of a clinic."""
MOST_REMINDERS = 6
LATEST_DAY = 365
APART_DAYS = 2
"""Days between two reminders of a bill, at least. A reminder of the day before takes the place of one by policy."""
SENDING_MAY_TAKE = timedelta(minutes=30)
"""From queueing to sending: the sweep comes every ten minutes, and finds a message whose task was lost after ten."""

DayAfterDue = Annotated[int, Field(ge=1, le=LATEST_DAY)]


class PaymentReminderUpdate(Value):
    """When and how a clinic reminds patients of overdue bills; it replaces what was before."""

    enabled: bool
    """False: nobody is reminded, unless a person does it. Required, so that nobody is written to by mistake."""
    days_after_due: list[DayAfterDue] = Field(default=[3, 10, 30], min_length=1, max_length=MOST_REMINDERS)
    """Days after the due date, ascending, each at least two days after the one before."""
    channels: list[Channel] = Field(
        default=[Channel.MAIL, Channel.SMS],
        min_length=1,
        max_length=len(Channel),
        json_schema_extra={"uniqueItems": True},
    )
    """In this order: a reminder goes by the first channel by which it may."""
    quiet_time: QuietHours | None = QuietHours.model_construct()
    """When no reminder goes, by the clock of the clinic's time zone; null for none."""

    def errors(self) -> Iterator[FieldError]:
        """Everything that is wrong with it."""
        if any(later - earlier < APART_DAYS for earlier, later in pairwise(self.days_after_due)):
            yield FieldError("/days_after_due", f"must ascend, each at least {APART_DAYS} days after the one before")
        if len(set(self.channels)) < len(self.channels):
            yield FieldError("/channels", "has an entry twice")

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a policy that it sets."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class PaymentReminderPolicy(Record):
    """When and how a clinic reminds patients of overdue bills."""

    kind: ClassVar[str] = "PaymentReminderPolicy"
    collection: ClassVar[str] = "policies"
    keyset: ClassVar[Keyset] = Keyset.CLINIC
    versioned: ClassVar[bool] = True

    enabled: Plain[bool]
    days_after_due: Plain[list[int]] = Field(max_length=MOST_REMINDERS)
    channels: Plain[list[Channel]] = Field(max_length=len(Channel))
    quiet_time: Plain[QuietHours | None]

    @property
    def first_day(self) -> int | None:
        """The day after the due date of the first reminder; None if nobody is reminded."""
        return self.days_after_due[0] if self.enabled else None

    def sends(self, days_after_due: int) -> bool:
        """True if the clinic wants this reminder."""
        return self.enabled and days_after_due in self.days_after_due

    def time_left(self, now: datetime, zone: str) -> timedelta | None:
        """How long a reminder that is queued now may wait, before quiet hours at the latest.

        None within them, and so shortly before that one which is delayed would not go at all.
        """
        if self.quiet_time is None:
            return SEND_WITHIN
        if self.quiet_time.around(now, zone) is not None:
            return None
        left = self.quiet_time.next_begin(now, zone) - now
        return min(SEND_WITHIN, left) if left >= SENDING_MAY_TAKE else None
