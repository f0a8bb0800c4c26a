"""The issued bill: everything that the paper shows at the moment of issue, in canonical JSON (RFC 8785).

A bill is a document of account. The record `Bill` goes on (payments, status); the issued bytes never change.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from shared.records.billing.bill import Bill
from shared.records.canonical import CanonicalValue
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.money import LineItem, Minor
from shared.records.patients.patient import Patient
from shared.records.privacy import Encrypted
from shared.records.record import Keyset, Record, Stamp
from shared.records.text import ShortText, Text
from shared.records.types import STORED, Currency, Id, Zone, local_date
from shared.records.visits.session import Session


class BillSnapshot(CanonicalValue):
    """A bill as printed, without payments: patient, letterhead, lines, amounts and terms. Amounts in minor units."""

    bill_id: Id
    number: str | None
    """None for a draft."""
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
    lines: list[LineItem]
    subtotal: Minor
    discount: Minor
    tax_rate: Decimal
    """Per cent."""
    tax_label: ShortText
    tax: Minor
    total: Minor
    payment_terms: ShortText | None
    payment_instructions: Text | None
    notes: Text | None

    @classmethod
    def of(cls, bill: Bill, patient: Patient, session: Session | None, *, issuer: Letterhead, zone: str) -> Self:
        return cls(
            bill_id=bill.id,
            number=bill.number,
            bill_date=bill.bill_date,
            visit_date=session and local_date(session.started_at, zone),
            due_date=bill.due_date,
            currency=bill.currency,
            time_zone=zone,
            issuer=issuer,
            subject=PatientIdentity.of(patient),
            address=patient.address and patient.address.text,
            lines=bill.line_items,
            subtotal=bill.subtotal,
            discount=bill.discount_amount,
            tax_rate=bill.tax_rate,
            tax_label=bill.tax_label,
            tax=bill.tax_amount,
            total=bill.total_amount,
            payment_terms=bill.payment_terms,
            payment_instructions=bill.payment_instructions,
            notes=bill.notes,
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
