"""Bills. A draft has no number; the commit that issues a bill allocates the number. The lifecycle is a state machine.

draft → pending → sent → partially_paid → paid
  │          └──────┴────────┴─→ overdue, cancelled, refunded
  └→ (its session was cancelled) cancelled → (the session was reopened and completed) draft

Only a draft is priced again. An issued bill has a number and keeps its lines and totals for ever.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import computed_field

from shared.records.billing.payments import NewPayment, NewReversal, Payment, Reversal
from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.money import LineItem, Minor, line, totals_of
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict, FieldError, Invalid, NotFound
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.text import ShortText, Text
from shared.records.types import Code, Currency, Id, Moment, Number, local_date
from shared.records.visits.session import Session


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


class InsuranceClaim(Value):
    """The insurance's share of a bill; amounts in minor units."""

    claim_number: ShortText | None = None
    provider: ShortText | None = None
    covered_amount: Minor | None = None
    patient_responsibility: Minor | None = None
    copay_amount: Minor | None = None
    deductible_amount: Minor | None = None


_PRICE = (
    *("bill_type", "status", "needs_pricing", "currency", "line_items", "procedure_codes"),
    *("subtotal", "discount_amount", "tax_rate", "tax_label", "tax_amount", "total_amount"),
)
"""The fields of a draft that follow from its session and the clinic's fees."""


