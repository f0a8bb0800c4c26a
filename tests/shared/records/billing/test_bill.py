"""Bills: priced by the clinic's fees, issued with a number, and paid to the last minor unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from shared.records.billing import drafting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.types import PAYABLE, BillStatus, BillType, DocumentType
from shared.records.clinic.settings import ClinicSettings, PlaceOfSupply
from shared.records.patients.details import Address
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.visits.session import Session, SessionType
from tests.support.factories import BY_SYSTEM, DOCTOR, after, bill, patient, session, settings

Status = BillStatus
FEE = {"session_type": "followup", "amount": 100_050, "description": "Follow-up", "cpt_code": "99213"}
GSTIN = "29AAGCB7383J1Z4"
GST_18 = {"rate_percent": "18", "label": "GST", "code": "999312"}
EXEMPT = {"exemption_reason": "Health care services, Notification 12/2017, entry 74"}


def completed(**values: Any) -> Session:
    return session(**values).completed(Stamp(DOCTOR, after(minutes=20)))


def draft(clinic: ClinicSettings, visit: Session | None = None, **of_patient: Any) -> Bill:
    return drafting.of_session(visit or completed(), patient(**of_patient), clinic, BY_SYSTEM)


def test_a_completed_session_is_billed_by_the_clinics_fee_and_tax() -> None:
    visit = completed()

    made = draft(settings(fees=[FEE], tax={"rate_percent": "5", "label": "GST"}), visit)

    assert (made.id, made.status, made.number, made.needs_pricing) == (visit.bill_id, Status.DRAFT, None, False)
    assert (made.subtotal, made.tax_rate, made.tax_amount, made.total_amount) == (100_050, Decimal(5), 5_003, 105_053)
    assert made.outstanding_amount == 105_053
    assert (made.line_items[0].description, made.procedure_codes) == ("Follow-up", ["99213"])


def test_a_session_without_a_fee_makes_a_draft_and_no_invented_amount() -> None:
    made = draft(settings())

    assert (made.needs_pricing, made.line_items, made.total_amount) == (True, [], 0)
    with pytest.raises(Conflict):
        made.issued("INV-202609-000001", settings())


def test_a_doctors_own_fee_goes_before_the_clinics() -> None:
    own = {**FEE, "doctor_id": DOCTOR, "amount": 200_000}
    others = {**FEE, "doctor_id": "doctor-2", "amount": 300_000}

    assert draft(settings(fees=[FEE, own, others])).total_amount == 200_000
    assert draft(settings(fees=[others, FEE])).total_amount == 100_050


def test_the_doctors_own_billing_code_goes_before_the_fees() -> None:
    assert draft(settings(fees=[FEE]), completed(billing_code="90837")).procedure_codes == ["90837"]


@pytest.mark.parametrize("type", SessionType)
def test_every_type_of_session_has_a_type_of_bill(type: SessionType) -> None:
    assert draft(settings(), session(type=type)).bill_type == BillType(type.value)


@pytest.mark.parametrize(
    ("tax", "others", "expected"),
    [
        ({}, {}, DocumentType.INVOICE),
        (GST_18, {}, DocumentType.INVOICE),
        (EXEMPT, {}, DocumentType.BILL_OF_SUPPLY),
        (GST_18, {"tax": EXEMPT}, DocumentType.BILL_OF_SUPPLY),
    ],
)
def test_exempt_services_are_on_a_bill_of_supply(
    tax: dict[str, str], others: dict[str, Any], expected: DocumentType
) -> None:
    made = draft(settings(fees=[{**FEE, **others}], tax=tax, gst_number=GSTIN))

    assert made.document_type == expected
    assert bool(made.taxes) == (expected == DocumentType.INVOICE and tax == GST_18)


@pytest.mark.parametrize(
    ("address", "place", "labels"),
    [
        (None, PlaceOfSupply.PATIENT, ["CGST", "SGST"]),
        (Address(lines=["1"], region="Karnataka"), PlaceOfSupply.PATIENT, ["CGST", "SGST"]),
        (Address(lines=["1"], region="Somewhere"), PlaceOfSupply.PATIENT, ["CGST", "SGST"]),
        (Address(lines=["1"], region="Kerala"), PlaceOfSupply.PATIENT, ["IGST"]),
        (Address(lines=["1"], country="AE"), PlaceOfSupply.PATIENT, ["IGST"]),
        (Address(lines=["1"], region="Kerala"), PlaceOfSupply.CLINIC, ["CGST", "SGST"]),
    ],
)
def test_the_place_of_supply_decides_which_gst_it_is(
    address: Address | None, place: PlaceOfSupply, labels: list[str]
) -> None:
    made = draft(settings(fees=[FEE], tax=GST_18, gst_number=GSTIN, place_of_supply=place), address=address)

    assert [part.label for part in made.taxes] == labels


def test_a_bill_is_dated_by_the_clinics_wall_and_due_after_its_terms() -> None:
    clinic = settings(fees=[FEE], time_zone="Asia/Kolkata", payment_days=30)
    made = drafting.of_session(session(), patient(), clinic, Stamp("system", after(hours=8)))

    issued = made.issued("INV-202609-000001", clinic)

    assert made.bill_date == date(2026, 9, 15)
    assert (issued.number, issued.due_date) == ("INV-202609-000001", date(2026, 10, 15))
    assert issued.revision == made.revision, "part of the change that makes the bill"


@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
def test_only_a_draft_can_be_issued(status: Status) -> None:
    with pytest.raises(Conflict):
        bill().model_copy(update={"status": status}).issued("INV-202609-000002", settings())


@pytest.mark.parametrize("status", Status)
def test_only_what_is_owed_takes_a_payment(status: Status) -> None:
    made = bill(100).model_copy(update={"status": status})
    new = NewPayment(amount=40, method=PaymentMethod.UPI)

    if status in PAYABLE:
        paying.must_take(made, new, made.bill_date)
    else:
        with pytest.raises(Conflict):
            paying.must_take(made, new, made.bill_date)


@pytest.mark.parametrize("amount", [0, -1, 2**53, 1.5])
def test_a_payment_is_a_positive_whole_amount(amount: float) -> None:
    with pytest.raises(ValidationError):
        NewPayment.model_validate({"amount": amount, "method": "cash"})


def test_a_visit_that_is_free_is_paid_as_it_is_issued() -> None:
    assert (bill(0).status, bill(0).outstanding_amount) == (Status.PAID, 0)
