"""Changes of the patient's chart that a signed report offers."""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, Forbidden, Invalid
from shared.records.record import Value
from shared.records.reports.chart_changes import (
    ChartDecisions,
    ChartOffer,
    DecideChartChange,
    Verdict,
    accepted,
    offers_of,
)
from shared.records.reports.report import Report
from shared.records.reports.signed import SignedReport
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.reports.proofs import proof_of


class ChartChanges(Value):
    """The changes of the patient's chart that a report offers."""

    report_id: Id
    patient_id: Id
    offers: list[ChartOffer]


def offered(clinic: Clinic, report_id: str) -> ChartChanges:
    """The offers of a signed report. Raises Conflict if it is not signed, Forbidden without access to the chart."""

    def transaction(work: UnitOfWork) -> ChartChanges:
        report, patient, decisions = _read(work, report_id)
        return _shown(_signed(work, report), patient, decisions)

    return clinic.perform("report.offer", transaction)


def decide(clinic: Clinic, report_id: str, request: DecideChartChange) -> ChartChanges:
    """Accept an offer, which writes it to the chart, or dismiss it. Repeating a decision changes nothing.

    An accepted offer stays accepted: the chart is changed in the chart. Raises Invalid for an unknown offer.
    """

    def transaction(work: UnitOfWork) -> ChartChanges:
        report, patient, decisions = _read(work, report_id)
        permissions.require(work, Action.CHANGE_CHART, patient)
        signed = _signed(work, report)
        offer = next((one for one in _offers(signed, patient, decisions) if one.id == request.offer_id), None)
        if offer is None:
            raise Invalid(errors=[FieldError("/offer_id", "no such offer of this report")])
        if offer.decision is not None and offer.decision.verdict in (request.verdict, Verdict.ACCEPTED):
            if offer.decision.verdict != request.verdict:
                raise Conflict(ConflictCode.OFFER_ACCEPTED, "the offer is accepted: change the chart itself")
            return _shown(signed, patient, decisions)
        if request.verdict == Verdict.ACCEPTED:
            patient = work.save_edit(patient, accepted(offer, patient, work.stamp))
        made = work.upsert(decisions.with_decision(offer, request.verdict, work.stamp))
        return _shown(signed, patient, made)

    return clinic.perform("report.decide", transaction)


def _read(work: UnitOfWork, report_id: str) -> tuple[Report, Patient, ChartDecisions]:
    work.prefetch(Report.ref(report_id), SignedReport.ref(report_id), ChartDecisions.ref(report_id))
    report = work.get(Report.ref(report_id))
    permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, report)
    patient_ref, decisions_ref = Patient.ref(report.patient_id), ChartDecisions.ref(report.id)
    work.prefetch(SignedReport.ref(report.id), patient_ref, decisions_ref)  # a number names them only now
    patient = work.get(patient_ref)
    if not work.clinical:
        raise Forbidden("the chart is for doctors of the patient")
    decisions = work.get_or_none(decisions_ref) or ChartDecisions.new(report.id, work.stamp)
    return report, patient, decisions


def _signed(work: UnitOfWork, report: Report) -> ReportSnapshot:
    """The report as signed, from its verified bytes."""
    proof = proof_of(work, report)
    if proof is None:
        raise Conflict(
            ConflictCode.REPORT_NOT_SIGNED, "the report is not signed: it offers changes of the chart when it is"
        )
    report.must_be_newest()
    return proof.payload.report


def _offers(signed: ReportSnapshot, patient: Patient, decisions: ChartDecisions) -> list[ChartOffer]:
    return offers_of(signed.sections, signed.statements, patient, decisions.decisions)


def _shown(signed: ReportSnapshot, patient: Patient, decisions: ChartDecisions) -> ChartChanges:
    offers = _offers(signed, patient, decisions)
    return ChartChanges(report_id=signed.report_id, patient_id=patient.id, offers=offers)
