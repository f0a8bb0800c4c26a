"""Getting a report as a file at once."""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.reports.exporting import NO_OPTIONS, Export, ExportFormat, Printing, PrintOptions
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.documents import PrintedDocument
from shared.workflows.reports import exporting, kept_pdfs


def export(clinic: Clinic, report_id: str, form: ExportFormat, options: PrintOptions = NO_OPTIONS) -> PrintedDocument:
    """The report in a format: the verified signed bytes, or a draft that is marked as such.

    The PDF of a signed report is the signed one, which is kept. Raises Conflict while that is being made, and
    for a character that cannot be printed.
    """
    from shared.workflows.reports.printing import RENDER, must_be_printable_as, printable

    def transaction(work: UnitOfWork) -> PrintedDocument:
        work.show_kept()
        printed = printable(work, report_id, Printing(findings=options.findings))
        kept = kept_pdfs.current(work, printed) if form == ExportFormat.PDF else None
        if isinstance(kept, Export):
            exporting.hasten(clinic, kept, work.now)
            detail = f"the signed PDF is being made: ask for it again in {kept_pdfs.RETRY_AFTER} seconds"
            raise Conflict(ConflictCode.PDF_PENDING, detail, retry_after=kept_pdfs.RETRY_AFTER)
        must_be_printable_as(printed, form)
        content = RENDER[form](printed) if kept is None else kept
        work.save(printed.report.exported([form], work.user_id, work.now))
        return PrintedDocument(content, printed.filename(form), printed.report.revision)

    return clinic.perform("report.export", transaction)
