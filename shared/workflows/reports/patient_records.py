"""What the clinic's own records say of the patient of a report: the chart, and the consents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.records.patients.patient import Patient
from shared.records.record import patient_of
from shared.records.reports.consents import VisitConsents
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate

if TYPE_CHECKING:
    from shared.records.claims.chart import Chart


def chart_of(work: UnitOfWork, patient_id: str) -> Chart:
    """The chart, with allergies that a clinician has not confirmed. The patient comes with the report."""
    from shared.records.claims.chart import Chart

    patient = work.get(Patient.ref(patient_id))
    reported = (one.text for one in patient.reported_allergies)
    return Chart((*patient.allergies, *reported), tuple(patient.current_medications))


def consents_of(work: UnitOfWork, session_id: str) -> VisitConsents:
    """The consents that are live for a visit now."""
    return VisitConsents.of(consent_gate.consents_of(work, patient_of(session_id)), session_id, work.now)
