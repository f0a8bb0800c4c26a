"""A report in the forms in which it leaves the house: the verified signed bytes, or a draft that is marked as such."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.records.clinic.profile import UserProfile
from shared.records.record import session_of
from shared.records.reports import signed_pdf
from shared.records.reports.content import ReportContent
from shared.records.reports.exporting import ExportFormat, PrintOptions
from shared.records.reports.report import Report
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.signed_pdf import SignedPdf
from shared.records.visits.session import Session
from shared.render.documents import ReportDocument
from shared.render.docx import report_docx
from shared.render.pdf import report_pdf
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.proofs import Proof, proof_of
from shared.workflows.reports.reading import report_refs, report_snapshot

DRAFT = "draft, not signed"
"""What the JSON of a draft says in `state`."""


@dataclass(frozen=True)
class Printable:
    """What a report shows now, for all formats."""

    report: Report
    document: ReportDocument
    proof: Proof | None
    """Of a signed report."""
    snapshot: ReportSnapshot
    stem: str
    """Of file names; it names no patient."""

    besides: tuple[str, ...]
    """Names everything that the document prints besides the signed bytes: each other set of it is another edition."""

    @property
    def edition(self) -> str | None:
        """Names what the signed PDF prints; None for a draft."""
        return signed_pdf.edition_of(self.proof.signature.content_digest, *self.besides) if self.proof else None

    def filename(self, form: ExportFormat) -> str:
        return f"{self.stem}.{form.value}"


def printable(work: UnitOfWork, report_id: str, options: PrintOptions) -> Printable:
    """The report as it can be printed now. Raises Conflict for one that is not written, and SignatureInvalid."""
    from shared.workflows.reports import paper  # what prints is loaded when something is printed

    annexes = paper.Annexes(with_findings=options.findings)
    besides = ("findings",) if options.findings else ()
    profile_ref = UserProfile.ref(work.user_id)  # nearly always the doctor of the visit
    work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), work.settings_ref(), profile_ref)
    report = work.get(Report.ref(report_id))
    work.prefetch(*report_refs(report.id), Session.ref(report.session_id))  # a number names them only now
    if proof := proof_of(work, report):
        signed, signature = proof.payload.report, proof.signature
        document = paper.signed_document(signed, signature, annexes)
        return Printable(report, document, proof, signed, _stem(signed, signature.signed_at), besides)
    report.must_be_editable()
    work.admit_beside(report)
    said = work.get(ReportContent.ref(report.id))
    snapshot = report_snapshot(work, report, said, work.get_or_none(UserProfile.ref(report.doctor_id)))
    warnings = paper.warnings_of(report, said.claim_check, snapshot.language)
    document = paper.draft_document(snapshot, report.updated_at, warnings, annexes)
    return Printable(report, document, None, snapshot, _stem(snapshot, None), besides)


def _stem(snapshot: ReportSnapshot, signed_at: datetime | None) -> str:
    from shared.workflows.reports import paper

    return paper.filename(snapshot, signed_at).rpartition(".")[0]


def kept_pdf(work: UnitOfWork, printed: Printable) -> bytes | None:
    """The signed PDF of a signed report, as it was first made; None if none was made, and for a draft."""
    if printed.edition is None:
        return None
    report_id, edition = printed.report.id, printed.edition
    first = work.get_or_none(SignedPdf.ref(signed_pdf.part_id(report_id, edition)))
    if first is None:
        return None
    others = [SignedPdf.ref(signed_pdf.part_id(report_id, edition, number)) for number in range(2, first.parts + 1)]
    if others:
        work.prefetch(*others)
    return signed_pdf.joined([first, *map(work.get, others)])


def _json(printed: Printable) -> bytes:
    """The signed copy, or what a draft says."""
    if printed.proof:
        return printed.proof.copy.model_dump_json().encode()
    draft = {"state": DRAFT, "report": printed.snapshot.model_dump(mode="json")}
    return json.dumps(draft, ensure_ascii=False).encode()


RENDER: Mapping[ExportFormat, Callable[[Printable], bytes]] = {
    ExportFormat.PDF: lambda printed: report_pdf(printed.document),
    ExportFormat.DOCX: lambda printed: report_docx(printed.document),
    ExportFormat.JSON: _json,
}
"""Makes the file of each format, without the PDF signature."""
