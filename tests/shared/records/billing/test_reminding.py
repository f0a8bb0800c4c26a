"""Reminders of bills: when one may go, and what the bill says after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.billing import paying
from shared.records.billing.bill import Bill
from shared.records.billing.collecting import collected
from shared.records.billing.collection import NewStep
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.reminding import is_due_for_reminder, reminded
from shared.records.problems import Conflict
from shared.records.record import Stamp
from tests.support.factories import bill

ZONE = "Asia/Kolkata"
LATE = datetime(2026, 10, 1, 18, 0, tzinfo=UTC)
"""23:30 by the clinic's time: its day is over in half an hour."""
DAY = LATE.date()


def remind(one: Bill, at: datetime = LATE) -> Bill:
    return reminded(one, Stamp("desk-1", at), ZONE)


def step(one: Bill, status: str | None, **values: Any) -> Bill:
    new = NewStep.model_validate({"status": status, "reason": "By telephone.", **values})
    return collected(one, new, Stamp("desk-1", LATE), DAY)


def pay(one: Bill, amount: int) -> Bill:
    new = NewPayment(amount=amount, method=PaymentMethod.CASH)
    return paying.paid(one, new, Stamp("desk-1", LATE), day=one.bill_date).bill


def test_a_reminder_counts_and_the_first_one_sends_the_bill() -> None:
    first = remind(bill(100))
    second = remind(first, LATE + timedelta(days=1))

    assert (first.status, first.sent_at, first.last_reminder_sent_at) == ("sent", LATE, LATE)
    assert (first.reminder_sent_count, second.reminder_sent_count) == (1, 2)
    assert (second.collection_status, second.sent_at) == ("reminded", LATE)
    assert second.revision == bill(100).revision + 2


def test_the_next_one_may_go_from_the_clinics_midnight_on() -> None:
    first = remind(bill(100))

    with pytest.raises(Conflict) as refused:
        remind(first, LATE + timedelta(minutes=29))

    assert refused.value.code == "reminded_today"
    assert remind(first, LATE + timedelta(minutes=30)).reminder_sent_count == 2


@pytest.mark.parametrize(
    ("status", "values"),
    [("disputed", {}), ("with_agency", {}), ("promise_to_pay", {"promised_on": DAY})],
)
def test_none_goes_while_the_collection_pauses_them(status: str, values: dict[str, Any]) -> None:
    paused = step(bill(100), status, **values)

    with pytest.raises(Conflict) as refused:
        remind(paused)

    assert refused.value.code == "collection_state"
    assert not is_due_for_reminder(paused, DAY)
    assert is_due_for_reminder(step(paused, None), DAY)


def test_a_final_notice_stays_one_and_a_promise_that_is_over_is_reminded_of() -> None:
    noticed = step(bill(100), "final_notice")
    promised = step(bill(100), "promise_to_pay", promised_on=DAY)

    assert remind(noticed).collection_status == "final_notice"
    assert remind(promised, LATE + timedelta(days=1)).collection_status == "promise_to_pay"


def test_what_is_paid_in_part_is_reminded_of_and_what_is_paid_is_not() -> None:
    half, paid = pay(bill(100), 50), pay(bill(100), 100)

    assert remind(half).status == "partially_paid"
    assert is_due_for_reminder(half, DAY)
    with pytest.raises(Conflict) as refused:
        remind(paid)
    assert refused.value.code == "nothing_owed"
    assert not is_due_for_reminder(paid, DAY)


@pytest.mark.parametrize(
    "changes", [{"status": "draft", "number": None}, {"status": "cancelled"}, {"amended_by": "b2"}]
)
def test_a_bill_that_does_not_stand_is_not_reminded_of(changes: dict[str, Any]) -> None:
    fallen = bill(100).amended(**changes)

    with pytest.raises(Conflict) as refused:
        remind(fallen)

    assert refused.value.code == "bill_not_open"
    assert not is_due_for_reminder(fallen, DAY)