class Bill(Record):
    """An invoice for a visit."""

    kind: ClassVar[str] = "Bill"
    collection: ClassVar[str] = "bills"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    number: Plain[Number | None] = None
    """Such as INV-202609-000123; null for a draft."""
    session_id: Plain[Id | None] = None
    patient_id: Plain[Id]
    doctor_id: Plain[Id | None] = None
    """The doctor named in the letterhead."""
    appointment_id: Plain[Id | None] = None
    bill_type: Plain[BillType]
    status: Plain[BillStatus]
    needs_pricing: Plain[bool] = False
    """True if the clinic has no fee for this visit; a person must set the price."""
    currency: Plain[Currency]

    line_items: Encrypted[list[LineItem]]
    subtotal: Encrypted[Minor]
    discount_amount: Encrypted[Minor]
    tax_rate: Encrypted[Decimal]
    """Per cent."""
    tax_label: Encrypted[ShortText]
    tax_amount: Encrypted[Minor]
    total_amount: Encrypted[Minor]
    paid_amount: Encrypted[Minor] = 0
    payment_history: Encrypted[list[Payment]] = []
    last_payment_at: Plain[Moment | None] = None
    status_before_payments: Internal[Plain[BillStatus | None]] = None
    """The status to which the bill returns when all its payments are reversed."""

    bill_date: Plain[date]
    due_date: Plain[date | None] = None
    payment_terms: Encrypted[ShortText | None] = None
    primary_diagnosis_code: Clinical[Encrypted[Code | None]] = None
    """ICD-10."""
    procedure_codes: Encrypted[list[Code]] = []
    """CPT."""
    insurance: Encrypted[InsuranceClaim | None] = None
    notes: Encrypted[Text | None] = None
    """Visible to the patient."""
    internal_notes: Encrypted[Text | None] = None
    payment_instructions: Encrypted[Text | None] = None
    reminder_sent_count: Plain[int] = 0
    last_reminder_sent_at: Plain[Moment | None] = None
    collection_status: Plain[Code | None] = None
    generated_by: Plain[Id]
    processed_by: Plain[Id | None] = None
    """The user who recorded the last payment."""
    exported_formats: Plain[list[Code]] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outstanding_amount(self) -> int:
        """The unpaid amount, in minor units."""
        return self.total_amount - self.paid_amount

    @classmethod
    def for_session(cls, session: Session, clinic: ClinicSettings, stamp: Stamp) -> Self:
        """Create the draft bill of a completed session; `needs_pricing` is set if the clinic has no matching fee."""
        fee = clinic.fee_for(session.type.value, session.total_duration_minutes or 0)
        lines = [line(fee.description, fee.amount, cpt_code=session.billing_code or fee.cpt_code)] if fee else []
        totals = totals_of(lines, 0, clinic.tax)
        issued_on = local_date(stamp.at, clinic.time_zone)
        return cls.new(
            session.bill_id,
            stamp,
            session_id=session.id,
            patient_id=session.patient_id,
            doctor_id=session.doctor_id,
            appointment_id=session.appointment_id,
            bill_type=session.type.value,
            status=BillStatus.DRAFT,
            needs_pricing=fee is None,
            currency=clinic.currency,
            line_items=lines,
            subtotal=totals.subtotal,
            discount_amount=totals.discount,
            tax_rate=clinic.tax.rate_percent,
            tax_label=clinic.tax.label,
            tax_amount=totals.tax,
            total_amount=totals.total,
            bill_date=issued_on,
            procedure_codes=[item.cpt_code for item in lines if item.cpt_code],
            payment_terms=clinic.payment_terms,
            payment_instructions=clinic.payment_instructions,
            generated_by=stamp.by,
        )

    @property
    def is_issued(self) -> bool:
        """True once it has a number."""
        return self.number is not None

    def repriced(self, session: Session, clinic: ClinicSettings, stamp: Stamp) -> Self:
        """The draft by the session and the fees as they are now; the same object if nothing differs.

        Raises Conflict for an issued bill.
        """
        self._must_be_draft()
        priced = type(self).for_session(session, clinic, stamp)
        values = {name: getattr(priced, name) for name in _PRICE if getattr(priced, name) != getattr(self, name)}
        return self.revised(stamp, **values) if values else self

    def withdrawn(self, stamp: Stamp) -> Self:
        """The draft after its session was cancelled. Raises Conflict for an issued bill."""
        self._must_be_draft()
        return self.revised(stamp, status=BillStatus.CANCELLED)

    def without_content(self) -> Self:
        """The deleted draft, which names neither services nor diagnoses."""
        kept = ("subtotal", "discount_amount", "tax_rate", "tax_label", "tax_amount", "total_amount")
        return self.emptied(line_items=[], **{name: getattr(self, name) for name in kept})

    def must_be_issuable(self) -> None:
        """Raises Conflict unless the bill is a draft with a price."""
        if self.status != BillStatus.DRAFT or self.needs_pricing:
            raise Conflict(ConflictCode.BILL_NOT_PRICED, "only a priced draft can be issued")

    def _must_be_draft(self) -> None:
        if self.is_issued:
            raise Conflict(ConflictCode.BILL_ISSUED, "the bill of the session is issued")

    def issued(self, number: str, clinic: ClinicSettings) -> Self:
        """The bill with number and due date, payable from now on. Keeps the revision, as a part of its creation."""
        self.must_be_issuable()
        due = self.bill_date + timedelta(days=clinic.payment_days)
        status = BillStatus.PENDING if self.total_amount else BillStatus.PAID  # a free visit needs no payment
        return self.model_validate({**dict(self), "number": number, "status": status, "due_date": due})

    def paid(self, new: NewPayment, payment_id: str, stamp: Stamp, *, received_by: str | None = None) -> Self:
        """The bill with one more payment.

        Raises Conflict unless the bill is payable, and Invalid for more than the outstanding amount, which would be a
        mistake or a credit.
        """
        if self.status not in PAYABLE:
            raise Conflict(ConflictCode.BILL_NOT_OPEN, f"a bill that is {self.status} takes no payment")
        if new.amount > self.outstanding_amount:
            raise Invalid(errors=[FieldError("/amount", f"more than the outstanding {self.outstanding_amount}")])
        received = {"received_at": stamp.at, "recorded_by": stamp.by, "received_by": received_by}
        payment = Payment(**new.model_dump(), id=payment_id, **received)
        return self._with_payments([*self.payment_history, payment], stamp)

    def payment_reversed(self, payment_id: str, new: NewReversal, stamp: Stamp) -> Self:
        """The bill without a payment that was entered in error; the payment stays in the history, marked.

        Raises NotFound for an unknown payment, Conflict for one that is reversed already, and for a cancelled or
        refunded bill.
        """
        found = next((payment for payment in self.payment_history if payment.id == payment_id), None)
        if found is None:
            raise NotFound
        if found.reversal is not None:
            raise Conflict(ConflictCode.PAYMENT_REVERSED, "the payment is reversed already")
        if self.status in (BillStatus.CANCELLED, BillStatus.REFUNDED):
            raise Conflict(ConflictCode.BILL_NOT_OPEN, f"the bill is {self.status}")
        reversal = Reversal(reason=new.reason, reversed_at=stamp.at, reversed_by=stamp.by)
        marked = found.model_copy(update={"reversal": reversal})
        return self._with_payments([marked if one is found else one for one in self.payment_history], stamp)

    def _with_payments(self, history: list[Payment], stamp: Stamp) -> Self:
        """The bill with this history: what counts is what was not reversed."""
        counting = [payment for payment in history if payment.reversal is None]
        paid = sum(payment.amount for payment in counting)
        before = self.status_before_payments or self.status
        unsettled = BillStatus.PARTIALLY_PAID if paid else before
        return self.revised(
            stamp,
            status=BillStatus.PAID if paid == self.total_amount else unsettled,
            status_before_payments=before if paid else None,
            paid_amount=paid,
            payment_history=history,
            last_payment_at=counting[-1].received_at if counting else None,
            processed_by=counting[-1].recorded_by if counting else None,
        )
