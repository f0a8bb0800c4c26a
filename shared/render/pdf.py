"""PDF documents: A4, embedded fonts, searchable text, and equal bytes for equal input.

Importing this module is cheap; the first call loads reportlab and HarfBuzz.
"""

from __future__ import annotations

from shared.render.bill_documents import BillDocument, VoucherDocument
from shared.render.documents import ReportDocument
from shared.render.statement_documents import StatementDocument


def report_pdf(document: ReportDocument) -> bytes:
    """Render a report as PDF. Raises ValueError for a naive time, ZoneInfoNotFoundError for an unknown zone."""
    from shared.render import report_layout

    return report_layout.layout(document)


def bill_pdf(document: BillDocument) -> bytes:
    """Render a bill as PDF. Prints the amounts of the document and computes none."""
    from shared.render import bill_layout

    return bill_layout.layout(document)


def voucher_pdf(document: VoucherDocument) -> bytes:
    """Render a receipt or a credit note as PDF."""
    from shared.render import voucher_layout

    return voucher_layout.layout(document)


def statement_pdf(document: StatementDocument) -> bytes:
    """Render a statement of account as PDF."""
    from shared.render import statement_layout

    return statement_layout.layout(document)
