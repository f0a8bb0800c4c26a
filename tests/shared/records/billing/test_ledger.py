"""The ledger: after any course of bookings the account, the state and the history of a bill follow from its entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.records.billing import claiming, crediting, paying
from shared.records.billing.account import MOST_ENTRIES, EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCancellation, NewCredit, NewWriteOff, taxes_of_credit
from shared.records.billing.insurance import ClaimDecision, ClaimState, NewClaim
from shared.records.billing.ledger import Booked
from shared.records.billing.payments import NewPayment, NewRefund, NewReversal, PaymentMethod, ReversalCause
from shared.records.billing.types import BillStatus
from shared.records.problems import Conflict, Invalid, NotFound
from tests.shared.records.billing.ledger_machine import DESK, LATER, REASON, Ledger
from tests.support.factories import bill
from tests.support.thorough import examples

DAY = bill().bill_date
WRONG = NewReversal(reason="Booked to the wrong bill.")
AMOUNTS = st.integers(1, 200_000)
NOTE = "CRN-202609-000001"


def issued(amount: int = 150_000) -> Bill:
    return bill(amount)


def pay(one: Bill, amount: int, method: PaymentMethod = PaymentMethod.CASH, *, keep: bool = False) -> Bill:
    new = NewPayment(amount=amount, method=method, keep_excess_as_credit=keep)
    paying.must_take(one, new, DAY)
    return paying.paid(one, new, DESK, day=DAY).bill


def refund(one: Bill, amount: int) -> Bill:
    new = NewRefund(amount=amount, method=PaymentMethod.CASH, reason=REASON)
    crediting.must_be_refundable(one, new, DAY)
    return crediting.refunded(one, new, DESK, day=DAY, number=NOTE).bill


def credit(one: Bill, amount: int) -> Bill:
    crediting.must_be_creditable(one, amount)
    return crediting.credited(one, NewCredit(amount=amount, reason=REASON), DESK, day=DAY, number=NOTE).bill


def test_a_refund_is_never_above_what_was_paid() -> None:
    part = pay(issued(150_000), 50_000)

    with pytest.raises(Invalid) as refused:
        refund(part, 50_001)
    with pytest.raises(Invalid):
        refund(issued(), 1)

    assert [error.pointer for error in refused.value.errors] == ["/amount"]
    assert refund(part, 50_000).status == BillStatus.PENDING
    assert refund(part, 50_000).outstanding_amount == 100_000, "what was paid back is credited"


@pytest.mark.parametrize(
    ("received", "back", "refused"),
    [(0, 0, []), (0, -1, ["/paid_on"]), (-3, -3, []), (-3, -4, ["/paid_on"]), (0, 1, ["/paid_on"])],
)
def test_nothing_is_paid_back_before_it_was_paid(received: int, back: int, refused: list[str]) -> None:
    """Days from the bill's; a deposit came before the bill."""
    new = NewPayment(amount=10, method=PaymentMethod.CASH)
    deposited = paying.paid(issued(), new, DESK, day=DAY + timedelta(days=received)).bill
    asked = NewRefund(amount=10, method=PaymentMethod.CASH, reason=REASON, paid_on=DAY + timedelta(days=back))

    found: list[str] = []
    try:
        crediting.must_be_refundable(deposited, asked, DAY)
    except Invalid as invalid:
        found = [error.pointer for error in invalid.errors]

    assert found == refused


def test_who_gets_all_back_has_a_refunded_bill() -> None:
    back = refund(pay(issued(), 150_000), 150_000)

    assert (back.status, back.outstanding_amount, back.paid_amount) == (BillStatus.REFUNDED, 0, 0)
    assert [one.amount for one in back.refund_history] == [150_000]


@pytest.mark.parametrize(("paid", "before"), [(0, BillStatus.PENDING), (50_000, BillStatus.PARTIALLY_PAID)])
def test_a_returned_cheque_is_owed_again_and_stays_in_the_history(paid: int, before: BillStatus) -> None:
    first = pay(issued(), paid) if paid else issued()
    whole = pay(first, 150_000 - paid, PaymentMethod.CHEQUE)
    returned = NewReversal(reason="Insufficient funds.", cause=ReversalCause.BOUNCED)

    booked = paying.reversed_payment(whole, whole.payment_history[-1].id, returned, LATER, day=DAY)

    assert (whole.status, booked.bill.status) == (BillStatus.PAID, before)
    assert booked.bill.outstanding_amount == 150_000 - paid
    (entry,) = booked.entries
    assert (entry.entry_kind, entry.amount, entry.reverses) == (
        EntryKind.REVERSAL,
        150_000 - paid,
        f"e{1 + bool(paid) + 1}",
    )
    kept = booked.bill.payment_history[-1]
    assert kept.reversal is not None
    assert (kept.amount, kept.reversal.cause, kept.reversal.reversed_by) == (150_000 - paid, "bounced", LATER.by)


