"""Consents of a patient: recorded and listed. `workflows/withdrawal.py` withdraws them."""

from __future__ import annotations

from collections.abc import Collection

from shared.records.numbering import is_number
from shared.records.patients.consent import PatientConsents
from shared.records.patients.consent_list import Complete, ConsentQuery, ConsentState, state_of
from shared.records.patients.new_consent import NewConsent
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import FieldError, raise_if_any
from shared.records.record import Detailed, Ref, patient_of
from shared.records.types import new_id
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate, permissions

CONSENT_ID_LENGTH = 10

Consents = Detailed[PatientConsents, ConsentState]
CompleteConsents = Detailed[PatientConsents, Complete]


def listed(clinic: Clinic, patient_id: str, query: ConsentQuery) -> CompleteConsents:
    """All consents of a patient with their states, and the uses that lack one."""

    def transaction(work: UnitOfWork) -> CompleteConsents:
        patient = read_patient(work, patient_id)
        consents = consent_gate.counting(work, patient.id)
        state = state_of(consents, work.settings(), query.session_id, work.now)
        return Detailed(consents, Complete(**dict(state), wordings=consents.texts))

    return clinic.perform("consent.list", transaction)


def give(clinic: Clinic, patient_id: str, new: NewConsent) -> Consents:
    """Record a consent. It is added to those of now, so a caller need not have read them.

    Raises Invalid listing everything that is wrong with it.
    """

    def transaction(work: UnitOfWork) -> Consents:
        sessions = _sessions([patient_id], new.session_id)
        patient = read_patient(work, patient_id, *sessions)
        permissions.require(work, Action.CHANGE_PATIENT, patient)
        errors = [*new.errors(work.settings(), work.now)]
        if new.session_id is not None and not any(map(work.exists, _sessions(patient.person_ids, new.session_id))):
            errors.append(FieldError("/session_id", "no such session of this patient"))
        raise_if_any(errors)
        consents = consent_gate.consents_of(work, patient.id).with_consent(new, new_id(CONSENT_ID_LENGTH), work.stamp)
        state = state_of(consent_gate.counting_with(work, consents), work.settings(), new.session_id, work.now)
        return Detailed(work.upsert(consents), state)

    return clinic.perform("consent.give", transaction)


def read_patient(work: UnitOfWork, patient_id: str, *others: Ref[Session]) -> Patient:
    """The patient, read with the consents and the settings. Raises NotFound."""
    ref = Patient.ref(patient_id)
    known = [] if is_number(patient_id) else consent_gate.refs(work, patient_id)
    work.prefetch(ref, *known, *others)
    return work.get(ref)


def _sessions(patient_ids: Collection[str], session_id: str | None) -> list[Ref[Session]]:
    """The session with this id, unless the id is of another patient: its records are not even read."""
    own = session_id is not None and patient_of(session_id) in patient_ids
    return [Session.ref(session_id)] if own and session_id else []
