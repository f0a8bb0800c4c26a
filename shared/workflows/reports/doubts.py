"""The doubts, omissions and risk answers of a report, and how doctors resolve them before it is signed."""

from __future__ import annotations

from shared.records.permissions import Action
from shared.records.record import Detailed, Value
from shared.records.reports.content import ReportContent
from shared.records.reports.findings import Finding
from shared.records.reports.report import Report
from shared.records.reports.resolutions import Resolution, ResolveFindings, standing
from shared.records.reports.signed_payload import ReportSnapshot
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.reports.proofs import shown_proof
from shared.workflows.reports.reading import report_refs
from shared.workflows.reports.rechecking import with_next_omissions
from shared.workflows.stored_proofs import must_be_unsigned


class ReportFinding(Finding):
    """A doubt, an omission or a risk answer, with what a doctor decided about it."""

    must_be_resolved: bool
    """True if the report cannot be signed before it is resolved or gone."""
    resolution: Resolution | None
    """The decision that counts; null if there is none."""


class Findings(Value):
    """What a doctor must look at before the report is signed."""

    findings: list[ReportFinding]
    """The doubts of the statements in their order, then the omissions."""
    unresolved_findings: int
    """How many of them must still be resolved."""
    omissions_left_out: int
    """Number of omissions that are not among them yet: 50 without a decision are listed at a time, the major ones
    first. The next appear as soon as some are resolved or noted."""


ReportFindings = Detailed[Report, Findings]


def of_report(clinic: Clinic, report_id: str) -> ReportFindings:
    """A report with its findings as it is now; a signed one as it was signed."""

    def transaction(work: UnitOfWork) -> ReportFindings:
        work.show_kept()
        work.prefetch(*report_refs(report_id))
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, report)
        work.prefetch(*report_refs(report.id))  # a number names them only now
        if proof := shown_proof(work, report):
            return Detailed(proof.shown(report), _shown(proof.payload.report))
        return Detailed(report, _shown(work.get_or_none(ReportContent.ref(report.id))))

    return clinic.perform("report.doubt", transaction)


def resolve(clinic: Clinic, report_id: str, request: ResolveFindings) -> ReportFindings:
    """Record decisions about findings of an unsigned report, and list the omissions that waited for them. Decisions
    that stand already change nothing."""

    def transaction(work: UnitOfWork) -> ReportFindings:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.RESOLVE_DOUBTS)
        must_be_unsigned(work, report.id)
        resolved = report.resolved(work.stamp)
        before = work.get(ReportContent.ref(report.id))
        content = before.resolved(request.resolutions, work.stamp)
        if content is before:
            return Detailed(report, _shown(before))
        if content.omissions_left_out:
            content = with_next_omissions(work, report, content)
        return Detailed(work.save(resolved), _shown(work.save(content)))

    return clinic.perform("report.resolve", transaction)


def _shown(content: ReportContent | ReportSnapshot | None) -> Findings:
    """The findings of a content, or of what was signed; a report that is not written yet has none."""
    if content is None:
        return Findings(findings=[], unresolved_findings=0, omissions_left_out=0)
    settled = standing(content.resolutions)
    findings = [
        ReportFinding(**dict(one), must_be_resolved=one.is_major, resolution=settled.get(one.id))
        for one in content.findings
    ]
    left_out = content.omissions_left_out
    return Findings(findings=findings, unresolved_findings=len(content.unresolved), omissions_left_out=left_out)
