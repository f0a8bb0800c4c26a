"""What patients say about messages on their appointments."""

from __future__ import annotations

from shared.records.messages.kinds import Channel
from shared.records.patients.contact import ContactChoices, ContactUpdate, chosen, contact_id
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import NotFound
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.messages import addresses
from shared.workflows.messages.choices import choices_of
from shared.workflows.messages.visits import STOPPED


def get(clinic: Clinic, patient_id: str) -> ContactChoices:
    """What a patient said. Raises NotFound if nothing was recorded."""

    def transaction(work: UnitOfWork) -> ContactChoices:
        patient = work.get(Patient.ref(patient_id))
        found = choices_of(work, patient)
        if found is None:
            raise NotFound
        return found

    return clinic.perform("contact.read", transaction)


def put(clinic: Clinic, patient_id: str, update: ContactUpdate) -> ContactChoices:
    """Record what a patient says. Who allows text messages again is written to again, after a STOP too."""

    def transaction(work: UnitOfWork) -> ContactChoices:
        patient = work.get(Patient.ref(patient_id))
        permissions.require(work, Action.CHANGE_PATIENT, patient)
        ref = ContactChoices.ref(contact_id(patient.id))
        counting = choices_of(work, patient)
        before = work.get_or_none_for_update(ref) if counting is None or counting.id == ref.id else None
        if before is None and counting is not None:
            work.require_seen(counting)
        if update.sms and update.sms.allowed and patient.primary_phone:
            addresses.forget(work, Channel.SMS, patient.primary_phone, only=STOPPED)
        fields = chosen(counting, update, work.stamp)
        if before is None:
            return work.create(ContactChoices.new(ref.id, work.stamp, **fields))
        return work.save_edit(before, before.edited(work.stamp, **fields))

    return clinic.perform("contact.update", transaction)
