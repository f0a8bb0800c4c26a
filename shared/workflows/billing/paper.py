"""Converts bills, receipts and credit notes to printable documents. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from shared.records import upi
from shared.records.billing.bill import Bill
from shared.records.billing.collection import CollectionStatus
from shared.records.billing.issued import BillSnapshot, VoucherSnapshot, VoucherType
from shared.records.billing.lines import LineItem
from shared.records.billing.payments import ReversalCause
from shared.records.billing.types import PAYABLE, SECOND_EDITION, BillStatus, DocumentType
from shared.records.taxes.gstin import OTHER_COUNTRY, STATES, state_of
from shared.records.taxes.treatment import TaxPart
from shared.records.types import local_date
from shared.records.upi import UpiPayee
from shared.render.bill_documents import BillDocument, BillLine, PaymentLine, TaxLine, VoucherDocument
from shared.render.formats import plain_number
from shared.render.words.bills.languages import bill_words_of, title_of
from shared.render.words.bills.vocabulary import BillWords, PaperKind
from shared.workflows.documents import letterhead_block, patient_block

_KINDS = {
    DocumentType.INVOICE: PaperKind.INVOICE,
    DocumentType.BILL_OF_SUPPLY: PaperKind.BILL_OF_SUPPLY,
    DocumentType.INVOICE_CUM_BILL_OF_SUPPLY: PaperKind.INVOICE_CUM_BILL_OF_SUPPLY,
}
_VOUCHERS = {VoucherType.RECEIPT: PaperKind.RECEIPT, VoucherType.CREDIT_NOTE: PaperKind.CREDIT_NOTE}


def bill_document(issued: BillSnapshot, ledger: Bill, *, issued_at: datetime | None) -> BillDocument:
    """A bill as issued, and the account since then from the ledger; a draft has no account."""
    paid_at = ledger.last_payment_at if ledger.status == BillStatus.PAID else None
    account, words = ledger.account, bill_words_of(issued.language)
    return BillDocument(
        title=title_of(kind_of(issued), issued.language),
        language=issued.language,
        edition=issued.edition,
        letterhead=letterhead_block(issued.issuer),
        patient=patient_block(issued.subject),
        bill_number=issued.number,
        amends=issued.amends or "",
        address=issued.address or "",
        place_of_supply=_place(issued, words),
        status=words.statuses[ledger.status],
        is_cancelled=ledger.status == BillStatus.CANCELLED,
        is_owed=issued.number is None or ledger.status in PAYABLE,
        needs_pricing=issued.number is None and ledger.needs_pricing,
        paid_on=local_date(paid_at, issued.time_zone) if paid_at else None,
        created_at=issued_at or ledger.created_at,
        changed_at=ledger.updated_at,
        bill_date=issued.bill_date,
        visit_date=issued.visit_date,
        due_date=issued.due_date,
        currency=issued.currency,
        lines=lines(issued),
        subtotal_minor=issued.subtotal,
        discount_minor=issued.discount,
        discount_reasons=tuple(dict.fromkeys(filter(None, _discount_reasons(issued)))),
        taxes=taxes(issued.taxes),
        prices_include_tax=prices_include_tax(issued),
        round_off_minor=issued.round_off,
        exemptions=tuple(
            dict.fromkeys(line.tax.exemption_reason for line in issued.lines if line.tax.exemption_reason)
        ),
        total_minor=issued.total,
        paid_minor=ledger.paid_amount,
        outstanding_minor=ledger.outstanding_amount,
        credited_minor=0 if ledger.status == BillStatus.CANCELLED else account.credited,
        written_off_minor=account.written_off,
        credit_minor=account.credit_balance,
        insurer_minor=account.insurer_share,
        insurer_owes_minor=account.insurer_owes,
        payments=tuple(_payments(ledger, issued.time_zone, words)),
        notes=issued.notes or "",
        payment_instructions=issued.payment_instructions or "",
        payment_terms=issued.payment_terms or "",
        upi_link=upi_link(issued.upi_payee, ledger) or "",
    )


def upi_link(payee: UpiPayee | None, bill: Bill) -> str | None:
    """The link that pays by UPI what the patient owes now for an issued bill; None if nothing is to be paid so."""
    owed = bill.account.patient_owes
    if payee is None or bill.number is None or bill.currency != upi.CURRENCY:
        return None
    collected = bill.status in PAYABLE and bill.collection_status != CollectionStatus.DISPUTED
    return payee.link(owed, bill.number) if owed and collected else None


def voucher_document(issued: VoucherSnapshot, issued_at: datetime) -> VoucherDocument:
    """A receipt or a credit note as issued."""
    return VoucherDocument(
        title=title_of(_VOUCHERS[issued.voucher_type], issued.language),
        language=issued.language,
        edition=issued.edition,
        letterhead=letterhead_block(issued.issuer),
        patient=patient_block(issued.subject),
        number=issued.number,
        day=issued.day,
        bill_number=issued.bill_number,
        bill_date=issued.bill_date,
        created_at=issued_at,
        currency=issued.currency,
        amount_minor=issued.amount,
        balance_minor=issued.balance,
        address=issued.address or "",
        taxable_minor=issued.taxable,
        taxes=taxes(issued.taxes),
        reason=issued.reason or "",
        method=bill_words_of(issued.language).methods[issued.method] if issued.method else "",
        reference=issued.reference or "",
        received_by=issued.received_by or "",
    )


def kind_of(issued: BillSnapshot) -> PaperKind:
    """What the tax law calls the document."""
    taxed_by_gst = issued.document_type == DocumentType.INVOICE and issued.issuer.gst_number and issued.taxes
    return PaperKind.TAX_INVOICE if taxed_by_gst else _KINDS[issued.document_type]


def prices_include_tax(issued: BillSnapshot) -> bool:
    """True if the prices of a bill have its taxes in them."""
    return issued.taxable + issued.tax == issued.subtotal - issued.discount


def filename(bill: Bill) -> str:
    """`INV-202609-000123.pdf`; a draft has no number yet."""
    return f"{bill.number or f'draft-{bill.id}'}.pdf"


def lines(issued: BillSnapshot) -> tuple[BillLine, ...]:
    """The services of a bill."""
    codes = _codes if issued.edition > SECOND_EDITION else _codes_of_second_edition
    taxed_alike = len({(line.tax.rate_percent, line.tax.is_exempt) for line in issued.lines}) == 1
    return tuple(
        BillLine(
            line.description,
            Decimal(line.quantity),
            line.unit_price,
            line.amount,
            codes(line, with_tax=not taxed_alike),
        )
        for line in issued.lines
    )


def _codes(line: LineItem, *, with_tax: bool) -> str:
    """The codes of a service below each other, and its tax where the lines of a bill have several."""
    tax = line.tax
    rate = f"{tax.label} {plain_number(tax.rate_percent)} %" if with_tax and tax.rate_percent else None
    return "\n".join(filter(None, (line.cpt_code, f"SAC {tax.code}" if tax.code else None, rate)))


def _codes_of_second_edition(line: LineItem, *, with_tax: bool) -> str:  # noqa: ARG001 - it did not say it
    return " · ".join(filter(None, (line.cpt_code, f"SAC {line.tax.code}" if line.tax.code else None)))


def _discount_reasons(issued: BillSnapshot) -> Iterable[str | None]:
    """Why lines and the bill have discounts."""
    if issued.edition > SECOND_EDITION:
        yield from (line.discount.reason for line in issued.lines if line.discount)
    yield issued.discount_reason


def taxes(parts: Sequence[TaxPart]) -> tuple[TaxLine, ...]:
    """The taxes of a document."""
    return tuple(TaxLine(part.label, part.rate_percent, part.amount) for part in parts)


def _place(issued: BillSnapshot, words: BillWords) -> str:
    """`Karnataka (29)`, for a bill with GST; of the clinic's own state if the bill names none."""
    gstin = issued.issuer.gst_number
    if gstin is None or not issued.taxes:
        return ""
    code = issued.place_of_supply or state_of(gstin)
    name = words.facts.outside_india if code == OTHER_COUNTRY else STATES.get(code, "")
    return f"{name} ({code})"


def _payments(ledger: Bill, zone: str, words: BillWords) -> Iterator[PaymentLine]:
    """The payments by day of receipt. One that bounced stands there with its return; one that was entered in error was
    none."""
    for paid in ledger.payment_history:
        if paid.reversal is not None and paid.reversal.cause == ReversalCause.ENTERED_IN_ERROR:
            continue
        yield PaymentLine(
            paid.received_on, words.methods[paid.method], paid.amount, paid.reference or "", paid.received_by or ""
        )
        if paid.reversal is not None:
            day = local_date(paid.reversal.reversed_at, zone)
            yield PaymentLine(day, words.causes[paid.reversal.cause], -paid.amount, paid.reference or "")
    for refund in ledger.refund_history:
        method = words.texts.refund.format(method=words.methods[refund.method])
        yield PaymentLine(refund.paid_on, method, -refund.amount, refund.reference or "")
