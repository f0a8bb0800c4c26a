"""A report in the forms in which it leaves the house: the verified signed bytes, or a draft that is marked as such."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.lazily import lazily
from shared.records.clinic.profile import UserProfile
from shared.records.permissions import Action
from shared.records.reports.exporting import ExportFormat
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports import signed_pdf
    from shared.records.reports.content import ReportContent
    from shared.records.reports.exporting import Printing
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.reports.signed_payload import ReportSnapshot
    from shared.records.visits.session import Session
    from shared.render.documents import ReportDocument
    from shared.render.docx import report_docx
    from shared.render.pdf import report_pdf
    from shared.workflows import permissions
    from shared.workflows.printability import must_be_printable
    from shared.workflows.reports import addenda
    from shared.workflows.reports.proofs import Proof, shown_proof
    from shared.workflows.reports.reading import report_snapshot

if TYPE_CHECKING:
    from shared.workflows.reports.paper import Annexes

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

    options: Printing
    besides: tuple[str, ...]
    """Names everything that the document prints besides the signed bytes: each other set of it is another edition."""

    @property
    def edition(self) -> str | None:
        """Names what the signed PDF prints; None for a report that is not final."""
        if self.proof is None or not self.proof.is_final:
            return None
        return signed_pdf.edition_of(self.proof.signature.content_digest, *self.besides)

    def filename(self, form: ExportFormat) -> str:
        return f"{self.stem}.{form.value}"


def printable(work: UnitOfWork, report_id: str, options: Printing) -> Printable:
    """The report as it can be printed now: a signed one from its proof alone, a draft with what is read for it then.
    Raises Conflict for one that is not written, and SignatureInvalid."""
    work.prefetch(Report.ref(report_id), SignedReport.ref(report_id))
    report = work.get(Report.ref(report_id))
    permissions.require_for_notes(work, Action.EXPORT_PSYCHOTHERAPY_NOTES, report)
    if proof := shown_proof(work, report):
        return signed_printable(work, report, proof, options)
    report.must_be_editable()
    work.admit_beside(report)
    return _draft(work, report, options)


def _draft(work: UnitOfWork, report: Report, options: Printing) -> Printable:
    from shared.workflows.reports import paper  # what prints is loaded when something is printed

    content, profile = ReportContent.ref(report.id), UserProfile.ref(report.doctor_id)
    work.prefetch(content, profile, Session.ref(report.session_id), work.settings_ref())
    said = work.get(content)
    snapshot = report_snapshot(work, report, said, work.get_or_none(profile))
    warnings = paper.warnings_of(report, said.claim_check, snapshot.language)
    annexes = paper.Annexes(with_findings=options.findings)
    document = paper.draft_document(snapshot, report.updated_at, warnings, annexes)
    return Printable(report, document, None, snapshot, _stem(snapshot, None), options, ())


def must_be_printable_as(printed: Printable, form: ExportFormat) -> None:
    """Raises Conflict for a draft, or for findings besides a signed report, with a character that the PDF cannot have.
    What is signed was looked at before it was signed."""
    if form == ExportFormat.PDF:
        must_be_printable(printed.document.findings if printed.proof else printed.document)


def signed_printable(work: UnitOfWork, report: Report, proof: Proof, options: Printing) -> Printable:
    """A report that its author signed, as it can be printed now. Raises SignatureInvalid."""
    from shared.workflows.reports import paper

    signed, signature = proof.payload.report, proof.signature
    annexes, more = _annexes_of(work, report, proof, options)
    document = paper.signed_document(signed, signature, annexes)
    stem = _stem(signed, signature.signed_at if proof.is_final else None)
    asked = tuple(name for name, is_printed in options if is_printed)
    return Printable(report, document, proof, signed, stem, options, (*asked, *more))


def _annexes_of(work: UnitOfWork, report: Report, proof: Proof, options: Printing) -> tuple[Annexes, tuple[str, ...]]:
    """What is printed besides a signed report, verified, and its names: digests, and the number of a new version.

    Raises SignatureInvalid.
    """
    from shared.workflows.reports import paper, printed_signatures

    added, later, cosignature = (
        addenda.shown(addenda.verified(work, report, proof)),
        report.superseded,
        proof.cosignature,
    )
    annexes = paper.Annexes(
        with_findings=options.findings,
        addenda=tuple(map(printed_signatures.printed_addendum, added)),
        superseded=printed_signatures.printed_superseded(later) if later else None,
        cosignature=cosignature,
        awaits_cosignature=not proof.is_final,
        has_part_2_notice=options.has_part_2_notice,
    )
    digests = [one.content_digest for one in [cosignature, *(one.signature for one in added)] if one]
    return annexes, (*digests, *([later.report_number] if later else []))


def _stem(snapshot: ReportSnapshot, signed_at: datetime | None) -> str:
    from shared.workflows.reports import paper

    return paper.filename(snapshot, signed_at).rpartition(".")[0]


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
