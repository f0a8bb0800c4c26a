"""Reminding patients of overdue bills by the policy of each clinic.

Each reminder is one commit: the bill that counts it, its link and its message, whose id follows from bill and day. A
run that ends early leaves the rest to the next one, and the sweep sends what was queued and not dispatched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from shared.lazily import lazily
from shared.records.patients.patient import Patient
from shared.records.problems import Unavailable
from shared.records.record import patient_of
from shared.records.types import local_date
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing.reminder_policy import POLICY
from shared.workflows.messages.reach import Way

with lazily(globals()):
    from shared.records.billing import reminder_plan
    from shared.records.billing.bill import Bill
    from shared.records.billing.collection import CollectionStatus
    from shared.records.billing.ledger import Booked
    from shared.records.billing.reminder_plan import DueReminder, Reminded
    from shared.records.billing.reminder_policy import PaymentReminderPolicy
    from shared.records.billing.reminding import reminded_by_policy
    from shared.records.billing.types import BillStatus
    from shared.records.messages.kinds import Channel, MessageKind, language_of
    from shared.records.messages.message import Message, PatientMessage, message_id
    from shared.records.messages.slots import Slots
    from shared.records.reminders.notices import Void
    from shared.store import pagination
    from shared.workflows.billing import booking, sharing
    from shared.workflows.messages import queueing, reach

_log = logging.getLogger("synapse.jobs")

MOST_IN_RUN = 2_000
"""Bills of one run: each is a commit of its own."""
_SETTING = "payment_reminder_days"
_FIELDS = ("due_date", "last_reminder_sent_at", "policy_reminder_day", "collection_status", "amended_by")
_PAUSED = frozenset({CollectionStatus.DISPUTED, CollectionStatus.WITH_AGENCY})


def remind_all(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Queue the reminders of all clinics that are due now. A failure is logged and does not stop the others.

    Raises Unavailable, after all were tried, when one could not be queued.
    """
    left = iter(range(MOST_IN_RUN))
    done = [
        _of_clinic(system_clinic(str(found["id"]), cause, clock), str(found["time_zone"]), left)
        for found in queries.clinics_with(_SETTING, "time_zone")
    ]
    if not all(done):
        raise Unavailable


def _of_clinic(clinic: Clinic, zone: str, left: Iterator[int]) -> bool:
    """Queue the reminders of one clinic, as many as are left of the run."""
    try:
        due = list(islice(_due(clinic, zone), MOST_IN_RUN))
    except Exception:
        _log.exception("patients were not reminded of bills", extra={"clinic_id": clinic.id})
        return False
    done = [_queued(clinic, bill_id, day) for (bill_id, day), _ in zip(due, left, strict=False)]
    return all(done)


def _due(clinic: Clinic, zone: str) -> Iterator[tuple[str, int]]:
    """The bills of which a reminder is due, by their plain fields, and the day after the due date that it is of."""
    policy = clinic.peek(lambda work: work.get_or_none(POLICY))
    now = clinic.now()
    if policy is None or not policy.enabled or policy.time_left(now, zone) is None:
        return
    today = local_date(now, zone)
    dates = [each.isoformat() for each in reminder_plan.due_dates(policy.days_after_due, today)]
    filters = [pagination.LIVE, ("status", "==", BillStatus.OVERDUE), ("due_date", "in", dates)]
    for id, fields in queries.selected(clinic.id, Bill.collection, filters, _FIELDS):
        day = _due_day(policy, fields, zone, today)
        if day is not None:
            yield id, day


def _due_day(policy: PaymentReminderPolicy, fields: dict[str, Any], zone: str, today: date) -> int | None:
    if fields.get("amended_by") or fields.get("collection_status") in _PAUSED:
        return None
    reminded = Reminded.of(fields.get("last_reminder_sent_at"), fields.get("policy_reminder_day"), zone)
    return reminder_plan.due_day(policy.days_after_due, date.fromisoformat(fields["due_date"]), reminded, today)


def _queued(clinic: Clinic, bill_id: str, day: int) -> bool:
    """Queue one reminder and dispatch it. A failure is logged and does not stop the others."""
    try:
        message = clinic.perform("bill.remind", lambda work: _reminded(work, bill_id, day))
        if message is not None:
            queueing.dispatch(clinic, message)
    except Exception:
        _log.exception("a patient was not reminded of a bill", extra={"clinic_id": clinic.id, "id": bill_id})
        return False
    return True


def _reminded(work: UnitOfWork, bill_id: str, day: int) -> Message | None:
    """The message, or the record that it does not go; None if nothing is due of the bill as it is now."""
    patient_id = patient_of(bill_id)
    message_ref = PatientMessage.ref(message_id(sharing.cause_by_policy(bill_id, day), patient_id))
    work.prefetch(Bill.ref(bill_id), message_ref, POLICY, work.settings_ref(), *reach.refs(patient_id))
    bill, patient = work.get_or_none(Bill.ref(bill_id)), work.get_or_none(Patient.ref(patient_id))
    policy = work.get_or_none(POLICY)
    if bill is None or patient is None or policy is None:
        return None
    due = reminder_plan.due_reminder(bill, policy, work.now, work.settings().time_zone)
    if due is None or due.days_after_due != day:
        return None
    unknown = dict.fromkeys(policy.channels, Void.BIRTH_DATE_INCOMPLETE)
    way = reach.way_or_reasons(work, patient, policy.channels) if patient.birth_day else unknown
    if not isinstance(way, Way):
        booking.save(work, Booked(bill.amended(policy_reminder_day=day)))
        return _recorded(work, bill, patient, due, way)
    _, _, message = sharing.shared(work, bill, way, MessageKind.PAYMENT_REMINDER, due)
    booking.save(work, Booked(reminded_by_policy(bill, day, work.now)))
    return message


def _recorded(
    work: UnitOfWork, bill: Bill, patient: Patient, due: DueReminder, against: dict[Channel, Void]
) -> Message:
    """The record that a reminder does not go, and why: it will not be queued later."""
    reason = next((one for one in against.values() if one != Void.NO_ADDRESS), Void.NO_ADDRESS)
    message = PatientMessage.new(
        message_id(sharing.cause_by_policy(bill.id, due.days_after_due), patient.id),
        work.stamp,
        patient_id=patient.id,
        to="",
        slots=Slots(),
        sender_name="",
        channel=next(iter(against)),
        message_kind=MessageKind.PAYMENT_REMINDER,
        language=language_of(patient.preferred_language),
        send_by=work.now,
        requested_at=work.now,
        bill_id=bill.id,
        days_after_due=due.days_after_due,
    )
    return work.create(message.void(work.stamp, reason))
