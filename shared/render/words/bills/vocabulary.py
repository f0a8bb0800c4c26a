"""What every language has to say on a document of account. Pure.

A text with slots, such as `{reason}`, has the same slots in every language (a test checks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.records.billing.account import EntryKind
from shared.records.billing.payments import PaymentMethod, ReversalCause
from shared.records.billing.types import BillStatus


class PaperKind(StrEnum):
    """What a document of account is."""

    INVOICE = "invoice"
    TAX_INVOICE = "tax_invoice"
    BILL_OF_SUPPLY = "bill_of_supply"
    INVOICE_CUM_BILL_OF_SUPPLY = "invoice_cum_bill_of_supply"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class BillFacts:
    """The labels of the facts below the title, and their values that are words."""

    billed_to: str
    patient: str
    patient_number: str
    bill_number: str
    bill_date: str
    visit_date: str
    due_date: str
    paid_on: str
    place_of_supply: str
    replaces: str
    address: str
    number: str
    date: str
    for_bill: str
    method: str
    reference: str
    received_by: str
    period: str
    licence: str
    not_issued: str
    set_at_issue: str
    nothing_due: str
    outside_india: str
    not_recorded: str
    """On documents that were issued before empty facts were left out."""


@dataclass(frozen=True, slots=True)
class BillColumns:
    """The heads of columns. `unit_price`, `amount` and `balance` have the slot `currency`."""

    description: str
    code: str
    quantity: str
    unit_price: str
    amount: str
    date: str
    document: str
    entry: str
    balance: str


@dataclass(frozen=True, slots=True)
class BillSums:
    """The labels of sums."""

    subtotal: str
    discount: str
    round_off: str
    total: str
    included: str
    """Behind the rate of a tax that the prices have in them."""
    without_tax: str
    amount: str
    paid: str
    credited: str
    not_asked_for: str
    covered: str
    credit: str
    outstanding: str
    outstanding_of_bill: str
    of_patient: str
    """What of the outstanding the patient pays, and no insurer."""
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class BillTexts:
    """Headings and sentences."""

    how_to_pay: str
    pay_by_upi: str
    scan: str
    qr_code: str
    """What the picture of the code is, for who does not see it."""
    terms: str
    notes: str
    account: str
    payments: str
    status: str
    """Slot: `status`."""
    status_on: str
    """Slots: `status`, `date`."""
    discount: str
    """Slot: `reason`."""
    exempt: str
    """Slot: `provision`."""
    reason: str
    """Slot: `reason`."""
    refund: str
    """Slot: `method`."""
    not_priced: str
    cancelled: str
    """Across each page."""
    aged: str
    not_due: str
    overdue: str
    """Slots: `first`, `last`: days."""
    overdue_more: str
    """Slot: `days`."""
    no_entries: str


@dataclass(frozen=True, slots=True)
class BillWords:
    """The fixed words of documents of account in one language."""

    titles: Mapping[PaperKind, str]
    statuses: Mapping[BillStatus, str]
    methods: Mapping[PaymentMethod, str]
    causes: Mapping[ReversalCause, str]
    entries: Mapping[EntryKind, str]
    facts: BillFacts
    columns: BillColumns
    sums: BillSums
    texts: BillTexts
