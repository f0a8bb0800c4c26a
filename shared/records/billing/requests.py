"""What people write about drafts of bills, and which bills they list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from shared.records.billing.bill import MOST_SESSIONS, Bill
from shared.records.billing.collection import CollectionStatus
from shared.records.billing.lines import MOST_LINES, Discount, NewLine
from shared.records.billing.types import BillStatus, BillType
from shared.records.diagnoses.codes import IcdSystem
from shared.records.money import Minor
from shared.records.page import PageQuery
from shared.records.privacy import fields_of
from shared.records.problems import FieldError
from shared.records.record import Value, partial
from shared.records.taxes.gstin import PlaceCode
from shared.records.text import ShortText, Text
from shared.records.types import Code, Day, Id, ListDay

_PRICING = frozenset({"line_items", "discount", "place_of_supply"})
"""Fields from which the amounts follow."""
_DIAGNOSIS = frozenset({"primary_diagnosis_code", "primary_diagnosis_system"})
"""Fields that are checked together (`diagnosing.py`)."""


class BillDetails(Value):
    """What a person writes on a draft."""

    line_items: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)
    discount: Discount | None = None
    """Of the whole bill."""
    place_of_supply: PlaceCode | None = None
    """The state whose GST applies; by default that of the patient's address, or the clinic's, as the clinic has set."""
    bill_type: BillType | None = None
    due_date: Day | None = None
    """By default the clinic's days after the issue."""
    payment_terms: ShortText | None = None
    payment_instructions: Text | None = None
    primary_diagnosis_code: Code | None = None
    """ICD-10, valid on the day of the visit, or today without one; for clinicians."""
    primary_diagnosis_system: IcdSystem | None = None
    """By default that of the clinic's country: `icd_10_cm` in the United States, `icd_10` (WHO) elsewhere."""
    notes: Text | None = None
    """Visible to the patient."""
    internal_notes: Text | None = None

    @property
    def clinical_fields_sent(self) -> set[str]:
        """The names of the fields in this request that only clinicians may write."""
        return {name for name in self.model_fields_set & fields_of(Bill).clinical if getattr(self, name) is not None}


class NewBill(BillDetails):
    """A bill that a person writes."""

    patient_id: Id
    session_ids: list[Id] = Field(default=[], max_length=MOST_SESSIONS, json_schema_extra={"uniqueItems": True})
    """Sessions of the patient that it is for."""
    doctor_id: Id | None = None
    """The doctor in the letterhead; by default of the first session."""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are taken over as they are and that the clinic's settings do not fill."""
        names = ("due_date", "notes", "internal_notes")
        return {name: getattr(self, name) for name in names}

    @property
    def terms(self) -> dict[str, Any]:
        """Terms that differ from the clinic's."""
        names = ("payment_terms", "payment_instructions")
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


@partial
class BillChange(BillDetails):
    """A change of a draft: the fields to change, and null to clear one."""

    bill_type: BillType

    @property
    def prices(self) -> bool:
        """True if it sets the price."""
        return "line_items" in self.model_fields_set

    @property
    def plain_fields(self) -> dict[str, Any]:
        """The fields that are taken over as they are."""
        return {name: getattr(self, name) for name in self.model_fields_set - _PRICING - _DIAGNOSIS}


class Split(Value):
    """Which lines of a draft become a draft of their own."""

    lines: list[int] = Field(min_length=1, max_length=MOST_LINES - 1, json_schema_extra={"uniqueItems": True})
    """Numbers of lines, from 1."""

    def errors(self, count: int) -> list[FieldError]:
        """What is wrong for a draft with so many lines."""
        errors = [
            FieldError(f"/lines/{at}", f"the draft has lines 1 to {count}")
            for at, number in enumerate(self.lines)
            if not 1 <= number <= count
        ]
        if len(set(self.lines)) < len(self.lines):
            errors.append(FieldError("/lines", "names a line twice"))
        elif not errors and len(self.lines) == count:
            errors.append(FieldError("/lines", "names every line: one must stay"))
        return errors


class Amendment(Value):
    """The bill that replaces an issued one."""

    line_items: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)
    discount: Discount | None = None
    place_of_supply: PlaceCode | None = None
    """As before by default."""
    reason: ShortText = Field(min_length=1)
    """Printed on the credit note of the old bill."""


class BillList(PageQuery):
    """The bills to list, newest first."""

    status: BillStatus | None = None
    day: ListDay | None = None
    """The date of the bill."""
    patient_id: Id | None = None
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; others list those of all doctors, or of this one."""
    overdue: bool = False
    """Only those that are overdue, as `status=overdue`; with another `status` it is refused."""
    collection_status: CollectionStatus | None = None
    """Only those in this state of collection; together with `doctor_id` alone."""

    @property
    def wanted_status(self) -> BillStatus | None:
        """The state of the bills to list."""
        return BillStatus.OVERDUE if self.overdue else self.status

    def errors(self) -> Iterator[FieldError]:
        """What is wrong about the filters together."""
        if self.overdue and self.status not in (None, BillStatus.OVERDUE):
            yield FieldError("/overdue", f"no bill is overdue and {self.status}: ask for one of them")
        if self.collection_status and (self.wanted_status or self.day or self.patient_id):
            yield FieldError("/collection_status", "goes with `doctor_id` alone")


class CreditUse(Value):
    """The patient's credit from another bill, used for this one."""

    from_bill_id: Id
    amount: Minor | None = Field(default=None, gt=0)
    """As much as there is and is owed, by default."""
