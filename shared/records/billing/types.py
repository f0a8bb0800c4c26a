"""The terms of billing."""

from __future__ import annotations

from enum import StrEnum

from shared.records.numbering import DocumentSeries

FIRST_EDITION, SECOND_EDITION, THIRD_EDITION, FOURTH_EDITION, EDITION = 1, 2, 3, 4, 5
"""Of the layout of papers; the last one is the present one. A document keeps that of its issue, and prints the same
bytes for ever. The first one printed labels without values, and empty columns. The second one did not say why a line
had a discount, nor which tax it had. The third one had fewer fonts, and broke lines at spaces only. The fourth one did
not say what of an insured bill the patient owes, and squeezed the address into the last column of a row."""


class BillType(StrEnum):
    NEW_PATIENT = "new_patient"
    FOLLOWUP = "followup"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"
    TELEMEDICINE = "telemedicine"
    PROCEDURE = "procedure"


class BillStatus(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    SENT = "sent"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


PAYABLE = frozenset({BillStatus.PENDING, BillStatus.SENT, BillStatus.PARTIALLY_PAID, BillStatus.OVERDUE})
"""Something is owed."""


class DocumentType(StrEnum):
    """What a bill is in the tax law."""

    INVOICE = "invoice"
    BILL_OF_SUPPLY = "bill_of_supply"
    """Of exempt services alone."""
    INVOICE_CUM_BILL_OF_SUPPLY = "invoice_cum_bill_of_supply"
    """Of taxed and exempt services (Rule 46A of the CGST Rules)."""

    @property
    def series(self) -> DocumentSeries:
        """The series of its numbers."""
        of_supply = self == DocumentType.BILL_OF_SUPPLY
        return DocumentSeries.BILL_OF_SUPPLY if of_supply else DocumentSeries.INVOICE

    @classmethod
    def of(cls, *, taxed: bool, exempt: bool) -> DocumentType:
        """The document for services of which some are taxed, and some exempt."""
        if not exempt:
            return cls.INVOICE
        return cls.INVOICE_CUM_BILL_OF_SUPPLY if taxed else cls.BILL_OF_SUPPLY
