"""How a patient can be written to about a bill: by which channel, at which address, in which language.

What the patient said about messages on appointments holds for these too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, FieldError
from shared.records.record import Ref
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.messages.kinds import Channel, MessageLanguage, language_of
    from shared.records.patients.contact import ContactChoices, contact_id, may_be_messaged
    from shared.records.reminders.notices import Void
    from shared.records.reminders.standing import void_by_choice
    from shared.workflows.messages import addresses
    from shared.workflows.messages.choices import choices_of
    from shared.workflows.messages.visits import address_of


@dataclass(frozen=True)
class Way:
    """How a message can go."""

    channel: Channel
    to: str
    language: MessageLanguage


def refs(patient_id: str) -> list[Ref[ReminderPolicy] | Ref[ContactChoices]]:
    """The records that decide whether a patient may be written to; the patient comes with any record of theirs."""
    return [ReminderPolicy.ref(POLICY_ID), ContactChoices.ref(contact_id(patient_id))]


def first_way(work: UnitOfWork, patient: Patient, channels: Sequence[Channel]) -> Way:
    """The first of some channels by which a patient may be written to.

    Raises Conflict (`patient_not_reachable`), which names the reason against each channel.
    """
    found = way_or_reasons(work, patient, channels)
    if isinstance(found, Way):
        return found
    errors = [FieldError("/channel", f"{channel}: {reason}") for channel, reason in found.items()]
    raise Conflict(ConflictCode.PATIENT_NOT_REACHABLE, "the patient cannot be written to", errors)


def way_or_reasons(work: UnitOfWork, patient: Patient, channels: Sequence[Channel]) -> Way | dict[Channel, Void]:
    """The first of some channels by which a patient may be written to, or the reason against each of them."""
    known = [(channel, address) for channel in channels if (address := address_of(patient, channel))]
    work.prefetch(*refs(patient.id), *(ref for way in known for ref in addresses.refs(work, *way)))
    against = {channel: reason for channel in channels if (reason := reason_against(work, patient, channel))}
    for channel, address in known:
        if channel not in against:
            return Way(channel, address, language_of(patient.preferred_language))
    return against


def reason_against(work: UnitOfWork, patient: Patient | None, channel: Channel) -> Void | None:
    """Why a patient must not be written to by a channel; None if nothing is known against it."""
    if patient is None or not may_be_messaged(patient):
        return Void.PATIENT_GONE
    address = address_of(patient, channel)
    if address is None:
        return Void.NO_ADDRESS
    policy = work.get_or_none(ReminderPolicy.ref(POLICY_ID))
    choices = choices_of(work, patient)
    opt_in_required = policy is not None and policy.opt_in_required
    reason = void_by_choice(channel, choices, opt_in_required=opt_in_required)
    if reason is None and addresses.bounces(work, channel, address):
        return Void.ADDRESS_BOUNCES
    return reason
