"""Statements of account: balances follow from the entries, whatever the period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.billing.account import Account, EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.statement import Aged, StatementQuery, accounts_of, effect
from shared.records.record import Stamp
from tests.support.factories import after, bill

DAY = date(2026, 9, 14)
STEPS = st.lists(
    st.tuples(st.sampled_from(EntryKind), st.sampled_from(Payer), st.integers(1, 2_000), st.integers(0, 400)),
    max_size=12,
)


def booked(*steps: tuple[EntryKind, Payer, int, int], currency: str = "INR", id: str = "a-1") -> Booked:
    """A bill of 1,000 with these entries, as far as its account allows them; days count from the bill's date."""
    empty = bill(1_000, currency=currency).model_copy(update={"account": Account(), "id": id})
    result = Booked(empty).book(NewEntry(EntryKind.CHARGE, 1_000, DAY), Stamp("desk", after(hours=1)))
    for at, (kind, payer, amount, days) in enumerate(steps, 2):
        new = NewEntry(kind, amount, DAY + timedelta(days), payer)
        try:
            result = result.book(new, Stamp("desk", after(hours=at)))
        except (ValueError, KeyError):
            continue
    return result


def owed(of: Bill) -> int:
    """The patient's balance by the account of the bill."""
    return of.account.patient_share - of.account.patient_money


@given(STEPS, st.integers(-10, 410), st.integers(0, 400))
def test_balances_follow_from_entries_and_agree_with_the_account(
    steps: list[tuple[EntryKind, Payer, int, int]], begin: int, length: int
) -> None:
    one = booked(*steps)
    first, last = DAY + timedelta(begin), DAY + timedelta(begin + length)

    (whole,) = accounts_of(one.entries, {one.bill.id: one.bill}, DAY, DAY + timedelta(500))
    (part,) = accounts_of(one.entries, {one.bill.id: one.bill}, first, last)

    assert whole.closing_balance == sum(map(effect, one.entries)) == owed(one.bill)
    assert part.opening_balance + sum(entry.amount for entry in part.entries) == part.closing_balance
    assert [entry.balance for entry in part.entries][-1:] == [part.closing_balance][: len(part.entries)]
    assert sum(part.aged.buckets) - part.aged.credit == part.closing_balance
    assert all(first <= entry.day <= last for entry in part.entries)


@given(STEPS, st.integers(0, 400))
def test_one_period_opens_where_the_one_before_closed(
    steps: list[tuple[EntryKind, Payer, int, int]], days: int
) -> None:
    one, cut = booked(*steps), DAY + timedelta(days)
    bills = {one.bill.id: one.bill}

    (before,) = accounts_of(one.entries, bills, DAY, cut)
    (after_it,) = accounts_of(one.entries, bills, cut + timedelta(1), cut + timedelta(500))

    assert after_it.opening_balance == before.closing_balance


def test_an_insurers_payment_changes_nothing_for_the_patient() -> None:
    one = booked(
        (EntryKind.INSURANCE, Payer.INSURER, 600, 1),
        (EntryKind.PAYMENT, Payer.INSURER, 500, 2),
        (EntryKind.TRANSFER, Payer.INSURER, 100, 3),
        (EntryKind.PAYMENT, Payer.PATIENT, 500, 4),
    )

    (account,) = accounts_of(one.entries, {one.bill.id: one.bill}, DAY, DAY + timedelta(10))

    assert [(entry.entry_kind, entry.amount, entry.balance) for entry in account.entries] == [
        (EntryKind.CHARGE, 1_000, 1_000),
        (EntryKind.INSURANCE, -600, 400),
        (EntryKind.TRANSFER, 100, 500),
        (EntryKind.PAYMENT, -500, 0),
    ]


@pytest.mark.parametrize(
    ("days_after_due", "bucket"),
    [
        (0, "not_due"),
        (1, "overdue_1_to_30"),
        (30, "overdue_1_to_30"),
        (31, "overdue_31_to_60"),
        (60, "overdue_31_to_60"),
        (61, "overdue_61_to_90"),
        (90, "overdue_61_to_90"),
        (91, "overdue_over_90"),
    ],
)
def test_what_is_owed_ages_with_the_days_after_the_due_date(days_after_due: int, bucket: str) -> None:
    one = booked()
    due = one.bill.due_date or DAY
    last = due + timedelta(days_after_due)

    (account,) = accounts_of(one.entries, {one.bill.id: one.bill}, DAY, last)

    assert account.aged == Aged(**{bucket: 1_000})


def test_currencies_stand_apart_and_a_credit_is_no_debt() -> None:
    paid = booked((EntryKind.PAYMENT, Payer.PATIENT, 1_500, 1), id="a-2")
    bills = [booked(), paid, booked(currency="USD", id="a-3")]
    entries: list[LedgerEntry] = [entry for one in bills for entry in one.entries]

    rupees, dollars = accounts_of(entries, {one.bill.id: one.bill for one in bills}, DAY, DAY + timedelta(1))

    assert (rupees.currency, rupees.closing_balance, rupees.aged) == ("INR", 500, Aged(not_due=1_000, credit=500))
    assert (dollars.currency, dollars.closing_balance) == ("USD", 1_000)


def test_a_period_has_its_days_in_order() -> None:
    with pytest.raises(ValidationError):
        StatementQuery(first_day=DAY, last_day=DAY - timedelta(1))
