"""Operations that export reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.page import Page
from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.reports.exporting import MEDIA_TYPES, Export, ExportedFile, ExportFormat, ExportRequest
from shared.records.reports.report import Report
from shared.workflows.reports.exporting import FileLink, FileLinks
from shared.workflows.reports.printing import DRAFT
from tools.openapi.operation_cases.case import OperationCase
from tools.openapi.operation_cases.reports import OF_REPORT, REPORT
from tools.openapi.operation_cases.sample_clinic import DOCTOR, ENDED


def export_of(report: Report, stamp: Stamp) -> Export:
    """A requested export of a report as PDF; of the same report always the same id."""
    asked = Export.of(report.id, report.session_id, ExportRequest(formats=[ExportFormat.PDF]), stamp)
    return asked.model_copy(update={"id": f"{report.id}-x8d2mq7rka"})


_ASKED = Stamp(DOCTOR, ENDED + timedelta(minutes=25))
_DONE = Stamp("system", _ASKED.at + timedelta(seconds=3))
EXPORT = export_of(REPORT, _ASKED)
_FILE = ExportedFile(
    format=ExportFormat.PDF,
    size_bytes=34_929,
    sha256="fee106259aee6c4f67263f334fcb797d446d38d01aa748308be180dc8ab82705",
)
_STEM = f"{REPORT.report_number}-2026-09-14"
_COMPLETED = EXPORT.running(_DONE).completed(
    _DONE, [_FILE], report_version=1, report_revision=4, signed=True, file_stem=_STEM
)
_LINK = FileLink(
    **dict(_FILE),
    url="https://storage.googleapis.com/p-exports/clinics/banyan/exports/…?X-Goog-Signature=…",
    expires_at=_DONE.at + timedelta(minutes=6),
    media_type=MEDIA_TYPES[ExportFormat.PDF],
    filename=f"{_STEM}.pdf",
)

CASES: Mapping[str, OperationCase] = {
    "reports.docx": OperationCase(path=OF_REPORT, action=Action.READ_REPORT),
    "reports.as_json": OperationCase(
        path=OF_REPORT, answer={"state": DRAFT, "report": {"report_id": REPORT.id}}, action=Action.READ_REPORT
    ),
    "reports.request_export": OperationCase(
        path=OF_REPORT, body={"formats": ["pdf"]}, answer=EXPORT, action=Action.READ_REPORT
    ),
    "reports.list_exports": OperationCase(path=OF_REPORT, answer=Page([_COMPLETED], None), action=Action.READ_REPORT),
    "reports.get_export": OperationCase(
        path={**OF_REPORT, "export_id": EXPORT.id},
        answer=Detailed(_COMPLETED, FileLinks(links=[_LINK])),
        action=Action.READ_REPORT,
    ),
}
