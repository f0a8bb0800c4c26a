"""Moves of appointments: another one replaces it, and both are one event of a calendar."""

from __future__ import annotations

from typing import Any

from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Record
from shared.records.text import ShortText
from shared.records.types import Id


class Movable(Record):
    """The fields of an appointment about its moves."""

    rescheduled_from: Plain[Id | None] = None
    """The earlier appointment that this appointment replaces."""
    rescheduled_to: Plain[Id | None] = None
    """The later appointment that replaces this appointment."""
    first_id: Internal[Plain[Id | None]] = None
    """The first of the appointments that were moved to this one: all are one event of a calendar."""
    sequence_before: Internal[Plain[int]] = 0
    """Versions that the event had before this appointment."""
    reschedule_reason: Encrypted[ShortText | None] = None
    """As the caller stated it to the front desk."""

    @property
    def replacement_fields(self) -> dict[str, Any]:
        """The fields of the appointment that replaces this one: the same event, in a later version."""
        return {
            "rescheduled_from": self.id,
            "first_id": self.first_id or self.id,
            "sequence_before": self.sequence_before + self.revision + 1,
        }
