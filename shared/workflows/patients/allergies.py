"""Allergies that are reported to the clinic: noted by anybody, confirmed or rejected by a doctor of the patient."""

from __future__ import annotations

from collections.abc import Callable

from shared.records.patients import allergies
from shared.records.patients.details import NewReportedAllergy
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.record import Stamp
from shared.records.types import new_id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.patients.access import ShownPatient, with_facts

ALLERGY_ID_LENGTH = 10


def report(clinic: Clinic, patient_id: str, new: NewReportedAllergy) -> ShownPatient:
    """Note a reported allergy. It is added to those of now, so a caller need not have read the patient."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        ref = Patient.ref(patient_id)
        work.prefetch(ref, work.settings_ref())
        patient = work.get(ref)
        permissions.require(work, Action.CHANGE_PATIENT, patient)
        noted = allergies.reported(patient, new, new_id(ALLERGY_ID_LENGTH), work.stamp)
        return with_facts(work, noted if noted is patient else work.save(noted))

    return clinic.perform("patient.report_allergy", transaction)


def confirm(clinic: Clinic, patient_id: str, allergy_id: str) -> ShownPatient:
    """Move a reported allergy to the chart."""
    return _decide(clinic, "patient.confirm_allergy", patient_id, allergy_id, allergies.confirmed)


def reject(clinic: Clinic, patient_id: str, allergy_id: str) -> ShownPatient:
    """Remove a reported allergy that the patient does not have."""
    return _decide(clinic, "patient.reject_allergy", patient_id, allergy_id, allergies.rejected)


def _decide(
    clinic: Clinic, action: str, patient_id: str, allergy_id: str, rule: Callable[[Patient, str, Stamp], Patient]
) -> ShownPatient:
    def transaction(work: UnitOfWork) -> ShownPatient:
        ref = Patient.ref(patient_id)
        work.prefetch(ref, work.settings_ref())
        patient = permissions.get_for_update(work, ref, Action.CHANGE_CHART)
        return with_facts(work, work.save(rule(patient, allergy_id, work.stamp)))

    return clinic.perform(action, transaction)
