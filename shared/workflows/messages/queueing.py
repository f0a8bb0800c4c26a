"""Queueing a message: it is recorded in the commit of its cause, and a task sends it.

    sent = clinic.perform("report.share", lambda work: queueing.queue(work, new))
    queueing.dispatch(clinic, sent)

If the process dies between the two, the sweep dispatches the message.
"""

from __future__ import annotations

from dataclasses import asdict

from shared.lazily import lazily
from shared.records.messages.message import Message, PatientMessage, StaffMessage, message_id
from shared.records.patients.patient import Patient
from shared.records.problems import raise_if_any
from shared.records.record import Ref
from shared.records.types import local_date
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import tasks
    from shared.records.messages.new_message import NewMessage
    from shared.records.messages.slots import Slots, short_name
    from shared.workflows.messages import addresses

QUEUE = "messages"


def ref_of(new: NewMessage) -> Ref[Message]:
    """The message that a cause makes, to prefetch or to cancel it."""
    model: type[Message] = PatientMessage if new.patient_id else StaffMessage
    return model.ref(message_id(new.cause, new.patient_id))


def queue(work: UnitOfWork, new: NewMessage) -> Message:
    """Record a message in this commit, unless its cause has made it already: then that one is returned, as it is.

    Call `dispatch` with what is returned once the commit is done. Raises Invalid for slots that the text does not
    have, Conflict (`address_bounces`) for an address that takes no messages.
    """
    ref = ref_of(new)
    work.prefetch(work.settings_ref(), ref, *addresses.refs(work, new.channel, new.to))
    if earlier := work.get_or_none(ref):
        return earlier
    settings = work.settings()
    raise_if_any(new.field_errors(local_date(work.now, settings.time_zone)))
    addresses.require_usable(work, new.channel, new.to)
    recipient = (
        {"patient_id": new.patient_id, "to_patient": new.to_patient} if new.patient_id else {"user_id": new.user_id}
    )
    name = short_name(settings.name_in_messages)
    return work.create(
        ref.model.new(
            ref.id,
            work.stamp,
            to=new.to,
            slots=Slots(**dict(new.slots), clinic_name=name, first_name=_first_name(work, new)),
            calendar=new.calendar,
            sender_name=name,
            channel=new.channel,
            message_kind=new.kind,
            language=new.language,
            own_text=new.own_text,
            send_by=work.now + new.within,
            requested_at=work.now,
            **recipient,
            **(asdict(new.visit) if new.visit else {}),
            **({"bill_id": new.bill_id, "days_after_due": new.days_after_due} if new.bill_id else {}),
        )
    )


def cancel(work: UnitOfWork, ref: Ref[Message]) -> Message | None:
    """Cancel a message in this commit, if it is still queued; None if there is none. One that is being sent stays."""
    message = work.get_or_none(ref)
    if message is None:
        return None
    cancelled = message.cancelled(work.stamp)
    return message if cancelled is message else work.save(cancelled)


def dispatch(clinic: Clinic, message: Message, *recovery: str) -> None:
    """Enqueue the task that sends a message, if it is still to be sent: one for each state of it."""
    if not message.is_unfinished:
        return
    key = "/".join((clinic.id, message.id, str(message.revision), *recovery))
    body: dict[str, str | int] = {"clinic_id": clinic.id, "message_id": message.id}
    tasks.enqueue(QUEUE, "send_message", body, deduplication_key=key)


def _first_name(work: UnitOfWork, new: NewMessage) -> str | None:
    """What the patient is called, for a message to the patient, if the clinic wants it and it is known."""
    if not new.patient_id or not new.to_patient or not work.settings().first_name_in_messages:
        return None
    patient = work.get(Patient.ref(new.patient_id))
    return short_name(patient.preferred_name or patient.first_name or "") or None
