"""Reminders by policy: what a policy may say, on which day each goes, and that none goes twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing import claiming, collecting, crediting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.collection import NewStep
from shared.records.billing.crediting import NewCancellation, NewWriteOff
from shared.records.billing.insurance import NewClaim
from shared.records.billing.ledger import overdue
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.reminder_plan import CATCH_UP_DAYS, Reminded, due_dates, due_day, due_reminder
from shared.records.billing.reminder_policy import (
    APART_DAYS,
    LATEST_DAY,
    MOST_REMINDERS,
    POLICY_ID,
    PaymentReminderPolicy,
    PaymentReminderUpdate,
)
from shared.records.billing.reminding import reminded_by_policy
from shared.records.messages.message import SEND_WITHIN
from shared.records.record import Stamp
from shared.records.types import local_date
from tests.support.factories import BY_DOCTOR, bill

DUE = date(2027, 1, 15)
DAY = timedelta(days=1)
ZONE = "Asia/Kolkata"
DESK = Stamp("desk-1", datetime(2027, 1, 20, 6, tzinfo=UTC))
DAYS = st.lists(st.integers(1, LATEST_DAY), min_size=1, max_size=MOST_REMINDERS).map(
    lambda found: [each for at, each in enumerate(sorted(found)) if at == 0 or each - sorted(found)[at - 1] >= 2]
)
ZONES = st.sampled_from(
    ["Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati", "Etc/UTC"]
)


def policy(**values: Any) -> PaymentReminderPolicy:
    update = PaymentReminderUpdate.model_validate({"enabled": True, **values})
    return PaymentReminderPolicy.new(POLICY_ID, BY_DOCTOR, **update.fields)


def unpaid(**changes: Any) -> Bill:
    """An overdue bill of 100."""
    return overdue(bill(100).amended(due_date=DUE, overdue_on=DUE + DAY, overdue_since=None, **changes))


def noon(days: int, zone: str = ZONE) -> datetime:
    """Noon at the clinic, so many days after the due date."""
    return datetime.combine(DUE + days * DAY, time(12), ZoneInfo(zone)).astimezone(UTC)


def due(one: Bill, days: int = 3, **values: Any) -> int | None:
    found = due_reminder(one, policy(**values), noon(days), ZONE)
    return found.days_after_due if found else None


def run(days: Sequence[int], ran_on: Sequence[int], reminded_on: date | None = None) -> list[tuple[int, int]]:
    """What goes if the schedule runs on these days after the due date: the day of the run, and of the reminder."""
    sent, reminded = [], Reminded(reminded_on)
    for ran in ran_on:
        day = due_day(days, DUE, reminded, DUE + ran * DAY)
        if day is not None:
            sent.append((ran, day))
            reminded = Reminded(DUE + ran * DAY, day)
    return sent


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({}, []),
        ({"days_after_due": [1, 3, 5]}, []),
        ({"days_after_due": [3, 4]}, ["/days_after_due"]),
        ({"days_after_due": [3, 3]}, ["/days_after_due"]),
        ({"days_after_due": [10, 3]}, ["/days_after_due"]),
        ({"days_after_due": [10, 3], "channels": ["sms", "sms"]}, ["/days_after_due", "/channels"]),
    ],
)
def test_everything_that_is_wrong_with_a_policy_is_named(values: dict[str, Any], pointers: list[str]) -> None:
    update = PaymentReminderUpdate.model_validate({"enabled": True, **values})

    assert [error.pointer for error in update.errors()] == pointers


def test_each_reminder_goes_on_its_day_and_again_on_none() -> None:
    assert run([3, 10, 30], range(60)) == [(3, 3), (10, 10), (30, 30)]
    assert run([3, 10, 30], [day for day in range(60) for _ in range(13)]) == [(3, 3), (10, 10), (30, 30)]


def test_a_lost_day_is_made_up_for_and_three_are_not() -> None:
    assert run([3, 10, 30], [2, 5, 12, 33]) == [(5, 3), (12, 10)]


def test_who_switches_a_policy_on_writes_at_most_once_about_a_bill_of_long_ago() -> None:
    assert run([3, 10, 30], range(31, 60)) == [(31, 30)]
    assert run([3, 10, 30], range(33, 400)) == []
    assert run([3, 5, 7], range(8, 60)) == [(8, 7)]


@pytest.mark.parametrize(("by_hand", "sent"), [(1, [(3, 3)]), (2, []), (3, []), (4, [])])
def test_a_reminder_by_hand_of_the_day_before_or_since_takes_its_place(by_hand: int, sent: list[Any]) -> None:
    assert run([3], range(max(3, by_hand), 9), DUE + by_hand * DAY) == sent


def test_one_that_could_not_go_is_over() -> None:
    three_failed = Reminded(None, 3)

    assert [due_day([3, 10], DUE, three_failed, DUE + day * DAY) for day in (3, 5, 10)] == [None, None, 10]


def test_a_change_of_the_policy_sends_nothing_again() -> None:
    for changed in ([3, 10], [4, 10], [2, 10], [10]):
        assert run(changed, range(3, 40), DUE + 3 * DAY) == [(10, 10)], changed


@given(DAYS, st.lists(st.integers(0, LATEST_DAY + 5), max_size=40).map(sorted))
def test_whenever_the_schedule_runs_none_goes_twice_early_or_late(days: list[int], ran_on: list[int]) -> None:
    sent = run(days, ran_on)

    assert len({day for _, day in sent}) == len(sent)
    assert all(day in days and day <= ran <= day + CATCH_UP_DAYS for ran, day in sent)
    assert all(later - earlier >= APART_DAYS for (earlier, _), (later, _) in pairwise(sent))


@given(DAYS)
def test_with_a_run_on_every_day_all_go_on_their_days(days: list[int]) -> None:
    assert run(days, range(LATEST_DAY + 9)) == [(day, day) for day in days]


@given(DAYS, st.integers(0, LATEST_DAY + 5))
def test_the_query_asks_for_the_bills_of_which_one_is_due_and_for_few_others(days: list[int], late: int) -> None:
    asked = due_dates(days, DUE + late * DAY)

    assert (DUE in asked) >= (due_day(days, DUE, Reminded(), DUE + late * DAY) is not None)
    assert len(asked) <= 30, "Firestore takes no more values of one field"


@given(
    st.lists(st.tuples(st.integers(0, 24 * 45), ZONES), max_size=60).map(lambda runs: sorted(runs, key=lambda r: r[0]))
)
def test_two_are_a_day_apart_also_while_the_zone_of_the_clinic_changes(runs: list[tuple[int, str]]) -> None:
    one, at, wanted = unpaid(), {}, policy(quiet_time=None)
    start = datetime.combine(DUE, time(0), UTC)
    for hours, zone in runs:
        now = start + timedelta(hours=hours)
        if found := due_reminder(one, wanted, now, zone):
            assert found.days_after_due not in at
            one = reminded_by_policy(one, found.days_after_due, now)
            at[found.days_after_due] = now

    assert all(later - earlier > DAY for earlier, later in pairwise(at.values()))


@given(ZONES, st.integers(0, 366 * 24 * 60))
def test_none_goes_in_quiet_hours_or_waits_into_them(zone: str, minutes: int) -> None:
    now = noon(0) + timedelta(minutes=minutes)
    wanted = policy(quiet_time={"begins": "21:00", "ends": "08:00"})
    clock = now.astimezone(ZoneInfo(zone)).time()

    left = wanted.time_left(now, zone)

    if left is None:
        assert clock > time(20, 30) or clock < time(8)
    else:
        assert time(8) <= clock <= time(20, 30)
        assert (now + left).astimezone(ZoneInfo(zone)).time() == time(21)
    assert policy(quiet_time=None).time_left(now, zone) == SEND_WITHIN


def test_the_day_is_that_of_the_clinic_through_changes_of_its_clocks() -> None:
    spring = date(2027, 3, 28)  # 23 hours in Berlin
    one = unpaid().amended(due_date=spring - 3 * DAY)
    midnight = datetime.combine(spring, time(0), ZoneInfo("Europe/Berlin")).astimezone(UTC)

    before, after = (
        due_reminder(one, policy(quiet_time=None), at, "Europe/Berlin")
        for at in (midnight - timedelta(seconds=1), midnight)
    )

    assert before is None
    assert after is not None
    assert due_reminder(reminded_by_policy(one, 3, midnight), policy(), midnight + DAY, "Europe/Berlin") is None


def test_a_reminder_counts_without_another_revision() -> None:
    one = unpaid()
    after = reminded_by_policy(one, 3, noon(3))

    assert due(one) == 3
    assert (after.revision, after.status, after.collection_status) == (one.revision, "overdue", "reminded")
    assert (after.reminder_sent_count, after.sent_at, after.last_reminder_sent_at) == (1, noon(3), noon(3))
    assert due(after) is None
    assert due(after, 10) == 10


def _step(one: Bill, status: str, **values: Any) -> Bill:
    new = NewStep.model_validate({"status": status, "reason": "By telephone.", **values})
    return collecting.collected(one, new, DESK, local_date(DESK.at, ZONE))


def _paid(one: Bill, amount: int) -> Bill:
    return paying.paid(one, NewPayment(amount=amount, method=PaymentMethod.CASH), DESK, day=one.bill_date).bill


def _claimed(one: Bill, amount: int) -> Bill:
    return claiming.claimed(one, NewClaim(provider="Star", covered_amount=amount), DESK, day=one.bill_date).bill


@pytest.mark.parametrize(
    ("ended", "wanted"),
    [
        (_paid(unpaid(), 100), None),
        (_paid(unpaid(), 40), 10),
        (_step(unpaid(), "disputed"), None),
        (_step(unpaid(), "with_agency"), None),
        (_step(unpaid(), "final_notice"), 10),
        (_step(unpaid(), "promise_to_pay", promised_on=DUE + 10 * DAY), None),
        (_step(unpaid(), "promise_to_pay", promised_on=DUE + 9 * DAY), 10),
        (crediting.written_off(unpaid(), NewWriteOff(reason="Hardship."), DESK, day=DUE).bill, None),
        (crediting.cancelled(unpaid(), NewCancellation(reason="Twice."), DESK, day=DUE).bill, None),
        (unpaid(amended_by="another"), None),
        (_claimed(unpaid(), 100), None),
        (_claimed(unpaid(), 60), 10),
    ],
)
def test_reminders_end_with_the_debt_and_pause_with_its_collection(ended: Bill, wanted: int | None) -> None:
    assert due(ended, 10) == wanted


def test_none_goes_while_the_policy_is_off() -> None:
    assert due(unpaid(), enabled=False) is None
    assert (policy(enabled=False).first_day, policy().first_day) == (None, 3)
    assert (policy().sends(10), policy().sends(11), policy(enabled=False).sends(10)) == (True, False, False)
