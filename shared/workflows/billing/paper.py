"""Converts bills to printable documents. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from shared.records.billing.bill import PAYABLE, Bill, BillStatus
from shared.records.billing.issued import BillSnapshot
from shared.records.billing.payments import PaymentMethod
from shared.records.types import local_date
from shared.render.documents import BillDocument, BillLine, PaymentLine
from shared.workflows.documents import letterhead_block, patient_block, readable

_STATUSES = {
    BillStatus.DRAFT: "Draft",
    BillStatus.PENDING: "Unpaid",
    BillStatus.SENT: "Unpaid",
    BillStatus.PARTIALLY_PAID: "Partly paid",
    BillStatus.PAID: "Paid",
    BillStatus.OVERDUE: "Overdue",
    BillStatus.CANCELLED: "Cancelled",
    BillStatus.REFUNDED: "Refunded",
}
"""The words of a bill's status that patients use."""


def bill_document(issued: BillSnapshot, ledger: Bill, *, issued_at: datetime | None) -> BillDocument:
    """A bill as issued, and the account since then from the ledger; a draft has no account."""
    paid_at = ledger.last_payment_at if ledger.status == BillStatus.PAID else None
    return BillDocument(
        letterhead=letterhead_block(issued.issuer),
        patient=patient_block(issued.subject),
        bill_number=issued.number,
        address=issued.address or "",
        status=_STATUSES[ledger.status],
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
        lines=tuple(
            BillLine(item.description, Decimal(item.quantity), item.unit_price, item.amount, item.cpt_code or "")
            for item in issued.lines
        ),
        subtotal_minor=issued.subtotal,
        discount_minor=issued.discount,
        tax_label=issued.tax_label,
        tax_rate=issued.tax_rate,
        tax_minor=issued.tax,
        total_minor=issued.total,
        paid_minor=ledger.paid_amount,
        outstanding_minor=ledger.outstanding_amount,
        payments=tuple(
            PaymentLine(
                local_date(paid.received_at, issued.time_zone),
                _method(paid.method),
                paid.amount,
                paid.reference or "",
                paid.received_by or "",
            )
            for paid in ledger.payment_history
            if paid.reversal is None
        ),
        notes=issued.notes or "",
        payment_instructions=issued.payment_instructions or "",
        payment_terms=issued.payment_terms or "",
    )


def filename(bill: Bill) -> str:
    """`INV-202609-000123.pdf`; a draft has no number yet."""
    return f"{bill.number or f'draft-{bill.id}'}.pdf"


def _method(method: PaymentMethod) -> str:
    """The printed name of a payment method."""
    return "UPI" if method == PaymentMethod.UPI else readable(method.value)
