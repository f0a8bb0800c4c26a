"""What of an appointment decides which messages are due: plain fields alone, so that it is not opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.plan import Planned, notice, reminders
from shared.records.reminders.policy import ReminderPolicy
from shared.records.scheduling.types import COMING, AppointmentStatus

TOLD_WITHIN = timedelta(hours=24)
"""How late the event of a change may come and the patient is still told of it."""

SERIES_AHEAD = timedelta(days=14)
"""Of a whole series that is booked or cancelled, the patient is told of the visits of the next two weeks."""


@dataclass(frozen=True)
class Visit:
    """An appointment, as its document has it in plain fields."""

    id: str
    status: str
    starts_at: datetime
    time_zone: str
    booked_at: datetime
    cancelled_at: datetime | None
    was_moved: bool
    of_series: bool
    is_offer: bool
    """True if a patient of the waiting list has not accepted it: the front desk calls, and no message goes."""

    @classmethod
    def of(cls, id: str, document: Mapping[str, Any]) -> Self:
        """The visit of an appointment's document."""
        return cls(
            id=id,
            status=document["status"],
            starts_at=document["scheduled_at"],
            time_zone=document["time_zone"],
            booked_at=document["created_at"],
            cancelled_at=document.get("cancelled_at"),
            was_moved=document.get("rescheduled_from") is not None,
            of_series=document.get("series_id") is not None,
            is_offer=document.get("offer") is not None,
        )

    def expected(self, starts_at: datetime) -> Self:
        """The visit as if it were still expected at this time."""
        return replace(self, status=AppointmentStatus.SCHEDULED.value, starts_at=starts_at)

    def reminders(self, policy: ReminderPolicy) -> list[Planned]:
        """The reminders of the visit, by the policy of now; none if nobody is expected."""
        if not policy.enabled or self.status not in COMING or self.is_offer:
            return []
        return reminders(policy.reminders, self.starts_at, self.time_zone, policy.quiet_time, self.booked_at)

    def notice(self, policy: ReminderPolicy, now: datetime) -> tuple[VisitNotice, Planned] | None:
        """The message about the last change of the visit, if it is recent and the clinic wants one.

        Nobody is told of what happened before the policy was last changed: earlier changes were told, or not, then.
        """
        found = self.last_change
        if found is None:
            return None
        told, changed_at = found
        recent = max(policy.updated_at, now - TOLD_WITHIN) <= changed_at
        far = self.of_series and self.starts_at > now + SERIES_AHEAD
        if not recent or far or not policy.sends(told, None):
            return None
        return told, notice(changed_at, self.starts_at, self.time_zone, policy.quiet_time)

    @property
    def last_change(self) -> tuple[VisitNotice, datetime] | None:
        """What a patient is told of the visit, and when that happened; None if nothing."""
        if self.is_offer:
            return None
        if self.status == AppointmentStatus.CANCELLED and self.cancelled_at is not None:
            return VisitNotice.CANCELLED, self.cancelled_at
        if self.status not in COMING:
            return None
        return VisitNotice.MOVED if self.was_moved else VisitNotice.BOOKED, self.booked_at
