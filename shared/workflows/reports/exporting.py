"""Requesting an export of a report in several formats, and fetching its files."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.lazily import lazily
from shared.records.permissions import Action
from shared.records.problems import NotFound
from shared.records.record import Detailed, Value, session_of
from shared.records.reports.exporting import (
    MEDIA_TYPES,
    Export,
    ExportFormat,
    ExportRequest,
    ExportStatus,
    Printing,
    is_of,
)
from shared.records.types import Code, Digest, Moment
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import export_files, tasks
    from shared.records.page import Page, PageQuery
    from shared.records.reports.report import Report, ReportStatus
    from shared.store import pagination
    from shared.workflows import attempts, permissions

QUEUE = "exports"
URL_LIVES = timedelta(minutes=5)
_HASTENED_AFTER = timedelta(minutes=1)


class FileLink(Value):
    """Where to fetch a file of an export."""

    format: ExportFormat
    url: str
    """A signed URL of Cloud Storage, GET only. Keep it secret: who has it may read the report."""
    expires_at: Moment
    """From then on the URL is refused; get the export again for another one."""
    media_type: Code
    filename: str
    size_bytes: int
    sha256: Digest


class FileLinks(Value):
    """The files of an export."""

    links: list[FileLink]
    """Empty until the export is completed, and after its files were deleted."""


ExportDetail = Detailed[Export, FileLinks]


def request(clinic: Clinic, report_id: str, asked: ExportRequest) -> Export:
    """Request files of a report that is written. Raises Conflict, also for a draft whose PDF would lack a character."""

    def transaction(work: UnitOfWork) -> Export:
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.EXPORT_PSYCHOTHERAPY_NOTES, report)
        if report.status != ReportStatus.SIGNED:
            report.must_be_editable()
            _must_be_printable(work, report, asked)
        export = Export.of(report.id, report.session_id, asked, work.stamp)
        enqueue(clinic, export)  # before the commit, as every task
        return attempts.create(work, export)

    return clinic.perform("export.request", transaction)


def _must_be_printable(work: UnitOfWork, report: Report, asked: ExportRequest) -> None:
    """Looks at what a draft says now; what prints is imported here, because most requests are for signed reports."""
    from shared.workflows.reports.printing import must_be_printable_as, printable

    if ExportFormat.PDF in asked.formats:
        must_be_printable_as(printable(work, report.id, Printing(findings=asked.findings)), ExportFormat.PDF)


def get(clinic: Clinic, report_id: str, export_id: str) -> ExportDetail:
    """An export, with URLs of its files. Each URL that is given out has an entry in the audit trail."""

    def transaction(work: UnitOfWork) -> ExportDetail:
        if session_of(report_id) == session_of(export_id):  # else the report is named by its number
            work.expect(Export.ref(export_id))
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.EXPORT_PSYCHOTHERAPY_NOTES, report)
        if not is_of(export_id, report.id):
            raise NotFound
        export = work.get(Export.ref(export_id))
        return Detailed(export, FileLinks(links=_links(work, export)))

    return clinic.perform("export.read", transaction)


def listed(clinic: Clinic, report_id: str, query: PageQuery) -> Page[Export]:
    """A page of the exports of a report, newest first, without URLs."""

    def transaction(work: UnitOfWork) -> Page[Export]:
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, report)
        return pagination.newest(work, Export, query, [pagination.LIVE, ("report_id", "==", report.id)])

    return clinic.perform("export.list", transaction)


def recover_stalled(clinic: Clinic, export_id: str) -> str | None:
    """Enqueue a stalled export again, or fail it; returns which, or None if it moved on."""

    def enqueue_again(export: Export) -> None:
        enqueue(clinic, export, attempts.recovery_of(export))

    return attempts.recover_stalled(clinic, Export.ref(export_id), enqueue_again, "enqueued")


def hasten(clinic: Clinic, export: Export, now: datetime) -> None:
    """Enqueue an export for which somebody waits once more, if nothing happened to it for a minute: a crash may have
    lost its task, which the sweep finds only later."""
    if now - export.updated_at > _HASTENED_AFTER:
        enqueue(clinic, export, attempts.recovery_of(export))


def enqueue(clinic: Clinic, export: Export, *recovery: str) -> None:
    """Enqueue the current attempt: one task, and one more for each recovery."""
    body, key = attempts.body_of(clinic, export), attempts.deduplication_key(clinic, export, *recovery)
    tasks.enqueue(QUEUE, "export_report", body, deduplication_key=key)


def object_name(clinic_id: str, export: Export, revision: int, form: ExportFormat) -> str:
    """The name of a file in the bucket: ids and the revision of the report that it shows."""
    return f"clinics/{clinic_id}/exports/{export.id}/r{revision}.{form.value}"


def _links(work: UnitOfWork, export: Export) -> list[FileLink]:
    if export.status != ExportStatus.COMPLETED or not export.has_files(work.now):
        return []
    assert export.report_revision is not None, "a completed export has it"
    links = []
    for file in export.files:
        name = object_name(work.clinic_id, export, export.report_revision, file.format)
        filename = f"{export.file_stem}.{file.format.value}"
        links.append(
            FileLink(
                **dict(file),
                url=export_files.url(name, filename, URL_LIVES),
                expires_at=work.now + URL_LIVES,
                media_type=MEDIA_TYPES[file.format],
                filename=filename,
            )
        )
    return links
