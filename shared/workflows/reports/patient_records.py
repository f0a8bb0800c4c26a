"""What the clinic's own records say of the patient of a report: the chart, and the consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared.lazily import lazily
from shared.records.patients.merging import with_charts_of
from shared.records.patients.patient import Patient
from shared.records.problems import NotFound, SignatureInvalid
from shared.records.record import patient_of
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.consents import VisitConsents
    from shared.records.reports.report import Report
    from shared.records.reports.score_check import names_last_total, totals_of
    from shared.records.reports.statements import Statement
    from shared.workflows import consent_gate
    from shared.workflows.reports.last_visit import last_signed

if TYPE_CHECKING:
    from shared.records.claims.chart import Chart


def patient_with_charts(work: UnitOfWork, patient_id: str) -> Patient:
    """The patient with the chart of all records of the person; the patient comes with the report."""
    patient = work.get(Patient.ref(patient_id))
    return with_charts_of(patient, work.others_of(patient))


def chart_of(work: UnitOfWork, patient_id: str) -> Chart:
    """The chart, with allergies that a clinician has not confirmed. The patient comes with the report."""
    from shared.records.claims.chart import Chart

    patient = patient_with_charts(work, patient_id)
    reported = (one.text for one in patient.reported_allergies)
    return Chart((*patient.allergies, *reported), tuple(patient.current_medications))


def last_totals(work: UnitOfWork, report: Report, statements: Sequence[Statement]) -> Mapping[str, int]:
    """The totals of instruments in the last signed report of another visit; read only if a statement names one.

    A report whose signature does not verify has none: that is logged, and shown wherever it is read. Nor is there one
    for a caller who sees this report alone.
    """
    if not names_last_total(statements):
        return {}
    try:
        payload = last_signed(work, report.patient_id, apart_from=report.session_id)
    except (SignatureInvalid, NotFound):
        return {}
    return totals_of(payload.report.sections, payload.report.statements) if payload else {}


def consents_of(work: UnitOfWork, session_id: str) -> VisitConsents:
    """The consents that are live for a visit now."""
    return VisitConsents.of(consent_gate.counting(work, patient_of(session_id)), session_id, work.now)
