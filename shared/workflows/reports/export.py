"""Rendering a report."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.record import Value, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.visits.session import Session
from shared.render.pdf import report_pdf
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.documents import PrintedDocument
from shared.workflows.reports.proofs import proof_of
from shared.workflows.reports.reading import report_refs, report_snapshot


class PrintOptions(Value):
    """What is printed besides the report."""

    findings: bool = False
    """True prints what the checks doubted or missed, and how doctors decided, with their reasons."""


def pdf(clinic: Clinic, report_id: str, options: PrintOptions) -> PrintedDocument:
    """The report as PDF: the verified signed bytes, or a draft that is marked as such."""
    from shared.workflows.reports import paper  # what prints is loaded when something is printed

    annexes = paper.Annexes(with_findings=options.findings)

    def transaction(work: UnitOfWork) -> PrintedDocument:
        profile_ref = UserProfile.ref(work.user_id)  # nearly always the doctor of the visit
        work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), work.settings_ref(), profile_ref)
        report = work.get(Report.ref(report_id))
        work.prefetch(*report_refs(report.id), Session.ref(report.session_id))  # a number names them only now
        if proof := proof_of(work, report):
            signed, signature = proof.payload.report, proof.signature
            content = report_pdf(paper.signed_document(signed, signature, annexes))
            return PrintedDocument(content, paper.filename(signed, signature.signed_at), report.revision)
        report.must_be_editable()
        work.admit_beside(report)
        said = work.get(ReportContent.ref(report.id))
        snapshot = report_snapshot(work, report, said, work.get_or_none(UserProfile.ref(report.doctor_id)))
        warnings = paper.warnings_of(report, said.claim_check, snapshot.language)
        content = report_pdf(paper.draft_document(snapshot, report.updated_at, warnings, annexes))
        return PrintedDocument(content, paper.filename(snapshot, None), report.revision)

    return clinic.perform("report.export", transaction)
