"""What a patient allows: consents, and messages on appointments."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK

with lazily(globals()):
    from shared.records.patients.consent_list import ConsentQuery
    from shared.records.patients.contact import ContactChoices, ContactUpdate
    from shared.records.patients.new_consent import NewConsent, NewWithdrawal
    from shared.workflows import withdrawal
    from shared.workflows.patients import consents
    from shared.workflows.patients.consents import CompleteConsents, Consents
    from shared.workflows.reminders import contact

api = Api("patients")


@api.get("/{id}/consents", roles=FRONT_DESK)
def list_consents(clinic: Clinic, id: str, query: ConsentQuery) -> CompleteConsents:
    """List the patient's consents with their states, and what is refused now for lack of one."""
    return consents.listed(clinic, id, query)


@api.post("/{id}/consents", roles=FRONT_DESK, status=201)
def give_consent(clinic: Clinic, id: str, new: NewConsent) -> Consents:
    """Record a consent that the patient, or somebody for the patient, gave.

    It is added to those of now, so no If-Match is needed. At most 100 of one patient: a consent without `session_id`
    is for all visits.
    """
    return consents.give(clinic, id, new)


@api.post("/{id}/consents/{consent_id}/withdraw", roles=FRONT_DESK)
def withdraw_consent(clinic: Clinic, id: str, consent_id: str, new: NewWithdrawal | None) -> Consents:
    """Withdraw a consent, from now on. For everybody who sees the patient; no If-Match is needed.

    It ends every earlier consent to the same purposes, in this visit if the consent is for one visit. Open uploads are
    refused, and running transcriptions and drafts fail with `consent_withdrawn`. The clinic's setting
    `after_withdrawal` decides about recordings and transcripts that are there. Signed reports stay.
    """
    return withdrawal.withdraw(clinic, id, consent_id, new or NewWithdrawal())


@api.get("/{id}/contact", roles=FRONT_DESK)
def get_contact(clinic: Clinic, id: str) -> ContactChoices:
    """Get what the patient said about messages on appointments. 404 if nothing was recorded."""
    return contact.get(clinic, id)


@api.put("/{id}/contact", roles=FRONT_DESK, requires_if_match=False)
def put_contact(clinic: Clinic, id: str, update: ContactUpdate) -> ContactChoices:
    """Record whether the patient allows messages on appointments, by mail and by SMS: without If-Match the first time.

    Who has replied STOP to a text message and allows them again must also send START to the number.
    """
    return contact.put(clinic, id, update)
