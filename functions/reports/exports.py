"""Files of a report: PDF, Word, JSON, and exports in the background."""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.records.reports.exporting import MEDIA_TYPES, NO_OPTIONS, ExportFormat
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, UNVERIFIED
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.reports.exporting import Export, ExportRequest, PrintOptions
    from shared.workflows.reports import export, exporting

api = Api("reports")
DOCX = MEDIA_TYPES[ExportFormat.DOCX]


@api.get("/{id}/pdf", roles=CLINICIANS, problems=UNVERIFIED)
def pdf(clinic: Clinic, id: str, query: PrintOptions) -> Document:
    """Get the report as PDF; an unsigned report is marked as a draft.

    Statements that a person corrected or added have the mark †. A draft shows the doubts beside its statements. The PDF
    of a signed report has a PDF signature (PAdES) and stays the same, whatever becomes of template, letterhead, patient
    and fonts. It is made in the background: 409 `pdf_pending` until then, a few seconds, with `Retry-After`. The fixed
    words are in the language of the report, if that is English, Hindi, Tamil or Arabic.
    """
    return _file(clinic, id, ExportFormat.PDF, query)


@api.get("/{id}/docx", roles=CLINICIANS, problems=UNVERIFIED)
def docx(clinic: Clinic, id: str, query: PrintOptions) -> Annotated[Document, DOCX]:
    """Get the report as a Word document, which says that it is a copy; an unsigned report is marked as a draft."""
    return _file(clinic, id, ExportFormat.DOCX, query)


@api.get("/{id}/json", roles=CLINICIANS, problems=UNVERIFIED)
def as_json(clinic: Clinic, id: str) -> Annotated[Document, "application/json"]:
    """Get the report as a JSON file: the signed copy, as `GET /reports/{id}/signed`, or what a draft says.

    The file of a draft has `state`, which is `draft, not signed`, and `report`.
    """
    return _file(clinic, id, ExportFormat.JSON)


@api.post("/{id}/export", roles=CLINICIANS, status=202, requires_idempotency_key=True)
def request_export(clinic: Clinic, id: str, asked: ExportRequest) -> Export:
    """Export a report in one or several formats, in the background.

    The PDF of a signed report has its PDF signature (PAdES) with the clinic's certificate, the same bytes in each
    export. Files of an unsigned report say that it is a draft, not signed. `progress` of the session has the
    state; get the export for its files.
    """
    return exporting.request(clinic, id, asked)


@api.get("/{id}/exports", roles=CLINICIANS)
def list_exports(clinic: Clinic, id: str, page: PageQuery) -> Page[Export]:
    """List the exports of a report, newest first: who requested each, when, its formats, its state, and the digest of
    each file.

    `automatic` ones make the signed PDF as soon as the report is final. Files got at once are in the audit trail only.
    """
    return exporting.listed(clinic, id, page)


@api.get("/{id}/exports/{export_id}", roles=CLINICIANS)
def get_export(clinic: Clinic, id: str, export_id: str) -> exporting.ExportDetail:
    """Get an export: its state and, once it is completed, a URL for each file.

    The URLs last 5 minutes; getting the export again gives others. The files are kept for 7 days (`files_until`).
    """
    return exporting.get(clinic, id, export_id)


def _file(clinic: Clinic, id: str, form: ExportFormat, options: PrintOptions = NO_OPTIONS) -> Document:
    printed = export.export(clinic, id, form, options)
    return Document(printed.content, MEDIA_TYPES[form], printed.filename, printed.revision)
