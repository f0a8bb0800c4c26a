"""Bills. A draft has no number; the commit that issues a bill allocates the number.

draft → pending → sent → partially_paid → paid
  │          └──────┴────────┴─→ overdue, cancelled, refunded
  └→ (its session was cancelled) cancelled → (the session was reopened and completed) draft

Only a draft is priced again. An issued bill has a number and keeps its lines and totals for ever; its state follows
from its account (`account.py`).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import Field, computed_field

from shared.records.billing.account import MOST_ENTRIES, Account
from shared.records.billing.collection import MOST_STEPS, CollectionStatus, CollectionStep
from shared.records.billing.insurance import InsuranceClaim
from shared.records.billing.lines import MOST_LINES, Discount, LineItem
from shared.records.billing.payment_link import PaymentLink, PaymentUrl
from shared.records.billing.payments import Payment, Refund
from shared.records.billing.types import BillStatus, BillType, DocumentType
from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.diagnoses.codes import IcdSystem
from shared.records.money import Minor, SignedMinor
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Keyset, Record, Stamp
from shared.records.taxes.gstin import StateCode
from shared.records.taxes.treatment import TaxPart
from shared.records.text import ShortText, Text
from shared.records.types import Code, Currency, Id, Moment, Number, ProcedureCode

MOST_SESSIONS = 20
"""Sessions of one bill."""


class Bill(Record):
    """A bill for visits and services. Amounts in minor units."""

    kind: ClassVar[str] = "Bill"
    collection: ClassVar[str] = "bills"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    number: Plain[Number | None] = None
    """Such as INV-202609-000123; null for a draft."""
    document_type: Plain[DocumentType] = DocumentType.INVOICE
    session_id: Plain[Id | None] = None
    other_session_ids: Plain[list[Id]] = Field(default=[], max_length=MOST_SESSIONS)
    """Further sessions on the same bill."""
    patient_id: Plain[Id]
    doctor_id: Plain[Id | None] = None
    """The doctor named in the letterhead."""
    appointment_id: Plain[Id | None] = None
    bill_type: Plain[BillType]
    status: Plain[BillStatus]
    needs_pricing: Plain[bool] = False
    """True if the clinic has no fee for this visit; a person must set the price."""
    priced_by: Plain[Id | None] = None
    """The person who wrote the lines; null while they follow from the clinic's fees."""
    currency: Plain[Currency]
    amends: Plain[Id | None] = None
    """The earlier bill that this one replaces."""
    amended_by: Plain[Id | None] = None
    """The later bill that replaces this one."""

    line_items: Encrypted[list[LineItem]] = Field(max_length=MOST_LINES)
    discount: Encrypted[Discount | None] = None
    """Of the whole bill; a line has its share."""
    place_of_supply: Encrypted[StateCode | None] = None
    """The state whose GST applies; null is the clinic's own, or no GST."""
    subtotal: Encrypted[Minor]
    discount_amount: Encrypted[Minor]
    taxable_amount: Encrypted[Minor]
    taxes: Encrypted[list[TaxPart]]
    tax_amount: Encrypted[Minor]
    round_off: Encrypted[SignedMinor] = 0
    total_amount: Encrypted[Minor]
    account: Encrypted[Account] = Account.model_construct()
    """What was paid, credited, written off and refunded since the issue."""
    payment_history: Encrypted[list[Payment]] = Field(default=[], max_length=MOST_ENTRIES)
    refund_history: Encrypted[list[Refund]] = Field(default=[], max_length=MOST_ENTRIES)
    last_payment_at: Plain[Moment | None] = None

    bill_date: Plain[date]
    due_date: Plain[date | None] = None
    sent_at: Plain[Moment | None] = None
    overdue_on: Internal[Plain[date | None]] = None
    """The clinic's day on which it becomes overdue, if the patient still owes something then; null for others."""
    overdue_since: Plain[date | None] = None
    """The day after the due date, once the clinic's day has come to it and while the patient owes something."""
    payment_terms: Encrypted[ShortText | None] = None
    primary_diagnosis_code: Clinical[Encrypted[Code | None]] = None
    """ICD-10."""
    primary_diagnosis_system: Clinical[Encrypted[IcdSystem | None]] = None
    """The edition of ICD-10; null for a code that was stored before codes were checked."""
    primary_diagnosis_title: Clinical[Encrypted[ShortText | None]] = None
    """The title of the code when it was written; null if the system's list has none."""
    procedure_codes: Encrypted[list[ProcedureCode]] = Field(default=[], max_length=MOST_LINES)
    """CPT."""
    insurance: Encrypted[InsuranceClaim | None] = None
    notes: Encrypted[Text | None] = None
    """Visible to the patient."""
    internal_notes: Encrypted[Text | None] = None
    payment_instructions: Encrypted[Text | None] = None
    payment_link: Encrypted[PaymentLink | None] = None
    """The last link by which it could be paid online."""
    cancel_link_on: Internal[Plain[date | None]] = None
    """The day (UTC) from which the provider is asked again to cancel that link; null unless it is open and does not fit
    any more."""
    reminder_sent_count: Plain[int] = 0
    last_reminder_sent_at: Plain[Moment | None] = None
    policy_reminder_day: Internal[Plain[int | None]] = None
    """Days after the due date of the last reminder by the clinic's policy, whether it went or could not go."""
    collection_status: Plain[CollectionStatus | None] = None
    """How far the clinic has come with what the patient owes; null as long as nothing but the bill was sent."""
    collection_history: Encrypted[list[CollectionStep]] = Field(default=[], max_length=MOST_STEPS)
    """What people recorded about it, oldest first."""
    disputed_payments: Internal[Plain[list[Id]]] = Field(default=[], max_length=MOST_ENTRIES)
    """Online payments, by the provider's ids, that the payer's bank disputes."""
    collection_before_dispute: Internal[Plain[CollectionStatus | None]] = None
    """The collection status to which the end of those disputes returns, if the patient still owes something."""
    generated_by: Plain[Id]
    processed_by: Plain[Id | None] = None
    """The user who recorded the last payment."""
    exported_formats: Plain[list[Code]] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def tax_rate(self) -> Decimal | None:
        """Per cent; null if the lines have different rates."""
        rates = {line.tax.rate_percent for line in self.line_items}
        return next(iter(rates), Decimal(0)) if len(rates) <= 1 else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def paid_amount(self) -> int:
        """What the clinic has received for the bill and not paid back, in minor units."""
        return self.account.received

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outstanding_amount(self) -> int:
        """The unpaid amount, in minor units."""
        return self.account.outstanding if self.is_issued else self.total_amount

    @computed_field  # type: ignore[prop-decorator]
    @property
    def credit_amount(self) -> int:
        """What the patient paid too much, in minor units: it can be paid back, or used for another bill."""
        return self.account.credit_balance

    @computed_field  # type: ignore[prop-decorator]
    @property
    def payment_url(self) -> PaymentUrl | None:
        """The page on which the patient pays what they owe; null without a link for exactly this amount. It ends at
        `payment_link.expires_at`."""
        link = self.payment_link
        fits = link is not None and not link.cancelled and link.amount == self.account.patient_owes
        return link.url if link is not None and fits else None

    @property
    def link_is_left(self) -> bool:
        """True while a link is open by which the patient should not pay any more."""
        return self.payment_link is not None and not self.payment_link.cancelled and self.payment_url is None

    def following_link(self, day: date) -> Self:
        """The bill after a booking of this day: its link is to be cancelled if it no longer fits."""
        on = (self.cancel_link_on or day) if self.link_is_left else None
        return self if on == self.cancel_link_on else self.amended(cancel_link_on=on)

    @property
    def is_issued(self) -> bool:
        """True once it has a number."""
        return self.number is not None

    def must_be_issuable(self) -> None:
        """Raises Conflict unless the bill is a draft with a price."""
        if self.is_issued or self.status != BillStatus.DRAFT or self.needs_pricing:
            raise Conflict(ConflictCode.BILL_NOT_PRICED, "only a priced draft can be issued")

    def must_be_draft(self) -> None:
        """Raises Conflict for a bill that is not, or no longer, a draft."""
        if self.status != BillStatus.DRAFT:
            raise Conflict(ConflictCode.BILL_ISSUED, f"the bill is {self.status}: only a draft is changed")

    def issued(self, number: str, clinic: ClinicSettings) -> Self:
        """The bill with number and due date, payable from now on. Keeps the revision, as a part of its creation."""
        self.must_be_issuable()
        due = self.bill_date + timedelta(days=clinic.payment_days)
        return self.amended(number=number, due_date=self.due_date or due)

    def withdrawn(self, stamp: Stamp) -> Self:
        """The draft after its session was cancelled. Raises Conflict for an issued bill."""
        self.must_not_be_issued()
        return self.revised(stamp, status=BillStatus.CANCELLED)

    def must_not_be_issued(self) -> None:
        """Raises Conflict for a bill with a number."""
        if self.is_issued:
            raise Conflict(ConflictCode.BILL_ISSUED, "the bill of the session is issued")

    def without_content(self) -> Self:
        """The deleted draft, which names neither services nor diagnoses."""
        kept = ("subtotal", "discount_amount", "taxable_amount", "tax_amount", "total_amount")
        return self.emptied(line_items=[], taxes=[], **{name: getattr(self, name) for name in kept})
