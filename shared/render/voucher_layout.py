"""The layout of receipts and credit notes."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.platypus import Flowable, KeepTogether, Spacer

from shared.records.billing.types import FIRST_EDITION
from shared.render import frame, page, rules
from shared.render.bill_documents import VoucherDocument
from shared.render.letterhead import head
from shared.render.spelling import amount_in_words
from shared.render.sums import sums, tax_row
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
        layout=document.wording.layout,
        language=document.wording.language,
        words=document.wording.general,
    )
    with rules.of_edition(document.edition):
        return frame.build(running, list(_story(document)))


def _story(document: VoucherDocument) -> Iterator[Flowable]:
    wording, labels = document.wording, document.wording.bill.facts
    yield from head(document.letterhead, document.title, wording.licence(document.letterhead.licence_number))
    pairs = [
        (labels.patient, document.patient.name),
        (labels.patient_number, document.patient.number),
        (labels.number, document.number),
        (labels.date, wording.day(document.day)),
        (labels.for_bill, document.bill_number),
        (labels.bill_date, wording.day(document.bill_date)),
        *_payment(document),
    ]
    yield from page.facts(
        wording.facts(pairs),
        wide=wording.wide_fact(labels.address, document.address),
        not_recorded=labels.not_recorded,
        least_wide=wording.least_wide,
    )
    yield Spacer(0, 8)
    if document.reason:
        yield Text(wording.bill.texts.reason.format(reason=wording.own(document.reason)), page.PROSE)
        yield Spacer(0, 6)
    words = Text(amount_in_words(document.amount_minor, document.currency), page.SMALL_RIGHT)
    amounts, balance = _amounts(document), _balance(document)
    if wording.edition == FIRST_EDITION:  # the words stood below the balance, as if they were those of it
        yield KeepTogether([_sums(document, [*amounts, balance], bold=(len(amounts) - 1,)), words])
    else:
        total = _sums(document, amounts, bold=(len(amounts) - 1,))
        yield KeepTogether([total, words, Spacer(0, 6), _sums(document, [balance], bold=())])


def _payment(document: VoucherDocument) -> list[tuple[str, str]]:
    """How the money of a receipt came; a credit note moves none."""
    if not document.method:
        return []
    labels = document.wording.bill.facts
    reference = [(labels.reference, document.reference)] if document.reference else []
    return [(labels.method, document.method), *reference, (labels.received_by, document.received_by)]


def _amounts(document: VoucherDocument) -> list[tuple[str, str]]:
    """What the document is about, the last row, and before it what it consists of."""
    wording, labels = document.wording, document.wording.bill.sums
    rows = []
    if document.taxes and document.taxable_minor is not None:
        rows.append((labels.without_tax, wording.money(document.taxable_minor)))
        rows += [tax_row(tax, wording) for tax in document.taxes]
    return [*rows, (labels.amount, wording.money(document.amount_minor))]


def _balance(document: VoucherDocument) -> tuple[str, str]:
    """What was owed for the bill afterwards, or is the patient's credit."""
    wording, labels = document.wording, document.wording.bill.sums
    if document.balance_minor < 0:
        return labels.credit, wording.money(-document.balance_minor)
    return labels.outstanding_of_bill, wording.money(document.balance_minor)


def _sums(document: VoucherDocument, rows: list[tuple[str, str]], *, bold: tuple[int, ...]) -> Flowable:
    return sums(rows, bold=bold, mirrored=document.wording.mirrored)
