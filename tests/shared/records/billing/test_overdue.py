"""When a bill is overdue: by the clinic's day, while the patient owes something."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing import claiming, crediting, paying
from shared.records.billing.account import Account, EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCancellation
from shared.records.billing.insurance import ClaimDecision, ClaimState, NewClaim
from shared.records.billing.ledger import overdue
from shared.records.billing.overdue import becomes_overdue, lateness
from shared.records.billing.payments import NewPayment, NewReversal, PaymentMethod
from shared.records.billing.types import BillStatus
from shared.records.record import Stamp
from shared.records.types import local_date
from tests.support.factories import after, bill

DESK = Stamp("desk-1", after(hours=1))
DAY = bill().bill_date
OWED = Account().after(EntryKind.CHARGE, Payer.PATIENT, 100)


def late(one: Bill) -> Bill:
    assert one.due_date is not None
    assert becomes_overdue(one, one.due_date + timedelta(days=1))
    return overdue(one)


def pay(one: Bill, amount: int) -> Bill:
    return paying.paid(one, NewPayment(amount=amount, method=PaymentMethod.CASH), DESK, day=DAY).bill


@pytest.mark.parametrize(
    ("zone", "now", "due", "is_overdue"),
    [
        ("America/Los_Angeles", "2027-01-16T00:30+00:00", "2027-01-15", False),
        ("America/Los_Angeles", "2027-01-16T08:00+00:00", "2027-01-15", True),
        ("Asia/Tokyo", "2027-01-15T15:00+00:00", "2027-01-15", True),
        ("Asia/Tokyo", "2027-01-15T14:59+00:00", "2027-01-15", False),
        ("Asia/Kathmandu", "2027-01-15T18:14+00:00", "2027-01-15", False),
        ("Asia/Kathmandu", "2027-01-15T18:15+00:00", "2027-01-15", True),
        ("Pacific/Kiritimati", "2027-01-15T10:00+00:00", "2027-01-15", True),
        ("Pacific/Pago_Pago", "2027-01-16T10:59+00:00", "2027-01-15", False),
        ("America/New_York", "2027-03-15T03:59+00:00", "2027-03-14", False),  # the day has 23 hours
        ("America/New_York", "2027-03-15T04:00+00:00", "2027-03-14", True),
        ("America/New_York", "2027-11-08T04:59+00:00", "2027-11-07", False),  # the day has 25 hours
        ("America/New_York", "2027-11-08T05:00+00:00", "2027-11-07", True),
        ("America/Santiago", "2027-09-05T03:59+00:00", "2027-09-04", False),  # midnight does not exist
        ("America/Santiago", "2027-09-05T04:00+00:00", "2027-09-04", True),
        ("Asia/Kolkata", "2027-03-31T18:29+00:00", "2027-03-31", False),  # the last day of the financial year
        ("Asia/Kolkata", "2027-03-31T18:30+00:00", "2027-03-31", True),
    ],
)
def test_the_day_is_that_of_the_clinic(zone: str, now: str, due: str, is_overdue: bool) -> None:
    today = local_date(datetime.fromisoformat(now).astimezone(UTC), zone)
    one = bill(100)
    dated = one.amended(**lateness(date.fromisoformat(due), None, one.account))

    assert becomes_overdue(dated, today) is is_overdue


def test_an_issued_bill_knows_the_day_from_which_it_is_overdue() -> None:
    one = bill(100)
    assert one.due_date is not None

    marked = late(one)

    assert one.overdue_on == marked.overdue_since == one.due_date + timedelta(days=1)
    assert (marked.status, marked.overdue_on, marked.revision) == (BillStatus.OVERDUE, None, one.revision)
    assert not becomes_overdue(marked, date.max)
    assert not becomes_overdue(one, one.due_date)


def test_a_part_payment_leaves_it_overdue_and_the_rest_ends_that() -> None:
    part = pay(late(bill(100)), 40)
    paid = pay(part, 60)

    assert (part.status, part.overdue_since is None) == (BillStatus.OVERDUE, False)
    assert (paid.status, paid.overdue_since, paid.overdue_on) == (BillStatus.PAID, None, None)


def test_a_cancellation_ends_it() -> None:
    one = crediting.cancelled(late(bill(100)), NewCancellation(reason="Twice."), DESK, day=DAY).bill

    assert (one.status, one.overdue_since, one.overdue_on) == (BillStatus.CANCELLED, None, None)


def test_a_bounced_payment_makes_it_due_again() -> None:
    paid = pay(late(bill(100)), 100)

    bounced = paying.reversed_payment(paid, "e2", NewReversal(reason="Returned."), DESK, day=DAY).bill

    assert bounced.status == BillStatus.PENDING
    assert bounced.overdue_on == late(bill(100)).overdue_since


def test_what_the_insurer_owes_is_not_overdue_and_a_rejection_is_the_patients_again() -> None:
    whole = NewClaim(provider="Star", covered_amount=100)
    claimed = claiming.claimed(late(bill(100)), whole, DESK, day=DAY).bill
    decision = ClaimDecision(state=ClaimState.REJECTED, reason="Lapsed.")

    rejected = claiming.decided(claimed, decision, DESK, day=DAY).bill

    assert (claimed.status, claimed.overdue_since, claimed.overdue_on) == (BillStatus.PENDING, None, None)
    assert late(rejected).status == BillStatus.OVERDUE


@given(
    due=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    since=st.booleans(),
    owes=st.booleans(),
    cancelled=st.booleans(),
)
def test_a_bill_is_overdue_or_will_be_and_never_both(due: date, *, since: bool, owes: bool, cancelled: bool) -> None:
    first = due + timedelta(days=1)

    found = lateness(due, first if since else None, OWED if owes else Account(), cancelled=cancelled)

    days = [day for day in found.values() if day is not None]
    assert days == ([first] if owes and not cancelled else [])
