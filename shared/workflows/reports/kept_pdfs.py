"""The signed PDFs that are kept with signed reports, so that the same bytes are given for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.records.record import Ref
from shared.records.reports import signed_pdf
from shared.records.reports.exporting import Export, automatic_export_id
from shared.records.reports.signed_pdf import SignedPdf
from shared.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from shared.workflows.reports.printing import Printable

RETRY_AFTER = 2
"""Seconds: a function that starts takes them to make a PDF."""


def current(work: UnitOfWork, printed: Printable) -> bytes | Export | None:
    """The signed PDF of a report as it prints now, or the export that is making it; None for a draft, if that export
    failed, and with findings until somebody exported it with them.

    While it is being made nothing else may be given: nobody ever gets other bytes than those that will be kept.
    """
    kept = kept_pdf(work, printed)
    if kept is not None or printed.edition is None or printed.options.findings:
        return kept
    notice = printed.options.has_part_2_notice
    export = work.get_or_none(Export.ref(automatic_export_id(printed.report, has_part_2_notice=notice)))
    if export is None or export.waiting:
        return export
    work.forget(_first_part(printed.report.id, printed.edition))  # it may have been made between the two reads
    return kept_pdf(work, printed)


def kept_pdf(work: UnitOfWork, printed: Printable) -> bytes | None:
    """The signed PDF of a signed report, as it was first made; None if none was made, and for a draft."""
    if printed.edition is None:
        return None
    report_id, edition = printed.report.id, printed.edition
    first = work.get_or_none(_first_part(report_id, edition))
    if first is None:
        return None
    others = [SignedPdf.ref(signed_pdf.part_id(report_id, edition, number)) for number in range(2, first.parts + 1)]
    if others:
        work.prefetch(*others)
    return signed_pdf.joined([first, *map(work.get, others)])


def _first_part(report_id: str, edition: str) -> Ref[SignedPdf]:
    return SignedPdf.ref(signed_pdf.part_id(report_id, edition))