def test_a_credit_note_pays_what_is_left() -> None:
    credited = credit(pay(issued(150_000), 100_000), 50_000)

    assert (credited.status, credited.outstanding_amount, credited.credit_amount) == (BillStatus.PAID, 0, 0)


def test_the_patients_credit_is_used_for_another_bill() -> None:
    source = pay(issued(1_000), 2_000, keep=True)
    target = issued(5_000).model_copy(update={"id": "patient-other"})

    out, into = paying.credit_used(source, target, None, DESK, day=DAY)

    assert (source.credit_amount, out.bill.credit_amount, out.bill.status) == (1_000, 0, BillStatus.PAID)
    assert (into.bill.outstanding_amount, into.bill.status) == (4_000, BillStatus.PARTIALLY_PAID)
    assert (out.entries[0].other_bill_id, into.entries[0].other_bill_id) == (target.id, source.id)
    with pytest.raises(Invalid):
        paying.credit_used(source, target, 1_001, DESK, day=DAY)
    with pytest.raises(Invalid):
        paying.credit_used(source, target.model_copy(update={"patient_id": "other"}), 1, DESK, day=DAY)


def test_more_than_is_owed_is_refused_or_kept_as_credit() -> None:
    with pytest.raises(Invalid) as refused:
        pay(issued(100), 101)

    assert [error.pointer for error in refused.value.errors] == ["/amount"]
    kept = pay(issued(100), 101, keep=True)
    assert (kept.status, kept.outstanding_amount, kept.credit_amount) == (BillStatus.PAID, 0, 1)


@pytest.mark.parametrize("day", [DAY + timedelta(days=1), DAY - timedelta(days=367)])
def test_a_payment_is_of_today_or_of_the_last_year(day: Any) -> None:
    with pytest.raises(Invalid) as refused:
        paying.must_take(issued(), NewPayment(amount=1, method=PaymentMethod.CASH, received_on=day), DAY)

    assert [error.pointer for error in refused.value.errors] == ["/received_on"]


def test_a_write_off_ends_what_is_owed() -> None:
    part = pay(issued(1_000), 400)

    booked = crediting.written_off(part, NewWriteOff(reason="Hardship."), DESK, day=DAY)

    assert (booked.bill.status, booked.bill.outstanding_amount, booked.bill.collection_status) == (
        "paid",
        0,
        "written_off",
    )
    with pytest.raises(Conflict):
        crediting.written_off(booked.bill, NewWriteOff(reason="Hardship."), DESK, day=DAY)
    with pytest.raises(Invalid):
        crediting.written_off(part, NewWriteOff(amount=601, reason="Hardship."), DESK, day=DAY)


def test_what_was_refunded_of_a_bounced_payment_can_be_given_up() -> None:
    back = refund(pay(issued(1_000), 1_000), 1_000)

    bounced = paying.reversed_payment(back, "e2", WRONG, LATER, day=DAY).bill
    part = crediting.written_off(bounced, NewWriteOff(amount=300, reason="Moved away."), LATER, day=DAY).bill
    booked = crediting.written_off(part, NewWriteOff(reason="Moved away."), LATER, day=DAY)

    assert [one.account.patient_owes for one in (bounced, part, booked.bill)] == [1_000, 700, 0]
    assert (booked.entries[-1].amount, booked.bill.outstanding_amount, booked.bill.credit_amount) == (700, 0, 0)
    with pytest.raises(Invalid):
        crediting.must_be_creditable(booked.bill, 1)
    with pytest.raises(Invalid):
        claiming.claimed(bounced, NewClaim(provider="Star", covered_amount=1), LATER, day=DAY)


def test_a_bill_is_cancelled_before_anything_was_paid_and_keeps_its_number() -> None:
    booked = crediting.cancelled(issued(), NewCancellation(reason="Billed twice."), DESK, day=DAY)

    assert (booked.bill.status, booked.bill.outstanding_amount) == (BillStatus.CANCELLED, 0)
    assert booked.bill.number == issued().number
    for refused in (booked.bill, pay(issued(), 1)):
        with pytest.raises(Conflict):
            crediting.cancelled(refused, NewCancellation(reason="Again."), DESK, day=DAY)
    with pytest.raises(Conflict):
        credit(booked.bill, 1)


