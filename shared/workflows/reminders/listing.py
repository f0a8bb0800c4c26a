"""The messages about an appointment: those that were sent, or were not and why, and those that are still to come."""

from __future__ import annotations

from dataclasses import dataclass

from shared.records.messages.message import PatientMessage
from shared.records.page import Page, PageQuery, T
from shared.records.record import Value
from shared.records.reminders.visit import Visit
from shared.records.scheduling.appointment import Appointment
from shared.records.types import Moment
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages import listing
from shared.workflows.messages.listing import SentMessage
from shared.workflows.reminders.policies import POLICY


class ScheduledMessage(Value):
    """A reminder that is still to come, by the clinic's policy of now."""

    minutes_before: int
    scheduled_for: Moment
    """After quiet hours, or before them if it cannot wait."""


class Scheduled(Value):
    """The messages that are still to come, in the order of their times."""

    reminders: list[ScheduledMessage]


@dataclass(frozen=True)
class VisitMessages(Page[T]):
    """The messages about an appointment, newest first, and those that are still to come."""

    scheduled: Scheduled | None


def of_appointment(clinic: Clinic, appointment_id: str, query: PageQuery) -> VisitMessages[SentMessage]:
    """The messages about an appointment that the caller may see."""

    def transaction(work: UnitOfWork) -> VisitMessages[SentMessage]:
        ref = Appointment.ref(appointment_id)
        work.prefetch(ref, POLICY)
        appointment = work.get(ref)
        about = [pagination.LIVE, ("appointment_id", "==", appointment.id)]
        found = pagination.newest(work, PatientMessage, query, about)
        return VisitMessages(
            [listing.shown(one) for one in found.items], found.next_page_token, _scheduled(work, appointment)
        )

    return clinic.perform("message.list_of_appointment", transaction)


def _scheduled(work: UnitOfWork, appointment: Appointment) -> Scheduled | None:
    policy = work.get_or_none(POLICY)
    planned = Visit.of(appointment.id, dict(appointment)).reminders(policy) if policy else []
    reminders = [
        ScheduledMessage(minutes_before=one.minutes_before, scheduled_for=one.at)
        for one in planned
        if one.at > work.now and one.minutes_before is not None
    ]
    return Scheduled(reminders=reminders) if reminders else None
