"""Getting a report as a file at once."""

from __future__ import annotations

from shared.records.reports.exporting import NO_OPTIONS, ExportFormat, PrintOptions
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.documents import PrintedDocument
from shared.workflows.reports.printing import RENDER, kept_pdf, printable


def export(clinic: Clinic, report_id: str, form: ExportFormat, options: PrintOptions = NO_OPTIONS) -> PrintedDocument:
    """The report in a format: the verified signed bytes, or a draft that is marked as such.

    The PDF of a signed report has its PDF signature once it was exported with one.
    """

    def transaction(work: UnitOfWork) -> PrintedDocument:
        printed = printable(work, report_id, options)
        kept = kept_pdf(work, printed) if form == ExportFormat.PDF else None
        content = RENDER[form](printed) if kept is None else kept
        work.save(printed.report.exported([form], work.user_id, work.now))
        return PrintedDocument(content, printed.filename(form), printed.report.revision)

    return clinic.perform("report.export", transaction)
