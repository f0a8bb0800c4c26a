"""What a change of an appointment means for messages: whatever wrote it, an event follows each write."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reminders.policies import POLICY

with lazily(globals()):
    from shared.records.reminders.policy import ReminderPolicy
    from shared.records.reminders.visit import Visit
    from shared.records.scheduling.appointment import Appointment
    from shared.workflows.reminders import tasks


def follow(clinic: Clinic, appointment_id: str) -> None:
    """Enqueue the messages that are due after a change of an appointment, as it is now."""
    found = clinic.peek(lambda work: _found(work, appointment_id))
    if found is None:
        return
    policy, visit = found
    now = clinic.now()
    if told := visit.notice(policy, now):
        tasks.enqueue(clinic.id, visit, *told)
    tasks.enqueue_reminders(clinic.id, [visit], policy, now)


def _found(work: UnitOfWork, appointment_id: str) -> tuple[ReminderPolicy, Visit] | None:
    """The clinic's policy and the appointment, which is not opened; None if nothing is to be sent."""
    ref = Appointment.ref(appointment_id)
    work.prefetch(POLICY, ref.path)
    policy = work.get_or_none(POLICY)
    if policy is None or not policy.enabled:
        return None
    document = work.unopened(ref).get(appointment_id)
    return (policy, Visit.of(appointment_id, document)) if document else None
