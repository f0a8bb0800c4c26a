"""Whether what a message about an appointment says still holds."""

from __future__ import annotations

from datetime import datetime

from shared.records.messages.kinds import Channel
from shared.records.patients.contact import ContactChoices
from shared.records.reminders.notices import VisitNotice, Void
from shared.records.reminders.policy import ReminderPolicy
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING, AppointmentStatus


def void_by_appointment(
    notice: VisitNotice, visit_at: datetime, appointment: Appointment | None, now: datetime
) -> Void | None:
    """Why a message that names this start of an appointment must not go any more; None if it may."""
    if appointment is None:
        return Void.APPOINTMENT_GONE
    if appointment.scheduled_at != visit_at or appointment.offer is not None:
        return Void.APPOINTMENT_CHANGED
    if now >= visit_at:
        return Void.TOO_LATE
    if notice == VisitNotice.CANCELLED:
        return None if appointment.status == AppointmentStatus.CANCELLED else Void.APPOINTMENT_CHANGED
    if appointment.status not in COMING or appointment.checked_in_at or appointment.session_id:
        return Void.APPOINTMENT_CHANGED
    return Void.NO_DOCTOR if appointment.doctor_id is None else None


def void_by_policy(notice: VisitNotice, minutes_before: int | None, policy: ReminderPolicy | None) -> Void | None:
    """Why a message must not go by what the clinic wants now."""
    return None if policy is not None and policy.sends(notice, minutes_before) else Void.NOT_WANTED


def void_by_choice(channel: Channel, choices: ContactChoices | None, *, opt_in_required: bool) -> Void | None:
    """Why a message must not go by a channel, by what the patient said."""
    choice = choices.of(channel) if choices else None
    if choice is None:
        return Void.NOT_OPTED_IN if opt_in_required else None
    return None if choice.allowed else Void.OPTED_OUT
