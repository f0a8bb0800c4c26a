"""Bills: priced by the clinic's fees, issued with a number, and never overpaid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.billing.bill import PAYABLE, Bill, BillStatus, BillType
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from shared.records.visits.session import SessionType
from tests.support.factories import DOCTOR, NOON, after, bill, session, settings

Status = BillStatus
FEE = {"session_type": "followup", "amount": 100_050, "description": "Follow-up", "cpt_code": "99213"}


def pay(one: Bill, amount: int, payment_id: str = "payment") -> Bill:
    return one.paid(NewPayment(amount=amount, method=PaymentMethod.UPI), payment_id, Stamp(DOCTOR, NOON))


def test_a_completed_session_is_billed_by_the_clinics_fee_and_tax() -> None:
    clinic = settings(fees=[FEE], tax={"rate_percent": "5", "label": "GST"})
    visit = session().completed(Stamp(DOCTOR, after(minutes=20)))

    made = Bill.for_session(visit, clinic, Stamp("system", NOON))

    assert (made.id, made.status, made.number, made.needs_pricing) == (visit.bill_id, Status.DRAFT, None, False)
    assert (made.subtotal, made.tax_rate, made.tax_amount, made.total_amount) == (100_050, Decimal(5), 5_003, 105_053)
    assert made.outstanding_amount == 105_053
    assert (made.line_items[0].description, made.procedure_codes) == ("Follow-up", ["99213"])


def test_a_session_without_a_fee_makes_a_draft_and_no_invented_amount() -> None:
    visit = session().completed(Stamp(DOCTOR, after(minutes=20)))

    made = Bill.for_session(visit, settings(), Stamp("system", NOON))

    assert (made.needs_pricing, made.line_items, made.total_amount) == (True, [], 0)
    with pytest.raises(Conflict):
        made.issued("INV-202609-000001", settings())


def test_the_doctors_own_billing_code_goes_before_the_fees() -> None:
    visit = session(billing_code="90837").completed(Stamp(DOCTOR, after(minutes=20)))

    made = Bill.for_session(visit, settings(fees=[FEE]), Stamp("system", NOON))

    assert made.procedure_codes == ["90837"]


@pytest.mark.parametrize("type", SessionType)
def test_every_type_of_session_has_a_type_of_bill(type: SessionType) -> None:
    made = Bill.for_session(session(type=type), settings(), Stamp("system", NOON))

    assert made.bill_type == BillType(type.value)


def test_a_bill_is_dated_by_the_clinics_wall_and_due_after_its_terms() -> None:
    late_evening = after(hours=8)
    clinic = settings(fees=[FEE], time_zone="Asia/Kolkata", payment_days=30)
    draft = Bill.for_session(session(), clinic, Stamp("system", late_evening))

    issued = draft.issued("INV-202609-000001", clinic)

    assert draft.bill_date == date(2026, 9, 15)
    assert (issued.status, issued.number, issued.due_date) == (Status.PENDING, "INV-202609-000001", date(2026, 10, 15))
    assert issued.revision == draft.revision, "part of the change that makes the bill"


@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
def test_only_a_draft_can_be_issued(status: Status) -> None:
    made = bill()

    with pytest.raises(Conflict):
        made.model_copy(update={"status": status}).issued("INV-202609-000002", settings())


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), max_size=8))
def test_payments_add_up_and_never_exceed_what_is_owed(amount: int, payments: list[int]) -> None:
    made = bill(amount)

    for count, payment in enumerate(payments):
        before = made
        if before.status not in PAYABLE:
            with pytest.raises(Conflict):
                pay(made, payment)
        elif payment > before.outstanding_amount:
            with pytest.raises(Invalid):
                pay(made, payment)
        else:
            made = pay(made, payment, f"payment-{count}")
            assert made.outstanding_amount == before.outstanding_amount - payment

        assert 0 <= made.paid_amount <= made.total_amount
        assert made.paid_amount == sum(one.amount for one in made.payment_history)
        assert (made.status == Status.PAID) == (made.outstanding_amount == 0)


def test_a_bill_is_partially_paid_until_the_last_minor_unit() -> None:
    part = pay(bill(100), 99)
    whole = pay(part, 1)

    assert (part.status, part.outstanding_amount) == (Status.PARTIALLY_PAID, 1)
    assert (whole.status, whole.outstanding_amount, whole.processed_by) == (Status.PAID, 0, DOCTOR)


def test_more_than_is_outstanding_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        pay(bill(100), 101)

    assert [error.pointer for error in refusal.value.errors] == ["/amount"]


@pytest.mark.parametrize("status", Status)
def test_only_what_is_owed_takes_a_payment(status: Status) -> None:
    made = bill(100).model_copy(update={"status": status})

    if status in (Status.PENDING, Status.SENT, Status.PARTIALLY_PAID, Status.OVERDUE):
        assert pay(made, 40).status == Status.PARTIALLY_PAID
    else:
        with pytest.raises(Conflict):
            pay(made, 40)


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1, 1.5])
def test_a_payment_is_a_positive_whole_amount(amount: float) -> None:
    with pytest.raises(ValidationError):
        NewPayment.model_validate({"amount": amount, "method": "cash"})


def test_a_visit_that_is_free_is_paid_as_it_is_issued() -> None:
    clinic = settings(fees=[{**FEE, "amount": 0}])
    draft = Bill.for_session(session().completed(Stamp(DOCTOR, after(minutes=20))), clinic, Stamp("system", NOON))

    issued = draft.issued("INV-202609-000001", clinic)

    assert (issued.status, issued.outstanding_amount) == (Status.PAID, 0)
