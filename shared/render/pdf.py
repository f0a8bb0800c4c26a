"""Documents as PDF: A4, embedded fonts, searchable text, and the same bytes for the same input.

Importing this module is cheap; reportlab and HarfBuzz are loaded by the first call.
"""

from __future__ import annotations

from shared.render.documents import BillDocument, ReportDocument


def report_pdf(document: ReportDocument) -> bytes:
    """The PDF of a clinical report. Raises ValueError for a naive time, ZoneInfoNotFoundError for an unknown zone."""
    from shared.render import report_layout

    return report_layout.layout(document)


def bill_pdf(document: BillDocument) -> bytes:
    """The PDF of a bill. Prints the amounts it is given and computes none."""
    from shared.render import bill_layout

    return bill_layout.layout(document)
