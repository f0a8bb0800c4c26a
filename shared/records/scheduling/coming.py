"""How many visits a doctor who leaves leaves behind."""

from __future__ import annotations

from shared.records.record import Value


class ComingAppointments(Value):
    """The coming appointments of a doctor who is none any more."""

    coming_appointments: int
    """They lose the doctor in a moment, and wait for another one: `GET /appointments?unassigned=true`."""
