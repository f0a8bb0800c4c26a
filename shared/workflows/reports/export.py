"""Rendering a report."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.record import session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.visits.session import Session
from shared.render.pdf import report_pdf
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.documents import PrintedDocument
from shared.workflows.reports import addenda, paper
from shared.workflows.reports.proofs import shown_proof
from shared.workflows.reports.reading import report_refs, report_snapshot


def pdf(clinic: Clinic, report_id: str) -> PrintedDocument:
    """The report as PDF: the verified signed bytes, or a draft that is marked as such."""

    def transaction(work: UnitOfWork) -> PrintedDocument:
        profile_ref = UserProfile.ref(work.user_id)  # nearly always the doctor of the visit
        work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), work.settings_ref(), profile_ref)
        report = work.get(Report.ref(report_id))
        work.prefetch(*report_refs(report.id), Session.ref(report.session_id))  # a number names them only now
        if proof := shown_proof(work, report):
            signed, signature = proof.payload.report, proof.signature
            added = addenda.shown(addenda.verified(work, report, proof))
            later, is_final = report.superseded, proof.is_final
            document = paper.signed_document(signed, signature, proof.cosignature, added, later, is_final=is_final)
            name = paper.filename(signed, signature.signed_at if proof.is_final else None)
            return PrintedDocument(report_pdf(document), name, report.revision)
        report.must_be_editable()
        work.admit_to_print(report)
        snapshot = report_snapshot(
            work, report, work.get(ReportContent.ref(report.id)), work.get_or_none(UserProfile.ref(report.doctor_id))
        )
        content = report_pdf(paper.draft_document(snapshot, report.updated_at, paper.warnings_of(report)))
        return PrintedDocument(content, paper.filename(snapshot, None), report.revision)

    return clinic.perform("report.export", transaction)
