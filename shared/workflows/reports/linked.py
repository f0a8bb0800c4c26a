"""What a link to a report opens: the signed report as PDF, as long as it may be shown to the recipient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.patients.consent_missing import ConsentMissing
from shared.records.record import Ref
from shared.records.reports.exporting import Export
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.links.opening import Subject, Withdrawn
from shared.workflows.reports.printing import RENDER

with lazily(globals()):
    from shared.records.links.link import Link
    from shared.records.reports.disclosure import Disclosure, report_of
    from shared.records.reports.exporting import ExportFormat, Printing
    from shared.records.reports.report import Report
    from shared.records.reports.sharing import RecipientKind
    from shared.records.reports.signed import SignedReport
    from shared.workflows import consent_gate
    from shared.workflows.documents import PrintedDocument
    from shared.workflows.links.opening import NotReady
    from shared.workflows.reports import kept_pdfs
    from shared.workflows.reports.printing import Printable, signed_printable
    from shared.workflows.reports.proofs import proof_of


class ReportSubject(Subject):
    """Signed reports."""

    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any]]:
        """The share, the report with its proof, and what tells whether it may be passed on."""
        id = report_of(link.subject_id)
        own = Disclosure.ref(link.subject_id), Report.ref(id), SignedReport.ref(id)
        return [*own, *consent_gate.refs(work, link.patient_id)]

    def opened(self, work: UnitOfWork, link: Link) -> PrintedDocument:
        """The PDF, made of the verified signed bytes. Raises Withdrawn once a consent that it needs is withdrawn."""
        share = work.get_or_none(Disclosure.ref(link.subject_id))
        report = work.get_or_none(Report.ref(report_of(link.subject_id)))
        proof = proof_of(work, report) if report else None
        if share is None or report is None or proof is None or report.psychotherapy_notes:
            raise Withdrawn
        if share.recipient_kind != RecipientKind.PATIENT:
            _require_consent(work, report)
        printed = signed_printable(work, report, proof, Printing(has_part_2_notice=share.substance_use))
        return PrintedDocument(_pdf(work, printed), printed.filename(ExportFormat.PDF), report.revision)


def _pdf(work: UnitOfWork, printed: Printable) -> bytes:
    """The signed PDF as it is kept. Raises NotReady while it is being made."""
    kept = kept_pdfs.current(work, printed)
    if isinstance(kept, Export):
        raise NotReady(kept_pdfs.RETRY_AFTER)
    return kept or RENDER[ExportFormat.PDF](printed)


def _require_consent(work: UnitOfWork, report: Report) -> None:
    """Raises Withdrawn without the consent that the share needed."""
    try:
        consent_gate.require_sharing(work, report.session_id)
    except ConsentMissing:
        raise Withdrawn from None
