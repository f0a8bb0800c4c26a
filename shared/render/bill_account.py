"""The account of a bill since its issue, below everything that was issued, and the code that pays what is owed."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from shared.records.billing.account import EntryKind
from shared.records.billing.types import FOURTH_EDITION
from shared.render import page
from shared.render.bill_documents import BillDocument, PaymentLine
from shared.render.columns import Columns
from shared.render.paragraph import TextStyle
from shared.render.qr_flowable import QrCode
from shared.render.ruled_table import Column, RuledTable, ruled_table
from shared.render.sums import sums
from shared.render.text import Text

HEADING = TextStyle(9.5, 14, page.ACCENT, "Bold", space_before=14, space_after=2)
ROOM_BELOW_HEADING = 90
"""The heading, plus the head and first row of a table or three lines."""
_FEW_PAYMENTS = 8
"""With so many the account stays together."""
_PAYMENT_COLUMNS = [
    Column(36 * mm),
    Column(26 * mm),
    Column(0),
    Column(40 * mm, is_optional=True),
    Column.of_numbers(28 * mm),
]
_QR_SIZE = 36 * mm


def account(document: BillDocument) -> Iterator[Flowable]:
    """Status and payments since the issue, and what remains to be paid."""
    wording = document.wording
    *content, balance = _content(document)
    if wording.leaves_out and len(document.payments) <= _FEW_PAYMENTS:
        yield KeepTogether([*content, balance])
    else:
        yield from [CondPageBreak(ROOM_BELOW_HEADING), *content, KeepTogether([balance])]


def upi(document: BillDocument) -> Flowable:
    """The code that pays what is outstanding, which a payment app reads from the paper."""
    texts = document.wording.bill.texts
    code = QrCode(document.upi_link, _QR_SIZE, texts.qr_code)
    placed = Columns([[code]], [_QR_SIZE]) if document.wording.mirrored else code
    return KeepTogether([Text(texts.pay_by_upi, HEADING), placed, Text(texts.scan, page.SMALL)])


def _content(document: BillDocument) -> Iterator[Flowable]:
    wording, texts = document.wording, document.wording.bill.texts
    yield Text(texts.account, HEADING)
    if document.paid_on:
        yield Text(texts.status_on.format(status=document.status, date=wording.day(document.paid_on)), page.BODY)
    else:
        yield Text(texts.status.format(status=document.status), page.BODY)
    if document.payments:
        yield Text(texts.payments, HEADING)
        yield _payments(document)
    yield Spacer(0, 6)
    balance = [*_balance(document), *_parts(document)]
    rows = [(label, wording.money(minor)) for label, minor in balance]
    yield sums(rows, bold=(len(rows) - 1,), mirrored=wording.mirrored)


def _payments(document: BillDocument) -> RuledTable:
    wording, labels, heads = document.wording, document.wording.bill.facts, document.wording.bill.columns
    rows = [_payment(document, payment) for payment in document.payments]
    amount = heads.amount.format(currency=document.currency)
    head = [heads.date, labels.method, labels.reference, labels.received_by, amount]
    return ruled_table(head, rows, _PAYMENT_COLUMNS, mirrored=wording.mirrored, compact=wording.leaves_out)


def _payment(document: BillDocument, payment: PaymentLine) -> list[str]:
    wording = document.wording
    unknown = wording.bill.facts.not_recorded if payment.amount_minor > 0 and not wording.leaves_out else ""
    return [
        wording.day(payment.date),
        payment.method,
        wording.own(payment.reference),
        wording.own(payment.received_by) or unknown,
        wording.amount(payment.amount_minor),
    ]


def _balance(document: BillDocument) -> list[tuple[str, int]]:
    """What was paid and credited, whom it concerns, and what remains to be paid."""
    labels = document.wording.bill.sums
    others = (
        (labels.credited, -document.credited_minor),
        (labels.not_asked_for, -document.written_off_minor),
        (labels.covered, document.insurer_minor),
        (labels.credit, document.credit_minor),
    )
    rows = [(labels.paid, document.paid_minor), *((label, minor) for label, minor in others if minor)]
    if not document.is_cancelled:  # nothing is owed
        rows.append((labels.outstanding, document.outstanding_minor))
    return rows


def _parts(document: BillDocument) -> list[tuple[str, int]]:
    """Whose debt it is that remains to be paid, if an insurer owes a part: the last row is what the patient pays."""
    insurers, words = document.insurer_owes_minor, document.wording.bill
    if not insurers or document.edition <= FOURTH_EDITION:
        return []
    of_patient = document.outstanding_minor - insurers
    return [(words.entries[EntryKind.INSURANCE], insurers), (words.sums.of_patient, of_patient)]
