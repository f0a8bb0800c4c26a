"""The layout of receipts and credit notes."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.platypus import Flowable, KeepTogether, Spacer

from shared.render import frame, page
from shared.render.bill_documents import VoucherDocument
from shared.render.bill_layout import sums, tax_row
from shared.render.formats import long_date, money
from shared.render.letterhead import head
from shared.render.spelling import amount_in_words
from shared.render.text import Text


def layout(document: VoucherDocument) -> bytes:
    """Lay out a receipt or a credit note as PDF."""
    running = frame.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient=document.patient,
        reference=document.number,
        created_at=document.created_at,
        changed_at=document.created_at,
    )
    return frame.build(running, list(_story(document)))


def _story(document: VoucherDocument) -> Iterator[Flowable]:
    yield from head(document.letterhead, document.title)
    yield from page.facts(
        [
            ("Patient", document.patient.name),
            ("Patient number", document.patient.number),
            ("Number", document.number),
            ("Date", long_date(document.day)),
            ("For bill", document.bill_number),
            ("Bill date", long_date(document.bill_date)),
            *_payment(document),
        ],
        wide=("Address", document.address),
    )
    yield Spacer(0, 8)
    if document.reason:
        yield Text(f"Reason: {document.reason}", page.PROSE)
        yield Spacer(0, 6)
    words = Text(amount_in_words(document.amount_minor, document.currency), page.SMALL_RIGHT)
    yield KeepTogether([_amounts(document), words])


def _payment(document: VoucherDocument) -> list[tuple[str, str]]:
    """How the money of a receipt came; a credit note moves none."""
    if not document.method:
        return []
    by = ("Received by", document.received_by)
    return [("Method", document.method), *([("Reference", document.reference)] if document.reference else []), by]


def _amounts(document: VoucherDocument) -> Flowable:
    def formatted(minor: int) -> str:
        return money(minor, document.currency)

    rows = []
    if document.taxes and document.taxable_minor is not None:
        rows.append(("Without tax", formatted(document.taxable_minor)))
        rows += [tax_row(tax, document.currency) for tax in document.taxes]
    rows.append(("Amount", formatted(document.amount_minor)))
    bold = len(rows) - 1
    if document.balance_minor < 0:
        rows.append(("Credit of the patient", formatted(-document.balance_minor)))
    else:
        rows.append(("Outstanding of the bill", formatted(document.balance_minor)))
    return sums(rows, bold=(bold,))
