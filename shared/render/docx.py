"""Reports as Word documents (DOCX): the same blocks as the PDF, and equal bytes for equal input.

Importing this module is cheap; the first call loads python-docx, which only the functions that export reports have.
"""

from __future__ import annotations

from shared.render.documents import ReportDocument


def report_docx(document: ReportDocument) -> bytes:
    """Render a report as DOCX, which says that it is a copy. Raises ValueError for a naive time, ZoneInfoNotFoundError
    for an unknown zone."""
    from shared.render.report_blocks import printed_report
    from shared.render.word import layout

    return layout.written(printed_report(document))
