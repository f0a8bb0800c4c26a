"""Reports on the books: every sum is in one row and in the total."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.book_reports.aged_receivables import age, aged
from shared.records.billing.book_reports.day_book import day_book
from shared.records.billing.book_reports.revenue import RevenueBy, RevenueQuery, revenue
from shared.records.billing.book_reports.tax_summary import first_of, months_from, tax_month
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.sums.book_day import DaySums
from shared.records.billing.sums.postings import postings
from shared.records.billing.sums.rows import DueSum, EntrySum, ServiceSum, added
from shared.records.parties import DoctorName
from tests.shared.records.billing.billed import LINES, issued

TODAY, ZONE = date(2026, 11, 28), "Asia/Kolkata"
DOCTORS = st.sampled_from(["a", "b", None])
CURRENCIES = st.sampled_from(["INR", "JPY"])
AMOUNTS = st.integers(-(10**12), 10**16)
NAMES = {id: DoctorName(id=id, name=None) for id in ("a", "b")}
DUE = st.builds(
    DueSum,
    due=st.integers(-200, 60).map(lambda days: TODAY + timedelta(days=days)),
    doctor_id=DOCTORS,
    currency=CURRENCIES,
    bills=st.integers(0, 5),
    patient_owes=AMOUNTS,
    insurer_owes=AMOUNTS,
    credit=AMOUNTS,
)
SERVICES = st.builds(
    ServiceSum,
    doctor_id=DOCTORS,
    service=st.sampled_from(["X-ray", "Visit", None]),
    currency=CURRENCIES,
    quantity=st.integers(0, 9),
    charged=AMOUNTS,
    tax=AMOUNTS,
    credited=AMOUNTS,
)
ENTRIES = st.builds(
    EntrySum,
    entry_kind=st.sampled_from(EntryKind),
    payer=st.sampled_from(Payer),
    method=st.sampled_from([*PaymentMethod, None]),
    doctor_id=DOCTORS,
    currency=CURRENCIES,
    entries=st.integers(1, 9),
    amount=AMOUNTS,
)
DAYS = st.builds(
    lambda entries, services: DaySums(entries=added(entries), services=added(services)),
    st.lists(ENTRIES, max_size=6),
    st.lists(SERVICES, max_size=6),
)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, "not_due"),
        (0, "days_0_to_30"),
        (30, "days_0_to_30"),
        (31, "days_31_to_60"),
        (60, "days_31_to_60"),
        (61, "days_61_to_90"),
        (90, "days_61_to_90"),
        (91, "days_over_90"),
    ],
)
def test_the_age_counts_the_days_since_the_due_date(days: int, expected: str) -> None:
    assert age(TODAY - timedelta(days=days), TODAY) == expected


@given(st.lists(DUE, max_size=12))
def test_ages_and_doctors_add_up_to_the_total(due: list[DueSum]) -> None:
    found = aged(due, TODAY, ZONE, NAMES, complete=True)

    for total in found.totals:
        rows = [row for row in found.rows if row.currency == total.currency]
        ages = total.not_due + total.days_0_to_30 + total.days_31_to_60 + total.days_61_to_90 + total.days_over_90
        owed = [one.patient_owes + one.insurer_owes for one in due if one.currency == total.currency]
        assert total.outstanding == ages == sum(row.outstanding for row in rows) == sum(owed)
        assert total.credit == sum(row.credit for row in rows)


@given(st.dictionaries(st.integers(0, 9).map(lambda number: TODAY + timedelta(days=number)), DAYS, max_size=4))
def test_revenue_by_day_doctor_and_service_has_one_total(days: dict[date, DaySums]) -> None:
    period = (TODAY, TODAY + timedelta(days=9), ZONE)
    found = [revenue(days, RevenueQuery(by=by), NAMES, period) for by in RevenueBy]

    assert found[0].totals == found[1].totals == found[2].totals
    for report in found:
        for total in report.totals:
            rows = [row for row in report.rows if row.currency == total.currency]
            assert sum(row.net for row in rows) == total.net == total.charged - total.credited
            assert sum(row.received or 0 for row in rows) == (total.received if report.by != RevenueBy.SERVICE else 0)


@given(DAYS)
def test_the_money_of_a_day_is_what_came_in_less_what_went_out(sums: DaySums) -> None:
    found = day_book(TODAY, ZONE, sums, None, [], complete=True)

    signs = {EntryKind.PAYMENT: 1, EntryKind.REVERSAL: -1, EntryKind.REFUND: -1}
    expected = sum(signs.get(row.entry_kind, 0) * row.amount for row in sums.entries if row.method is not None)
    assert sum(one.net for one in found.money) == expected
    assert sum(one.entries for one in found.booked) == sum(row.entries for row in sums.entries)


@given(LINES)
def test_the_tax_of_a_month_is_that_of_its_bills(lines: list[tuple[int, int, dict[str, Any]]]) -> None:
    charged = issued(lines)
    (sums,) = postings(None, charged).days.values()

    (total,) = tax_month(date(2026, 9, 1), sums).totals or (None,)

    bill = charged.bill
    assert total is not None or not bill.taxable_amount
    if total is not None:
        assert total.cgst + total.sgst + total.utgst + total.igst + total.plain == bill.tax_amount
        assert total.taxable + total.exempt + total.untaxed == bill.taxable_amount


def test_months_go_over_the_turn_of_the_year() -> None:
    assert [*months_from(date(2026, 11, 1), 3)] == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]
    assert first_of(None, TODAY) == date(2026, 11, 1)
    assert first_of("2026-02", TODAY) == date(2026, 2, 1)
