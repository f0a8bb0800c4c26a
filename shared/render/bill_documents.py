"""What a bill, a receipt or a credit note on paper consists of. Amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.records.billing.types import EDITION
from shared.render.bill_wording import Wording
from shared.render.documents import LetterheadBlock, PatientBlock


@dataclass(frozen=True, slots=True)
class BillLine:
    """One service on a bill."""

    description: str
    quantity: Decimal
    unit_price_minor: int
    amount_minor: int
    code: str = ""
    """Of the procedure, and of the service in the tax law."""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax of a bill."""

    label: str
    rate: Decimal
    """Per cent."""
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment received, or one that does not count."""

    date: date
    method: str
    amount_minor: int
    """Less than 0 for a reversal or a refund."""
    reference: str = ""
    received_by: str = ""


@dataclass(frozen=True, slots=True)
class BillDocument:
    """A bill as issued, and its account since then. The renderer adds nothing up."""

    letterhead: LetterheadBlock
    patient: PatientBlock
    bill_number: str | None
    """None for a draft; every page is then marked as a draft, and there is no account."""
    status: str
    """Of the account, such as `Unpaid`; not a part of the issued bill, like the paid and outstanding amounts and the
    payments."""
    created_at: datetime
    """The dates of the PDF: the issue, and the last payment; of a draft the last change."""
    changed_at: datetime
    bill_date: date
    due_date: date | None
    currency: str
    """ISO 4217."""
    lines: tuple[BillLine, ...]
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    paid_minor: int
    outstanding_minor: int
    taxes: tuple[TaxLine, ...] = ()
    round_off_minor: int = 0
    discount_reasons: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    """The provisions by which services are exempt."""
    place_of_supply: str = ""
    """The state whose GST applies, with its code."""
    prices_include_tax: bool = False
    amends: str = ""
    """The number of the bill that this one replaces."""
    credited_minor: int = 0
    """By credit notes, since the issue."""
    written_off_minor: int = 0
    credit_minor: int = 0
    """The patient's credit."""
    insurer_minor: int = 0
    """What an insurer is to pay, or has paid."""
    insurer_owes_minor: int = 0
    """What an insurer still owes; the rest of what is outstanding is the patient's to pay."""
    payments: tuple[PaymentLine, ...] = ()
    notes: str = ""
    payment_instructions: str = ""
    payment_terms: str = ""
    upi_link: str = ""
    """Pays what is owed by UPI; printed as a QR code."""
    title: str = "Invoice"
    address: str = ""
    """The patient's."""
    visit_date: date | None = None
    paid_on: date | None = None
    """The day of the last payment of a bill that is paid."""
    is_owed: bool = True
    """False prints no way to pay, no terms and no due date."""
    is_cancelled: bool = False
    needs_pricing: bool = False
    """True for a draft without a price: no amount is printed, because ₹0.00 would say that nothing is to be paid."""
    language: str = "en"
    """BCP 47; the fixed words are in it, or in English."""
    edition: int = EDITION
    """Of the layout: that of the issue."""

    @property
    def wording(self) -> Wording:
        return Wording(self.language, self.currency, self.edition)


@dataclass(frozen=True, slots=True)
class VoucherDocument:
    """A receipt or a credit note of a bill, as it was issued."""

    title: str
    letterhead: LetterheadBlock
    patient: PatientBlock
    number: str
    day: date
    bill_number: str
    bill_date: date
    created_at: datetime
    currency: str
    """ISO 4217."""
    amount_minor: int
    balance_minor: int
    """What was owed for the bill afterwards; less than 0 is the patient's credit."""
    address: str = ""
    taxable_minor: int | None = None
    """Of a credit note: without tax."""
    taxes: tuple[TaxLine, ...] = ()
    reason: str = ""
    method: str = ""
    reference: str = ""
    received_by: str = ""
    language: str = "en"
    """BCP 47; the fixed words are in it, or in English."""
    edition: int = EDITION
    """Of the layout: that of the issue."""

    @property
    def wording(self) -> Wording:
        return Wording(self.language, self.currency, self.edition)
