"""Messages about appointments: looked at again right before they are sent, and what becomes of them."""

from __future__ import annotations

from shared.records.messages.kinds import Channel
from shared.records.messages.message import Message, PatientMessage
from shared.records.patients.contact import Choice, ContactChoices, Said, contact_id, may_be_messaged
from shared.records.patients.patient import Patient
from shared.records.record import Ref
from shared.records.reminders.notices import NOTICES, VisitNotice, Void
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy
from shared.records.reminders.standing import void_by_appointment, void_by_choice, void_by_policy
from shared.records.scheduling.appointment import Appointment
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages.choices import choices_of

STOPPED = "twilio_21610"
"""The provider's code for a number that has replied STOP."""


def address_of(patient: Patient, channel: Channel) -> str | None:
    """Where a patient gets messages about appointments by a channel."""
    return patient.email if channel == Channel.MAIL else patient.primary_phone


def refs(appointment_id: str, patient_id: str) -> list[Ref[Appointment] | Ref[ReminderPolicy] | Ref[ContactChoices]]:
    """The records that decide whether a message about an appointment may go; the patient comes with the appointment."""
    return [
        Appointment.ref(appointment_id),
        ReminderPolicy.ref(POLICY_ID),
        ContactChoices.ref(contact_id(patient_id)),
    ]


def reason_against(work: UnitOfWork, message: Message) -> Void | None:
    """Why a message about an appointment must not go any more, as everything is now; None for other messages.

    The commit that claims the message fails if appointment or patient change until then, so it is looked at again.
    """
    if not isinstance(message, PatientMessage) or message.appointment_id is None or message.visit_at is None:
        return None
    work.prefetch(*refs(message.appointment_id, message.patient_id))
    patient = work.get_or_none(Patient.ref(message.patient_id))
    if patient is None or not may_be_messaged(patient):
        return Void.PATIENT_GONE
    policy = work.get_or_none(ReminderPolicy.ref(POLICY_ID))
    appointment = work.get_or_none(Appointment.ref(message.appointment_id))
    notice, choices = NOTICES[message.message_kind], choices_of(work, patient)
    reason = void_by_appointment(notice, message.visit_at, appointment, work.now) or void_by_policy(
        notice, message.minutes_before, policy
    )
    if reason is None and policy is not None:
        reason = void_by_choice(message.channel, choices, opt_in_required=policy.opt_in_required)
    if reason is None and message.to != address_of(patient, message.channel):
        reason = Void.ADDRESS_CHANGED
    if reason is None and appointment is not None:
        work.require_unchanged(appointment)
        work.require_unchanged(patient)
    return reason


def note_sent(work: UnitOfWork, message: Message) -> None:
    """Let the appointment show that a reminder was sent, in this commit."""
    if not isinstance(message, PatientMessage) or message.appointment_id is None:
        return
    if NOTICES[message.message_kind] != VisitNotice.REMINDER:
        return
    appointment = work.get_or_none(Appointment.ref(message.appointment_id))
    if appointment is not None:
        work.save(appointment.amended(reminder_sent_at=work.now))


def note_stop(work: UnitOfWork, message: Message, code: str) -> None:
    """Record that the patient replied STOP, in this commit, if that is what the provider says."""
    if code != STOPPED or not isinstance(message, PatientMessage) or not message.to_patient:
        return
    ref = ContactChoices.ref(contact_id(message.patient_id))
    stopped = Choice(allowed=False, said=Said.STOP, recorded_at=work.now, recorded_by=work.user_id)
    before = work.get_or_none(ref)
    if before is None:
        work.create(ContactChoices.new(ref.id, work.stamp, sms=stopped))
    elif before.sms is None or before.sms.allowed:
        work.save(before.revised(work.stamp, sms=stopped))
