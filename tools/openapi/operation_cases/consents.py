"""Operations on the consents of a patient."""

from __future__ import annotations

from collections.abc import Mapping

from shared.records.patients.consent import PatientConsents
from shared.records.patients.consent_list import Complete, ConsentState, state_of
from shared.records.patients.new_consent import NewConsent, NewWithdrawal
from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from tools.openapi.operation_cases.case import OperationCase
from tools.openapi.operation_cases.patients import OF_PATIENT, PATIENT
from tools.openapi.operation_cases.sample_clinic import BEGAN, CLINIC, DESK, DOCTOR

CONSENT_ID = "cs4t8mz6kq"
"""The id of a consent to recording and AI processing."""
_NEW = {
    "purposes": ["recording", "ai_processing"],
    "wording": {
        "version": "visit-2026-10",
        "text": "We record this visit. A computer writes it down and drafts the report, which your doctor checks.",
    },
    "language": "en-IN",
    "method": "verbal",
    "witness": "Latha Menon",
}
_WITHDRAWN = {"requested_by": "patient", "reason": "Does not want to be recorded."}
_NONE = PatientConsents.new(PATIENT.id, Stamp(DESK, BEGAN))
_GIVEN = _NONE.with_consent(NewConsent.model_validate(_NEW), CONSENT_ID, Stamp(DESK, BEGAN))
_ENDED = _GIVEN.with_withdrawal(CONSENT_ID, NewWithdrawal.model_validate(_WITHDRAWN), Stamp(DOCTOR, BEGAN))


def _state(consents: PatientConsents) -> ConsentState:
    return state_of(consents, CLINIC, None, BEGAN)


CASES: Mapping[str, OperationCase] = {
    "patients.list_consents": OperationCase(
        path=OF_PATIENT,
        answer=Detailed(_GIVEN, Complete(**dict(_state(_GIVEN)), wordings=_GIVEN.texts)),
        action=Action.READ_PATIENT,
    ),
    "patients.give_consent": OperationCase(
        path=OF_PATIENT, body=_NEW, answer=Detailed(_GIVEN, _state(_GIVEN)), action=Action.CHANGE_PATIENT
    ),
    "patients.withdraw_consent": OperationCase(
        path={**OF_PATIENT, "consent_id": CONSENT_ID},
        body=_WITHDRAWN,
        answer=Detailed(_ENDED, _state(_ENDED)),
        action=Action.READ_PATIENT,
    ),
}
