"""Sending a message: at most once, whatever dies at whatever moment.

The message is `sending` in the database before its provider is called, and what the provider said is recorded
afterwards. A delivery of the task that finds it `sending`, for longer than a sender lives, does not send: it looks a
text message up at the provider, and leaves a mail to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.lazily import lazily
from shared.records.messages.message import LOOKED_UP_FOR, Message, MessageStatus, PatientMessage, model_of
from shared.records.patients.patient import Patient
from shared.records.problems import Unavailable
from shared.records.record import Ref
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import mail, sms
    from shared.records.messages.kinds import Channel
    from shared.records.messages.outcome import Lookup, Outcome, Verdict
    from shared.records.messages.wording import Wording, worded
    from shared.records.patients.contact import may_be_messaged
    from shared.records.reminders.notices import Void
    from shared.workflows.messages import addresses, bills, checking, log, visits

_MOST_WAITS = 5
"""Deliveries of a task that wait for the commit of its message. A message that was never committed has a task too."""


class _Step(Enum):
    """What a delivery of the task is to do."""

    NOTHING = "nothing"
    WAIT = "wait"
    SEND = "send"
    LOOK_UP = "look up"
    CHECK = "check"


@dataclass(frozen=True)
class _Job:
    step: _Step
    message: Message


def send(clinic: Clinic, message_id: str, check: int, retries: int) -> None:
    """Do what is to be done about a message: send it, find out whether it was sent, or (`check`) whether it arrived.

    Raises Unavailable, so that the task comes again, while the provider is busy or does not answer.
    """
    ref = model_of(message_id).ref(message_id)
    job = clinic.perform("message.claim", lambda work: _claimed(work, ref))
    if job is None:
        if retries < _MOST_WAITS:
            raise Unavailable
        return
    if job.step == _Step.WAIT:
        raise Unavailable
    if job.step == _Step.SEND:
        _record(clinic, job.message, _handed_over(clinic, job.message))
    elif job.step == _Step.LOOK_UP:
        _look_up(clinic, job.message, retries)
    elif job.step == _Step.CHECK:
        checking.check(clinic, job.message, check)


def _claimed(work: UnitOfWork, ref: Ref[Message]) -> _Job | None:
    """What is to be done, decided from the message as it is now; None if it does not exist yet."""
    message = work.get_or_none(ref)
    if message is None:
        return None
    if message.status == MessageStatus.QUEUED:
        return _to_send(work, message)
    if message.status == MessageStatus.SENDING:
        return _of_another_sender(work, message)
    return _Job(_Step.CHECK if message.is_to_be_checked else _Step.NOTHING, message)


def _of_another_sender(work: UnitOfWork, message: Message) -> _Job:
    """What is to be done about a message that was claimed before."""
    if not message.has_lost_its_sender(work.stamp):
        return _Job(_Step.WAIT, message)
    if message.channel == Channel.SMS:
        return _Job(_Step.LOOK_UP, message)
    return _Job(_Step.NOTHING, _lost(work, message))


def _to_send(work: UnitOfWork, message: Message) -> _Job:
    """Claim a queued message, or end it without sending."""
    if isinstance(message, PatientMessage) and not work.exists(Patient.ref(message.patient_id)):
        return _Job(_Step.NOTHING, work.save(message.cancelled(work.stamp)))
    work.expect(*addresses.refs(work, message.channel, message.to))
    if void := _void(work, message):
        return _Job(_Step.NOTHING, work.save(message.void(work.stamp, void)))
    if reason := _unsendable(work, message):
        return _Job(_Step.NOTHING, work.save(message.failed(work.stamp, reason)))
    return _Job(_Step.SEND, work.save(message.claimed(work.stamp)))


def _void(work: UnitOfWork, message: Message) -> Void | None:
    """Why a message must not go any more: what it is about has changed, or its patient has died."""
    reason = visits.reason_against(work, message) or bills.reason_against(work, message)
    if reason is None and isinstance(message, PatientMessage) and message.to_patient:
        patient = work.get_or_none(Patient.ref(message.patient_id))
        return None if may_be_messaged(patient) else Void.PATIENT_GONE
    return reason


def _unsendable(work: UnitOfWork, message: Message) -> str | None:
    """Why a queued message is not sent."""
    if message.is_overdue(work.stamp):
        return "expired"
    if addresses.bounces(work, message.channel, message.to):
        return "address_bounces"
    set_up = mail.is_set_up() if message.channel == Channel.MAIL else sms.is_set_up()
    return None if set_up else "channel_not_set_up"


def _handed_over(clinic: Clinic, message: Message) -> Outcome:
    said = _wording(message)
    if message.channel == Channel.SMS:
        return sms.send(message.to, said.body)
    return mail.send(
        mail.Mail(
            to=message.to,
            sender_name=message.sender_name,
            subject=said.subject,
            body=said.body,
            language=message.language.value,
            calendar=message.calendar,
            message_id=f"{message.reference}.{clinic.id}",
            at=clinic.now(),
        )
    )


def _record(clinic: Clinic, claimed: Message, outcome: Outcome) -> None:
    """Record what the provider said. Raises Unavailable if the message is to be sent, or looked up, later."""
    after = clinic.perform("message.send", lambda work: _recorded(work, claimed, outcome))
    if after.status == MessageStatus.SENT:
        checking.later(clinic, after, 1)
    elif after.is_unfinished:
        raise Unavailable


def _recorded(work: UnitOfWork, claimed: Message, outcome: Outcome) -> Message:
    message = work.get(type(claimed).ref(claimed.id))
    if message.status != MessageStatus.SENDING or message.claimed_at != claimed.claimed_at:
        return message  # another delivery has found out
    if outcome.verdict == Verdict.ACCEPTED:
        visits.note_sent(work, message)
        return work.save(message.accepted(work.stamp, outcome.provider_id))
    if outcome.verdict == Verdict.BUSY:
        return log.warned(work, work.save(message.postponed(work.stamp, outcome.code)))
    if outcome.verdict == Verdict.REFUSED:
        return log.warned(work, work.save(message.failed(work.stamp, outcome.code)))
    if outcome.verdict == Verdict.BOUNCED:
        addresses.note(work, message.channel, message.to, outcome.code)
        visits.note_stop(work, message, outcome.code)
        return log.warned(work, work.save(message.bounced(work.stamp, outcome.code)))
    return message if message.channel == Channel.SMS else _lost(work, message)


def _look_up(clinic: Clinic, message: Message, retries: int) -> None:
    """Find out whether a text message was sent, and send it if it was not."""
    try:
        found, sid = sms.find(message.to, _wording(message).body, message.created_at)
    except Unavailable:
        if clinic.now() - message.requested_at < LOOKED_UP_FOR:
            raise
        found, sid = Lookup.UNREADABLE, None
    if found == Lookup.FOUND:
        _record(clinic, message, Outcome(Verdict.ACCEPTED, provider_id=sid))
    elif found == Lookup.UNREADABLE:
        clinic.perform("message.lose", lambda work: _given_up(work, message))
    else:
        clinic.perform("message.send", lambda work: _recorded(work, message, Outcome(Verdict.BUSY, "answer_lost")))
        send(clinic, message.id, 0, retries)


def _given_up(work: UnitOfWork, seen: Message) -> None:
    message = work.get(type(seen).ref(seen.id))
    if message.status == MessageStatus.SENDING and message.claimed_at == seen.claimed_at:
        _lost(work, message)


def _lost(work: UnitOfWork, message: Message) -> Message:
    return log.warned(work, work.save(message.lost(work.stamp)))


def _wording(message: Message) -> Wording:
    return worded(message.message_kind, message.channel, message.language, message.slots, message.own_text)
