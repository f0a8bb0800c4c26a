"""Documents of account as they were issued: bills, credit notes and receipts, in canonical JSON (RFC 8785).

The record `Bill` goes on (payments, status); the issued bytes never change, and every rendering is made from them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self

from shared.records import upi
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.lines import LineItem
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.types import EDITION, FIRST_EDITION, DocumentType
from shared.records.canonical import CanonicalValue
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.messages.kinds import MessageLanguage, language_of
from shared.records.money import Minor, SignedMinor
from shared.records.patients.patient import Patient
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Stamp
from shared.records.taxes.gstin import StateCode
from shared.records.taxes.treatment import TaxPart
from shared.records.text import ShortText, Text
from shared.records.types import STORED, Currency, Id, Number, Zone, local_date
from shared.records.upi import UpiPayee
from shared.records.visits.session import Session


class BillSnapshot(CanonicalValue):
    """A bill as printed, without payments: patient, letterhead, lines, amounts and terms. Amounts in minor units."""

    bill_id: Id
    number: str | None
    """None for a draft."""
    document_type: DocumentType
    bill_date: date
    visit_date: date | None
    """The day of the visit at the clinic; null for a bill without a session."""
    due_date: date | None
    currency: Currency
    time_zone: Zone
    """The zone of printed dates."""
    issuer: Letterhead
    subject: PatientIdentity
    address: Text | None
    """The patient's address."""
    place_of_supply: StateCode | None
    amends: Number | None
    """The number of the bill that this one replaces."""
    lines: list[LineItem]
    subtotal: Minor
    discount: Minor
    discount_reason: ShortText | None
    taxable: Minor
    taxes: list[TaxPart]
    tax: Minor
    round_off: SignedMinor
    total: Minor
    payment_terms: ShortText | None
    payment_instructions: Text | None
    notes: Text | None
    upi_payee: UpiPayee | None = None
    """Null for another currency, a clinic without a UPI id, and a bill of before there was one."""
    language: MessageLanguage = MessageLanguage.ENGLISH
    """Of the fixed words: the patient's, where there are words in it."""
    edition: int = FIRST_EDITION
    """Of the layout."""

    @classmethod
    def of(
        cls,
        bill: Bill,
        patient: Patient,
        session: Session | None,
        *,
        issuer: Letterhead,
        zone: str,
        amends: str | None = None,
        upi_payee: UpiPayee | None = None,
    ) -> Self:
        return cls(
            bill_id=bill.id,
            number=bill.number,
            document_type=bill.document_type,
            bill_date=bill.bill_date,
            visit_date=session and local_date(session.started_at, zone),
            due_date=bill.due_date,
            currency=bill.currency,
            time_zone=zone,
            issuer=issuer,
            subject=PatientIdentity.of(patient),
            address=patient.address and patient.address.text,
            place_of_supply=bill.place_of_supply,
            amends=amends,
            lines=bill.line_items,
            subtotal=bill.subtotal,
            discount=bill.discount_amount,
            discount_reason=bill.discount and bill.discount.reason,
            taxable=bill.taxable_amount,
            taxes=bill.taxes,
            tax=bill.tax_amount,
            round_off=bill.round_off,
            total=bill.total_amount,
            payment_terms=bill.payment_terms,
            payment_instructions=bill.payment_instructions,
            notes=bill.notes,
            upi_payee=upi_payee if bill.currency == upi.CURRENCY else None,
            language=language_of(patient.preferred_language),
            edition=EDITION,
        )


class IssuedBill(Record):
    """The canonical bytes of an issued bill, written once in the commit that issues it; every PDF is made from them.

    Sealed with the retained keyset, and depends on no care record.
    """

    kind: ClassVar[str] = "IssuedBill"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    canonical: Encrypted[str]
    """RFC 8785 JSON, UTF-8."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"bills/{id}/bodies/issued"

    @classmethod
    def seal(cls, snapshot: BillSnapshot, stamp: Stamp) -> Self:
        """The record of a bill that is issued now."""
        return cls.new(snapshot.bill_id, stamp, canonical=snapshot.canonical().decode())

    def snapshot(self) -> BillSnapshot:
        """The bill as it was issued."""
        return BillSnapshot.model_validate_json(self.canonical, context=STORED)


class VoucherType(StrEnum):
    """What a document beside a bill is."""

    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class VoucherSnapshot(CanonicalValue):
    """A credit note or a receipt as printed. Amounts in minor units."""

    voucher_type: VoucherType
    number: Number
    day: date
    bill_number: Number
    bill_date: date
    currency: Currency
    time_zone: Zone
    issuer: Letterhead
    subject: PatientIdentity
    address: Text | None
    amount: Minor
    taxable: SignedMinor | None = None
    """Of a credit note: its part without tax. Less than 0 if a credit of one or two minor units is tax by rounding."""
    taxes: list[TaxPart] = []
    """Of a credit note: its part of the bill's taxes."""
    reason: ShortText | None = None
    method: PaymentMethod | None = None
    reference: ShortText | None = None
    received_by: ShortText | None = None
    balance: SignedMinor
    """What was owed for the bill afterwards; less than 0 is the patient's credit."""
    language: MessageLanguage = MessageLanguage.ENGLISH
    """Of the fixed words: the patient's, where there are words in it."""
    edition: int = FIRST_EDITION
    """Of the layout."""

    @classmethod
    def of(
        cls,
        voucher_type: VoucherType,
        entry: LedgerEntry,
        bill: Bill,
        patient: Patient,
        *,
        issuer: Letterhead,
        zone: str,
        **more: Any,
    ) -> Self:
        """The document of an entry; `more` are the parts of a credit note, or who received a payment."""
        return cls(
            voucher_type=voucher_type,
            number=entry.document or "",
            day=entry.day,
            bill_number=bill.number or "",
            bill_date=bill.bill_date,
            currency=bill.currency,
            time_zone=zone,
            issuer=issuer,
            subject=PatientIdentity.of(patient),
            address=patient.address and patient.address.text,
            amount=entry.amount,
            reason=entry.reason,
            method=entry.method,
            reference=entry.reference,
            balance=entry.balance,
            language=language_of(patient.preferred_language),
            edition=EDITION,
            **more,
        )


class IssuedVoucher(Record):
    """The canonical bytes of a credit note or a receipt, written once in the commit of its entry. Its id is the
    entry's."""

    kind: ClassVar[str] = "IssuedVoucher"
    collection: ClassVar[str] = "vouchers"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    bill_id: Plain[Id]
    number: Plain[Number]
    voucher_type: Plain[VoucherType]
    canonical: Encrypted[str]
    """RFC 8785 JSON, UTF-8."""

    @classmethod
    def seal(cls, entry: LedgerEntry, snapshot: VoucherSnapshot, stamp: Stamp) -> Self:
        """The record of a document that is issued now."""
        return cls.new(
            entry.id,
            stamp,
            bill_id=entry.bill_id,
            number=snapshot.number,
            voucher_type=snapshot.voucher_type,
            canonical=snapshot.canonical().decode(),
        )

    def snapshot(self) -> VoucherSnapshot:
        """The document as it was issued."""
        return VoucherSnapshot.model_validate_json(self.canonical, context=STORED)
