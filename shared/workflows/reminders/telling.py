"""A message about an appointment when it is due: everything is looked at again, then it is queued, or recorded as void.

One appointment, start and kind of message make one message at most: its id follows from them, whatever the channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.lazily import lazily
from shared.records.messages.message import Message, PatientMessage, message_id
from shared.records.patients.patient import Patient
from shared.records.record import patient_of
from shared.records.reminders.notices import VisitNotice, Void
from shared.records.reminders.plan import Planned, notice
from shared.records.reminders.policy import INDIA, PolicyText, ReminderPolicy
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reminders.policies import POLICY

with lazily(globals()):
    from shared.records.messages.calendar_part import CalendarPart
    from shared.records.messages.kinds import Channel, MessageLanguage
    from shared.records.messages.new_message import AboutVisit, NewMessage
    from shared.records.messages.slots import NewSlots, Slots
    from shared.records.patients.contact import may_be_messaged
    from shared.records.reminders.standing import void_by_appointment, void_by_choice
    from shared.records.reminders.visit import Visit
    from shared.records.scheduling.appointment import Appointment
    from shared.records.scheduling.wall_clock import local_of
    from shared.workflows.messages import addresses, queueing, visits
    from shared.workflows.messages.choices import choices_of
    from shared.workflows.reminders import tasks
    from shared.workflows.scheduling import calendars
    from shared.workflows.scheduling.invitations import link_for

_EARLY = timedelta(minutes=1)
"""Clocks differ: a task that comes so much too early is on time."""


@dataclass(frozen=True)
class Due:
    """A message whose time has come, as its task names it."""

    appointment_id: str
    visit_at: datetime
    notice: VisitNotice
    minutes_before: int | None = None

    @property
    def cause(self) -> str:
        """What the message is made by: appointment, start and kind."""
        return f"visit {self.appointment_id} {self.visit_at.isoformat()} {self.notice} {self.minutes_before or ''}"


@dataclass(frozen=True)
class _Way:
    """How a message can go."""

    channel: Channel
    to: str
    language: MessageLanguage
    text: PolicyText | None


@dataclass(frozen=True)
class _Terms:
    """The link of a message, and how long it may wait."""

    url: str | None
    within: timedelta


def tell(clinic: Clinic, due: Due) -> None:
    """Queue a message that is due, and dispatch it; or record why it does not go."""
    done = clinic.perform("appointment.notify", lambda work: _told(work, due))
    if isinstance(done, Message):
        queueing.dispatch(clinic, done)
    elif done is not None:
        visit, planned = done
        tasks.enqueue(clinic.id, visit, due.notice, planned, again=clinic.now().isoformat())


def _told(work: UnitOfWork, due: Due) -> Message | tuple[Visit, Planned] | None:
    """The message; when the task is to come again, if it is not due yet; None if there is nothing to be sent."""
    patient_id = patient_of(due.appointment_id)
    ref = PatientMessage.ref(message_id(due.cause, patient_id))
    work.prefetch(ref, work.settings_ref(), *visits.refs(due.appointment_id, patient_id))
    if earlier := work.get_or_none(ref):
        return earlier
    policy, appointment = work.get_or_none(POLICY), work.get_or_none(Appointment.ref(due.appointment_id))
    if policy is None or appointment is None or not policy.sends(due.notice, due.minutes_before):
        return None
    patient = work.get_or_none(Patient.ref(patient_id))
    planned = _planned(due, appointment, policy, work.now)
    if planned is None or patient is None:
        return None
    if work.now < planned.at - _EARLY:
        return Visit.of(appointment.id, dict(appointment)), planned
    reason = void_by_appointment(due.notice, due.visit_at, appointment, work.now)
    if reason is None and work.now >= planned.until:
        reason = Void.TOO_LATE
    if reason is None and not may_be_messaged(patient):
        reason = Void.PATIENT_GONE
    language = policy.language_for(patient.preferred_language)
    way = reason or _way(work, due.notice, policy, patient, language)
    if isinstance(way, Void):
        return _recorded(work, due, policy, language, way)
    linked = policy.has_link(due.notice, way.channel, way.to, way.text)
    url = link_for(work, appointment).url if linked else None
    return _queued(work, due, appointment, way, _Terms(url, planned.until - work.now))


def _planned(due: Due, appointment: Appointment, policy: ReminderPolicy, now: datetime) -> Planned | None:
    """When the message is due by what is known now; None if it is not wanted any more.

    What became of the appointment does not matter here: that a message is void is recorded.
    """
    visit = Visit.of(appointment.id, dict(appointment))
    if due.notice == VisitNotice.REMINDER:
        coming = visit.expected(due.visit_at).reminders(policy)
        return next((one for one in coming if one.minutes_before == due.minutes_before), None)
    told = visit.last_change
    if told is None or told[0] != due.notice:
        return Planned(None, now, now)
    return notice(told[1], visit.starts_at, visit.time_zone, policy.quiet_time)


def _way(
    work: UnitOfWork, notice: VisitNotice, policy: ReminderPolicy, patient: Patient, language: MessageLanguage
) -> _Way | Void:
    """The first channel by which the message may go, or why it may not go by any."""
    choices = choices_of(work, patient)
    known = {channel: address for channel in policy.channels if (address := visits.address_of(patient, channel))}
    work.prefetch(*(ref for channel, address in known.items() for ref in addresses.refs(work, channel, address)))
    against: list[Void] = []
    for channel, address in known.items():
        text = policy.text_for(notice, channel, language)
        reason = void_by_choice(channel, choices, opt_in_required=policy.opt_in_required)
        if reason is None and channel == Channel.SMS and address.startswith(INDIA) and not _is_registered(text):
            reason = Void.NOT_REGISTERED
        if reason is None and addresses.bounces(work, channel, address):
            reason = Void.ADDRESS_BOUNCES
        if reason is None:
            return _Way(channel, address, language, text)
        against.append(reason)
    return against[0] if against else Void.NO_ADDRESS


def _is_registered(text: PolicyText | None) -> bool:
    return text is not None and text.dlt_template_id is not None


def _queued(work: UnitOfWork, due: Due, appointment: Appointment, way: _Way, terms: _Terms) -> Message:
    day, _, time = local_of(due.visit_at, appointment.time_zone).partition("T")
    return queueing.queue(
        work,
        NewMessage(
            cause=due.cause,
            kind=due.notice.message_kind,
            channel=way.channel,
            to=way.to,
            language=way.language,
            slots=NewSlots.model_validate({"visit_day": day, "visit_time": time[:5], "url": terms.url}),
            patient_id=appointment.patient_id,
            visit=AboutVisit(appointment.id, due.visit_at, due.minutes_before),
            own_text=way.text.own_text if way.text else None,
            calendar=_calendar(work, due.notice, appointment, way),
            within=terms.within,
        ),
    )


def _calendar(work: UnitOfWork, notice: VisitNotice, appointment: Appointment, way: _Way) -> CalendarPart | None:
    """The calendar file of a mail that tells of a change."""
    if way.channel != Channel.MAIL or notice == VisitNotice.REMINDER:
        return None
    return calendars.part(work, appointment, way.to)


def _recorded(work: UnitOfWork, due: Due, policy: ReminderPolicy, language: MessageLanguage, reason: Void) -> Message:
    """The record that a message does not go, and why: it will not be queued later."""
    patient_id = patient_of(due.appointment_id)
    message = PatientMessage.new(
        message_id(due.cause, patient_id),
        work.stamp,
        patient_id=patient_id,
        to="",
        slots=Slots(),
        sender_name="",
        channel=policy.channels[0],
        message_kind=due.notice.message_kind,
        language=language,
        send_by=work.now,
        requested_at=work.now,
        appointment_id=due.appointment_id,
        visit_at=due.visit_at,
        minutes_before=due.minutes_before,
    )
    return work.create(message.void(work.stamp, reason))
