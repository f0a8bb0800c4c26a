"""Payments and their reversals: the account is right after any course of both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing.bill import Bill, BillStatus
from shared.records.billing.payments import NewPayment, NewReversal, PaymentMethod
from shared.records.problems import Conflict, NotFound
from shared.records.record import Stamp
from tests.support.factories import after, bill

DESK = "desk-1"
LATER = Stamp("desk-2", after(hours=2))
WRONG = NewReversal(reason="Booked to the wrong bill.")


def pay(one: Bill, amount: int, id: str = "p1") -> Bill:
    return one.paid(NewPayment(amount=amount, method=PaymentMethod.CASH), id, Stamp(DESK, after(hours=1)))


def test_a_reversed_payment_stays_in_the_history_and_counts_for_nothing() -> None:
    unpaid = bill(120_000)

    wrong = pay(unpaid, 1_200)
    right = wrong.payment_reversed("p1", WRONG, LATER)

    assert (right.paid_amount, right.outstanding_amount, right.status) == (0, 120_000, unpaid.status)
    assert (right.last_payment_at, right.processed_by) == (None, None)
    (kept,) = right.payment_history
    assert (kept.amount, kept.method, kept.recorded_by, kept.received_at) == (1_200, "cash", DESK, after(hours=1))
    assert kept.reversal is not None
    assert (kept.reversal.reason, kept.reversal.reversed_by, kept.reversal.reversed_at) == (
        WRONG.reason,
        LATER.by,
        LATER.at,
    )
    assert (right.total_amount, right.line_items, right.number) == (
        unpaid.total_amount,
        unpaid.line_items,
        unpaid.number,
    )


@pytest.mark.parametrize("before", [BillStatus.PENDING, BillStatus.SENT, BillStatus.OVERDUE])
def test_the_status_before_the_payments_comes_back(before: BillStatus) -> None:
    unpaid = bill(1_000).model_copy(update={"status": before})
    paid = pay(pay(unpaid, 400), 600, "p2")

    partly = paid.payment_reversed("p2", WRONG, LATER)

    assert [one.status for one in (paid, partly)] == [BillStatus.PAID, BillStatus.PARTIALLY_PAID]
    assert partly.payment_reversed("p1", WRONG, LATER).status == before


def test_a_payment_is_reversed_once_and_must_exist() -> None:
    right = pay(bill(), 100).payment_reversed("p1", WRONG, LATER)

    with pytest.raises(Conflict):
        right.payment_reversed("p1", WRONG, LATER)
    with pytest.raises(NotFound):
        right.payment_reversed("p2", WRONG, LATER)


@pytest.mark.parametrize("status", [BillStatus.CANCELLED, BillStatus.REFUNDED])
def test_a_closed_account_is_not_changed(status: BillStatus) -> None:
    closed = pay(bill(), 100).model_copy(update={"status": status})

    with pytest.raises(Conflict):
        closed.payment_reversed("p1", WRONG, LATER)


@given(st.integers(1, 10**12), st.lists(st.tuples(st.booleans(), st.integers(0, 10**12)), max_size=30))
def test_the_balance_is_right_after_any_course_of_payments_and_reversals(
    total: int, steps: list[tuple[bool, int]]
) -> None:
    one, counting = bill(total), dict[str, int]()
    for number, (pays, choice) in enumerate(steps):
        if pays and one.outstanding_amount:
            amount = 1 + choice % one.outstanding_amount
            one = pay(one, amount, f"p{number}")
            counting[f"p{number}"] = amount
        elif not pays and counting:
            wrong = sorted(counting)[choice % len(counting)]
            one = one.payment_reversed(wrong, WRONG, LATER)
            del counting[wrong]

        paid = sum(counting.values())
        assert (one.paid_amount, one.outstanding_amount, one.total_amount) == (paid, total - paid, total)
        expected = BillStatus.PAID if paid == total else BillStatus.PARTIALLY_PAID if paid else BillStatus.PENDING
        assert one.status == expected
        assert {p.id: p.amount for p in one.payment_history if p.reversal is None} == counting
        last = max((p for p in one.payment_history if p.reversal is None), key=lambda p: p.received_at, default=None)
        assert (one.last_payment_at is None) == (last is None)
