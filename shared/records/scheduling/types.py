"""Terms of appointments."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from shared.records.record import Value
from shared.records.types import Id, Moment

SHORTEST, LONGEST = 5, 480
"""Minutes of an appointment."""
MOST_DAYS_AHEAD = 731
"""How far ahead an appointment is booked; a later date is a typing error."""
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time on the wall, such as 09:00."""


class AppointmentType(StrEnum):
    NEW_PATIENT = "new_patient"
    FOLLOWUP = "followup"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"
    TELEMEDICINE = "telemedicine"


class AppointmentStatus(StrEnum):
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


COMING = frozenset({AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED})
"""Statuses of a visit that is still expected."""
HOLDING = COMING | {AppointmentStatus.COMPLETED}
"""Statuses in which nobody else is booked at the time of the appointment."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Offer(Value):
    """The offer of an appointment to a patient of the waiting list. It only holds its time, until the patient accepts;
    one that is declined or expires is `cancelled`, and stays an offer."""

    waiting_id: Id
    """The entry of the waiting list, which accepts or declines."""
    expires_at: Moment
