"""Operations on messages about appointments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from shared.records.messages.kinds import MessageKind
from shared.records.messages.message_list import ShownAddress
from shared.records.patients.contact import ContactChoices, ContactUpdate, chosen, contact_id
from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy, ReminderPolicyUpdate, fields_of_update
from shared.workflows.reminders.listing import Scheduled, ScheduledMessage, VisitMessages
from tools.openapi import message_factories
from tools.openapi.operation_cases.case import OperationCase, State
from tools.openapi.operation_cases.patients import OF_PATIENT, PATIENT
from tools.openapi.operation_cases.sample_clinic import BEGAN, DESK, DOCTOR
from tools.openapi.operation_cases.scheduling import APPOINTMENT

_POLICY = {
    "reminders": [2_880, 120],
    "notices": ["booked", "moved", "cancelled"],
    "channels": ["sms", "mail"],
    "quiet_time": {"begins": "21:00", "ends": "08:00"},
    "languages": ["en", "hi"],
    "own_texts": [
        {
            "notice": "reminder",
            "channel": "sms",
            "language": "en",
            "body": "{clinic_name}: see you on {visit_day} at {visit_time}.",
        }
    ],
}
POLICY = ReminderPolicy.new(
    POLICY_ID, Stamp(DOCTOR, BEGAN), **fields_of_update(ReminderPolicyUpdate.model_validate(_POLICY))
)
_SAID = {"mail": {"allowed": True, "said": "in_person"}, "sms": {"allowed": False, "said": "by_telephone"}}
CHOICES = ContactChoices.new(
    contact_id(PATIENT.id),
    Stamp(DESK, BEGAN),
    **chosen(None, ContactUpdate.model_validate(_SAID), Stamp(DESK, BEGAN)),
)
_AT = APPOINTMENT.scheduled_at - timedelta(minutes=2_880)
_SENT = message_factories.patient_message(
    PATIENT,
    Stamp("system", _AT),
    cause="visit 1",
    message_kind=MessageKind.VISIT_REMINDER,
    appointment_id=APPOINTMENT.id,
    visit_at=APPOINTMENT.scheduled_at,
    minutes_before=2_880,
)
_SENT = _SENT.claimed(Stamp("system", _AT)).accepted(Stamp("system", _AT), "SM0123456789abcdef0123456789abcdef")
_NEXT = ScheduledMessage(minutes_before=120, scheduled_for=datetime(2026, 9, 14, 2, 30, tzinfo=UTC))

CASES: Mapping[str, OperationCase] = {
    "clinic.get_reminders": OperationCase(answer=POLICY, state=State.OWN_REMINDERS),
    "clinic.put_reminders": OperationCase(body=_POLICY, answer=POLICY, state=State.OWN_REMINDERS),
    "patients.get_contact": OperationCase(path=OF_PATIENT, answer=CHOICES, action=Action.READ_PATIENT),
    "patients.put_contact": OperationCase(
        path=OF_PATIENT,
        body=_SAID,
        answer=CHOICES,
        action=Action.CHANGE_PATIENT,
        test_body={**_SAID, "sms": {"allowed": True, "said": "in_person"}},  # not what is recorded already
    ),
    "appointments.list_messages": OperationCase(
        path={"id": APPOINTMENT.id},
        query={"page_size": 20},
        answer=VisitMessages([Detailed(_SENT, ShownAddress.of(_SENT))], None, Scheduled(reminders=[_NEXT])),
    ),
}
