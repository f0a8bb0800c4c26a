"""What a patient said about messages, at any of the records of the person."""

from __future__ import annotations

from shared.records.patients.contact import ContactChoices, contact_id, strictest
from shared.records.patients.patient import Patient
from shared.store.unit_of_work import UnitOfWork


def choices_of(work: UnitOfWork, patient: Patient) -> ContactChoices | None:
    """The choices that count for a patient, as one record, which is not saved; None if nothing was recorded."""
    own = work.get_or_none(ContactChoices.ref(contact_id(patient.id)))
    merged = work.others_of(patient)
    refs = {one.id: ContactChoices.ref(contact_id(one.id)) for one in merged}
    work.prefetch(*refs.values())
    found = [(choices, one.merge) for one in merged if (choices := work.get_or_none(refs[one.id]))]
    return strictest(own, [(choices, merge.merged_at) for choices, merge in found if merge is not None])
