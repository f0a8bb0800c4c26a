"""The collection of a bill: its states, which steps follow which, and when it pauses the reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing import crediting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.collecting import collected, pauses_reminders, promised_on
from shared.records.billing.collection import MOST_STEPS, CollectionStatus, NewStep
from shared.records.billing.crediting import NewWriteOff
from shared.records.billing.payments import NewPayment, NewReversal, PaymentMethod
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from tests.support.factories import after, bill

DESK = Stamp("desk-1", after(hours=1))
DAY = bill().bill_date
PROMISE: dict[str, Any] = {"status": "promise_to_pay", "promised_on": DAY + timedelta(days=3)}


def step(one: Bill, status: str | None, **values: Any) -> Bill:
    return collected(one, NewStep.model_validate({"status": status, "reason": "By telephone.", **values}), DESK, DAY)


def pay(one: Bill, amount: int) -> Bill:
    return paying.paid(one, NewPayment(amount=amount, method=PaymentMethod.CASH), DESK, day=DAY).bill


def test_a_dispute_pauses_the_reminders_until_it_is_resolved() -> None:
    disputed = step(bill(100), "disputed", note="Says it was paid.")
    resolved = step(disputed, None)

    assert (disputed.collection_status, pauses_reminders(disputed, DAY)) == ("disputed", True)
    assert (resolved.collection_status, pauses_reminders(resolved, DAY)) == (None, False)
    assert [(one.status, one.note, one.recorded_by) for one in resolved.collection_history] == [
        ("disputed", "Says it was paid.", "desk-1"),
        (None, None, "desk-1"),
    ]


def test_a_promise_pauses_them_until_the_day_is_over() -> None:
    promised = step(bill(100), **PROMISE)
    later = step(promised, "promise_to_pay", promised_on=DAY + timedelta(days=9))

    assert pauses_reminders(promised, DAY + timedelta(days=3))
    assert not pauses_reminders(promised, DAY + timedelta(days=4))
    assert promised_on(later) == DAY + timedelta(days=9)


def test_a_bill_that_was_reminded_returns_to_reminded() -> None:
    reminded = bill(100).amended(reminder_sent_count=2, collection_status="reminded")

    assert step(step(reminded, "final_notice"), None).collection_status == CollectionStatus.REMINDED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, None),
        ("disputed", "disputed"),
        ("disputed", "with_agency"),
        ("with_agency", "with_agency"),
        ("final_notice", "final_notice"),
    ],
)
def test_a_step_that_cannot_follow_is_refused(before: str | None, after: str | None) -> None:
    one = step(bill(100), before) if before else bill(100)

    with pytest.raises(Conflict) as refused:
        step(one, after)

    assert refused.value.code == "collection_state"


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({"status": "settled"}, ["/status"]),
        ({"status": "reminded", "promised_on": DAY}, ["/status", "/promised_on"]),
        ({"status": "promise_to_pay"}, ["/promised_on"]),
        ({"status": "promise_to_pay", "promised_on": DAY - timedelta(days=1)}, ["/promised_on"]),
        ({"status": "promise_to_pay", "promised_on": DAY + timedelta(days=367)}, ["/promised_on"]),
    ],
)
def test_everything_that_is_wrong_is_named(values: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        step(bill(100), **values)

    assert [error.pointer for error in refused.value.errors] == pointers


def test_nothing_is_collected_of_who_owes_nothing() -> None:
    with pytest.raises(Conflict) as refused:
        step(pay(bill(100), 100), "disputed")

    assert refused.value.code == "nothing_owed"


def test_the_steps_are_bounded() -> None:
    one = bill(100)
    for _ in range(MOST_STEPS):
        one = step(one, **PROMISE)

    with pytest.raises(Conflict):
        step(one, "disputed")


def test_payment_settles_a_collection_and_a_bounced_one_opens_it() -> None:
    paid = pay(step(bill(100), "with_agency"), 100)
    bounced = paying.reversed_payment(paid, "e2", NewReversal(reason="Returned."), DESK, day=DAY).bill

    assert (paid.collection_status, bounced.collection_status) == ("settled", None)
    assert pay(bill(100), 100).collection_status is None, "nothing was collected"


def test_a_bounced_payment_of_a_bill_that_was_reminded_returns_to_reminded() -> None:
    paid = pay(bill(100).amended(reminder_sent_count=1, collection_status="reminded"), 100)
    bounced = paying.reversed_payment(paid, "e2", NewReversal(reason="Returned."), DESK, day=DAY).bill

    assert (paid.collection_status, bounced.collection_status) == ("settled", "reminded")


def test_a_write_off_of_all_closes_it_and_one_of_a_part_does_not() -> None:
    disputed = step(bill(100), "disputed")
    part = crediting.written_off(disputed, NewWriteOff(amount=40, reason="Agreed."), DESK, day=DAY).bill
    whole = crediting.written_off(part, NewWriteOff(reason="Hardship."), DESK, day=DAY).bill

    assert (part.collection_status, whole.collection_status) == ("disputed", "written_off")


@given(st.lists(st.sampled_from([None, "final_notice", "disputed", "with_agency", "pay"]), max_size=12))
def test_who_owes_nothing_is_pursued_no_more(steps: list[str | None]) -> None:
    one = bill(1_000)
    for each in steps:
        try:
            one = pay(one, min(300, one.account.patient_owes or 1)) if each == "pay" else step(one, each)
        except Conflict:
            continue

    pursued = one.collection_status not in (None, "settled", "written_off")
    assert not (pursued and not one.account.patient_owes)
    assert not (pauses_reminders(one, DAY) and not pursued)
