"""An appointment as an event of a calendar (RFC 5545): what it is called there, and which version it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from shared.records.scheduling.types import AppointmentStatus
from shared.records.scheduling.wall_clock import instants_of

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""Of URLs (RFC 9562, appendix A)."""


@dataclass(frozen=True)
class CalendarEvent:
    """An event. It has no clinical word, and a name only if the caller gives it one."""

    uid: str
    """The same for an appointment and those that it was moved from."""
    sequence: int
    """Rises with each change, move and cancellation."""
    changed_at: datetime
    starts_at: datetime
    local_time: str
    """On the wall in `time_zone`."""
    time_zone: str
    minutes: int
    cancelled: bool
    summary: str

    @classmethod
    def of(cls, clinic_id: str, fields: Mapping[str, Any], summary: str) -> Self:
        """The event of an appointment, from its plain fields."""
        first = fields.get("first_id") or fields["id"]
        return cls(
            uid=str(uuid.uuid5(_NAMESPACE, f"{clinic_id}/appointments/{first}")),
            sequence=fields.get("sequence_before", 0) + fields["revision"] - 1,
            changed_at=fields["updated_at"],
            starts_at=fields["scheduled_at"],
            local_time=fields["local_time"],
            time_zone=fields["time_zone"],
            minutes=fields["duration_minutes"],
            cancelled=fields["status"] == AppointmentStatus.CANCELLED,
            summary=summary,
        )

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_plain_local(self) -> bool:
        """True if every reader of the local time finds this instant: it exists, and is the first of two at most."""
        return instants_of(self.local_time, self.time_zone)[:1] == [self.starts_at]