def test_a_payment_is_reversed_once_and_must_exist() -> None:
    right = paying.reversed_payment(pay(issued(), 100), "e2", WRONG, LATER, day=DAY).bill

    with pytest.raises(Conflict):
        paying.reversed_payment(right, "e2", WRONG, LATER, day=DAY)
    with pytest.raises(NotFound):
        paying.reversed_payment(right, "e3", WRONG, LATER, day=DAY)


def test_a_rejected_claim_moves_to_the_patient_by_an_entry() -> None:
    claim = NewClaim(provider="Star", covered_amount=100_000, copay_amount=20_000, deductible_amount=30_000)
    claimed = claiming.claimed(issued(), claim, DESK, day=DAY).bill

    booked = claiming.decided(claimed, ClaimDecision(state=ClaimState.REJECTED, reason="Lapsed."), LATER, day=DAY)

    assert (claimed.account.patient_owes, claimed.account.insurer_owes) == (50_000, 100_000)
    assert (booked.bill.account.patient_owes, booked.bill.account.insurer_owes) == (150_000, 0)
    (entry,) = booked.entries
    assert (entry.entry_kind, entry.payer, entry.amount) == (EntryKind.TRANSFER, Payer.INSURER, 100_000)
    assert booked.bill.insurance is not None
    assert (booked.bill.insurance.state, booked.bill.insurance.patient_responsibility) == ("rejected", 150_000)


def test_a_claim_is_paid_with_the_insurers_last_money_and_open_again_without_it() -> None:
    claimed = claiming.claimed(issued(), NewClaim(provider="Star", covered_amount=100_000), DESK, day=DAY).bill
    less = ClaimDecision(state=ClaimState.ACCEPTED, covered_amount=90_000)
    accepted = claiming.decided(claimed, less, LATER, day=DAY).bill
    paid = pay(accepted, 90_000, PaymentMethod.INSURANCE)
    again = paying.reversed_payment(paid, paid.payment_history[-1].id, WRONG, LATER, day=DAY).bill

    states = [one.insurance.state for one in (claimed, accepted, paid, again) if one.insurance]
    assert states == ["submitted", "accepted", "paid", "accepted"]
    assert (accepted.account.patient_owes, paid.outstanding_amount) == (60_000, 60_000)
    with pytest.raises(Invalid):
        pay(accepted, 90_001, PaymentMethod.INSURANCE)
    with pytest.raises(Invalid):
        pay(accepted, 60_001)
    with pytest.raises(Conflict):
        claiming.decided(paid, less, LATER, day=DAY)


@pytest.mark.parametrize(
    ("claim", "pointer"),
    [
        (NewClaim(provider="Star", covered_amount=150_001), "/covered_amount"),
        (NewClaim(provider="Star", covered_amount=140_000, copay_amount=10_001), "/copay_amount"),
    ],
)
def test_parts_of_a_claim_never_exceed_the_bill(claim: NewClaim, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        claiming.claimed(issued(), claim, DESK, day=DAY)

    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_bill_has_a_bounded_ledger() -> None:
    full = issued(1_000)
    for _ in range(MOST_ENTRIES - 1):
        full = pay(full, 1)

    with pytest.raises(Conflict):
        pay(full, 1)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), min_size=1, max_size=6))
def test_the_taxes_of_all_credits_are_those_of_the_bill(total: int, credits: list[int]) -> None:
    one = bill(total, tax={"rate_percent": "18", "label": "GST"}, gst_number="29AAGCB7383J1Z4")
    sums = [0] * len(one.taxes)
    for asked in [*credits, one.total_amount]:
        amount = min(asked, one.account.patient_share)
        if not amount:
            continue
        taxable, taxes = taxes_of_credit(one, amount)
        assert taxable + sum(part.amount for part in taxes) == amount
        assert len({part.amount for part in taxes}) <= 1
        sums = [before + part.amount for before, part in zip(sums, taxes, strict=True)]
        one = credit(one, amount)

    assert sums == [part.amount for part in one.taxes]


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=examples(300), stateful_step_count=15, deadline=None)


def test_what_is_of_money_alone_leaves_what_a_bill_says() -> None:
    one, new = issued(), NewPayment(amount=150_000, method=PaymentMethod.CASH)
    paid = paying.paid(one, new, DESK, day=DAY)
    back = NewRefund(amount=50_000, method=PaymentMethod.CASH, reason=REASON)
    refunded = crediting.refunded(paid.bill, back, DESK, day=DAY, number=NOTE)
    cancelled = crediting.cancelled(one, NewCancellation(reason=REASON), DESK, day=DAY)

    assert paid.is_of_money
    assert not cancelled.is_of_money
    assert not refunded.is_of_money, "it has a credit note"
    assert not Booked(one).is_of_money, "nothing was booked, so something else changed"
