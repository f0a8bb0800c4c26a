"""The layout of bills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from shared.render import frame, page
from shared.render.bill_documents import BillDocument, TaxLine
from shared.render.formats import amount, long_date, money, plain_number
from shared.render.letterhead import head
from shared.render.paragraph import TextStyle, shortened, text_width
from shared.render.qr_flowable import QrCode
from shared.render.ruled_table import Column, RuledTable, ruled_table
from shared.render.spelling import amount_in_words
from shared.render.text import Text

_AMOUNT = replace(page.BODY, align="right")
_AMOUNT_BOLD = replace(page.BODY_BOLD, align="right")
_COLUMN_HEAD = TextStyle(7.5, 11, page.MUTED, "Bold")
_COLUMN_HEAD_RIGHT = replace(_COLUMN_HEAD, align="right")
_HEADING = TextStyle(9.5, 14, page.ACCENT, "Bold", space_before=14, space_after=2)
_TOTALS_WIDTH = 88 * mm
_ROOM_BELOW_HEADING = 90  # the heading, plus the head and first row of a table or three lines

_LINE_COLUMNS = [
    Column(0),
    Column(22 * mm),
    Column(16 * mm, _AMOUNT),
    Column(31 * mm, _AMOUNT),
    Column(33 * mm, _AMOUNT),
]
_PAYMENT_COLUMNS = [
    Column(36 * mm),
    Column(26 * mm),
    Column(0),
    Column(40 * mm),
    Column(28 * mm, _AMOUNT),
]
_QR_SIZE = 36 * mm
_SCAN = "Scan the code with a UPI app. It has the amount to pay and the number of this bill."
_NOT_PRICED = "Not priced yet. The clinic has no fee for this visit; the amount is set before the bill is issued."


def layout(document: BillDocument) -> bytes:
    """Lay out a bill as PDF."""
    is_draft = document.bill_number is None
    running = frame.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient=document.patient,
        reference=document.bill_number or "",
        created_at=document.created_at,
        changed_at=document.changed_at,
        mark="DRAFT" if is_draft else "CANCELLED" if document.is_cancelled else "",
        mark_note="not issued" if is_draft else "",
    )
    return frame.build(running, list(_story(document)))


def _story(document: BillDocument) -> Iterator[Flowable]:
    yield from head(document.letterhead, document.title)
    yield from _heading_facts(document)
    yield Spacer(0, 8)
    if document.needs_pricing:
        yield Text(_NOT_PRICED, page.PROSE)
    else:
        yield _lines(document)
        yield Spacer(0, 6)
        yield KeepTogether([_totals(document), *_remarks(document)])
    yield from _texts(document)
    if document.bill_number is not None:
        yield from _account(document)
    if document.upi_link:
        yield from _upi(document)


def _texts(document: BillDocument) -> Iterator[Flowable]:
    """How to pay and the terms while something is owed, and the notes."""
    owed = document.is_owed and not document.needs_pricing
    for title, text in (
        ("How to pay", document.payment_instructions if owed else ""),
        ("Terms", document.payment_terms if owed else ""),
        ("Notes", document.notes),
    ):
        if text:
            yield CondPageBreak(_ROOM_BELOW_HEADING)
            yield Text(title, _HEADING)
            yield Text(text, page.PROSE)


def _account(document: BillDocument) -> Iterator[Flowable]:
    """Status and payments since the issue, below everything that was issued."""
    yield CondPageBreak(_ROOM_BELOW_HEADING)
    yield Text("Account since issue", _HEADING)
    paid_on = f" on {long_date(document.paid_on)}" if document.paid_on else ""
    yield Text(f"Status: {document.status}{paid_on}", page.BODY)
    if document.payments:
        yield Text("Payments received", _HEADING)
        yield _payments(document)
    yield Spacer(0, 6)
    rows = [(label, money(minor, document.currency)) for label, minor in _balance(document)]
    yield KeepTogether([sums(rows, bold=(len(rows) - 1,))])


def _upi(document: BillDocument) -> Iterator[Flowable]:
    """The code that pays what is outstanding, which a payment app reads from the paper."""
    yield KeepTogether(
        [
            Text("Pay by UPI", _HEADING),
            QrCode(document.upi_link, _QR_SIZE, "QR code of a UPI payment"),
            Text(_SCAN, page.SMALL),
        ]
    )


def _balance(document: BillDocument) -> list[tuple[str, int]]:
    """What was paid and credited, whom it concerns, and what remains to be paid."""
    others = (
        ("Credited", -document.credited_minor),
        ("Not asked for", -document.written_off_minor),
        ("Covered by insurance", document.insurer_minor),
        ("Credit of the patient", document.credit_minor),
    )
    rows = [("Paid", document.paid_minor), *((label, minor) for label, minor in others if minor)]
    if not document.is_cancelled:  # nothing is owed
        rows.append(("Outstanding", document.outstanding_minor))
    return rows


def _heading_facts(document: BillDocument) -> Iterator[Flowable]:
    patient = document.patient
    yield from page.facts(
        [
            ("Billed to", patient.name),
            ("Patient number", patient.number),
            ("Bill number", document.bill_number or "not issued"),
            ("Bill date", long_date(document.bill_date)),
            ("Date of visit", long_date(document.visit_date) if document.visit_date else ""),
            _due(document),
            *([("Place of supply", document.place_of_supply)] if document.place_of_supply else []),
            *([("Replaces", document.amends)] if document.amends else []),
        ],
        wide=("Address", document.address),
    )


def _due(document: BillDocument) -> tuple[str, str]:
    """When the bill is to be paid, or was."""
    if document.paid_on:
        return "Paid on", long_date(document.paid_on)
    if document.is_owed and document.due_date:
        return "Due date", long_date(document.due_date)
    return "Due date", "set at issue" if document.bill_number is None else "nothing due"


def _lines(document: BillDocument) -> RuledTable:
    head = [
        Text("Description", _COLUMN_HEAD),
        Text("Code", _COLUMN_HEAD),
        Text("Quantity", _COLUMN_HEAD_RIGHT),
        Text(f"Unit price ({document.currency})", _COLUMN_HEAD_RIGHT),
        Text(f"Amount ({document.currency})", _COLUMN_HEAD_RIGHT),
    ]
    rows = [
        [
            line.description,
            line.code,
            plain_number(line.quantity),
            amount(line.unit_price_minor, document.currency),
            amount(line.amount_minor, document.currency),
        ]
        for line in document.lines
    ]
    return ruled_table(head, rows, _LINE_COLUMNS)


def _payments(document: BillDocument) -> RuledTable:
    head = [
        Text("Date", _COLUMN_HEAD),
        Text("Method", _COLUMN_HEAD),
        Text("Reference", _COLUMN_HEAD),
        Text("Received by", _COLUMN_HEAD),
        Text(f"Amount ({document.currency})", _COLUMN_HEAD_RIGHT),
    ]
    rows = [
        [
            long_date(payment.date),
            payment.method,
            payment.reference,
            payment.received_by or ("not recorded" if payment.amount_minor > 0 else ""),
            amount(payment.amount_minor, document.currency),
        ]
        for payment in document.payments
    ]
    return ruled_table(head, rows, _PAYMENT_COLUMNS)


def _totals(document: BillDocument) -> RuledTable:
    def formatted(minor: int) -> str:
        return money(minor, document.currency)

    rows = []
    if document.discount_minor or document.taxes or document.round_off_minor:
        rows.append(("Subtotal", formatted(document.subtotal_minor)))
    if document.discount_minor:
        rows.append(("Discount", formatted(-document.discount_minor)))
    rows += [tax_row(tax, document.currency, within=document.prices_include_tax) for tax in document.taxes]
    if document.round_off_minor:
        rows.append(("Round-off", formatted(document.round_off_minor)))
    rows.append(("Total", formatted(document.total_minor)))
    return sums(rows, bold=(len(rows) - 1,))


def tax_row(tax: TaxLine, currency: str, *, within: bool = False) -> tuple[str, str]:
    """The row of a tax: label with rate, and amount."""
    rate = f" ({plain_number(tax.rate)} %{', included' if within else ''})"
    label = shortened(tax.label, page.BODY, _TOTALS_WIDTH * 0.45 - text_width(rate, page.BODY))
    return label + rate, money(tax.amount_minor, currency)


def _remarks(document: BillDocument) -> list[Flowable]:
    """What belongs to the total: the amount in words, why there is a discount, and why there is no tax."""
    texts = [amount_in_words(document.total_minor, document.currency)]
    if document.discount_reason:
        texts.append(f"Discount: {document.discount_reason}")
    texts += [f"Exempt from tax: {provision}" for provision in document.exemptions]
    return [Text(text, page.SMALL_RIGHT) for text in texts]


def sums(rows: list[tuple[str, str]], bold: tuple[int, ...]) -> RuledTable:
    """Labelled amounts at the right edge; bold rows have a line above them."""
    cells = [
        [[], Text(label, page.BODY_BOLD), Text(value, _AMOUNT_BOLD)]
        if row in bold
        else [[], Text(label, page.BODY), Text(value, _AMOUNT)]
        for row, (label, value) in enumerate(rows)
    ]
    style = [
        *page.PLAIN_CELLS,
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        *[("LINEABOVE", (1, row), (-1, row), 0.75, HexColor(page.INK)) for row in bold],
    ]
    widths = [page.WIDTH - _TOTALS_WIDTH, _TOTALS_WIDTH * 0.45, _TOTALS_WIDTH * 0.55]
    return RuledTable(cells, colWidths=widths, style=style)
