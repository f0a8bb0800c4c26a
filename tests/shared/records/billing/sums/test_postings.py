"""The sums after any course of bookings are what the bills and their entries come to."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from shared.records.billing import crediting, paying
from shared.records.billing.account import EntryKind
from shared.records.billing.books import fault_of_day, fault_of_receivables
from shared.records.billing.crediting import NewCancellation
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.ledger import Booked
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.sums.book_day import (
    MOST_SERVICES,
    NO_ENTRIES,
    SHARDS,
    BookDay,
    DaySums,
    day_of,
    day_ref,
    digests_added,
    shard_of,
)
from shared.records.billing.sums.postings import Postings, number_of, postings
from shared.records.billing.sums.receivables import Receivables
from shared.records.billing.sums.rows import DueSum, ServiceSum, added
from shared.records.numbering import DocumentSeries
from tests.shared.records.billing.billed import GST, LINES, issued
from tests.shared.records.billing.ledger_machine import BILLS, DESK, PARTS, REASON, Ledger
from tests.support.thorough import examples

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=12)


class Sums(Ledger):
    """Any course of bookings on the bills of a patient, whose sums are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Postings({}, {})

    def post(self, *booked: Booked) -> None:
        known = {id: one.bill for id, one in self.books.items()}
        self.kept = Postings.together([self.kept, *(postings(known.get(one.bill.id), one) for one in booked)])
        super().post(*booked)

    @rule(at=BILLS, part=PARTS, days=st.integers(1, 40))
    def pay_earlier(self, at: int, part: int, days: int) -> None:
        bill = self.at(at)
        if owed := bill.account.patient_owes * part // 100:
            new = NewPayment(amount=owed, method=PaymentMethod.UPI)
            receipt, day = self.number(DocumentSeries.RECEIPT), bill.bill_date - timedelta(days=days)
            self.post(paying.paid(bill, new, DESK, day=day, receipt=receipt))

    @invariant()
    def sums_are_those_of_the_ledgers(self) -> None:
        again = Postings.together([postings(None, one) for one in self.books.values()])
        assert (again.days, again.due) == (self.kept.days, self.kept.due)
        counted = sum(row.amount for sums in again.days.values() for row in sums.entries)
        assert counted == sum(entry.amount for one in self.books.values() for entry in one.entries)
        owed = [row for rows in again.due.values() for row in rows]
        accounts = [bill.account for bill in self.bills]
        assert sum(row.patient_owes + row.insurer_owes for row in owed) == sum(one.outstanding for one in accounts)
        assert sum(row.credit for row in owed) == sum(one.credit_balance for one in accounts)


TestSums = Sums.TestCase
TestSums.settings = settings(max_examples=examples(120), stateful_step_count=12, deadline=None)


def booked_on(days: DaySums, *, known: DaySums | None = None) -> BookDay:
    """The record of a day with sums, or with sums that were added to others."""
    new = BookDay.new("20260914-3", DESK, day=day_of("20260914-3"))
    return new.plus(known, DESK).plus(days, DESK) if known else new.plus(days, DESK)


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_bookings_does_not_matter(
    lines: list[tuple[int, int, dict[str, Any]]], random: Random
) -> None:
    several = [postings(None, issued(lines[: number + 1], days=number)) for number in range(len(lines))]
    shuffled = random.sample(several, len(several))

    one, other = Postings.together(several), Postings.together(shuffled)

    assert (one.days, one.due) == (other.days, other.due)


def test_a_cancelled_bill_that_was_rounded_to_nothing_leaves_nothing() -> None:
    booked = issued([(1, 1, {})], round_total_to=100)
    cancelled = crediting.cancelled(booked.bill, NewCancellation(reason=REASON), DESK, day=booked.bill.bill_date)

    (sums,) = postings(None, booked).days.values()
    (after,) = postings(booked.bill, cancelled).days.values()

    assert [(row.entries, row.amount) for row in sums.entries] == [(1, 0)]
    assert postings(None, booked).due == {}
    assert [row.taxable for row in sums.taxes] == [row.taxable for row in after.taxes] == [1]


def test_what_is_supplied_by_rate_and_code_stays_apart() -> None:
    exempt = {"exemption_reason": "Health care", "code": "999312"}
    charged = issued([(100_000, 1, GST), (100_000, 1, {**GST, "rate_percent": "18.0"}), (50_000, 1, exempt)])

    (sums,) = postings(None, charged).days.values()

    found = {(row.exempt, row.code, str(row.rate_percent)): (row.taxable, row.cgst, row.sgst) for row in sums.taxes}
    assert found == {(False, "999312", "18"): (185_000, 16_650, 16_650), (True, "999312", "0"): (46_250, 0, 0)}
    assert {row.document_type for row in sums.taxes} == {"invoice_cum_bill_of_supply"}


def test_the_receipt_of_a_payment_has_a_number_and_the_refund_of_a_credit_has_none() -> None:
    def entry(kind: EntryKind) -> LedgerEntry:
        return charged.entries[0].model_copy(update={"entry_kind": kind, "document": "CRN202609-000001"})

    charged = issued([(100, 1, GST)])

    assert number_of(entry(EntryKind.CHARGE), charged.bill.number) == charged.bill.number
    assert number_of(entry(EntryKind.CREDIT), charged.bill.number) == "CRN202609-000001"
    assert number_of(entry(EntryKind.REFUND), charged.bill.number) is None


@given(SIZES)
def test_services_beyond_those_that_a_day_keeps_apart_are_in_one_row(sizes: list[int]) -> None:
    shard, all_services, number = booked_on(DaySums()), DaySums(), 0
    for size in sizes:
        rows = [service(f"Service {number + one}") for one in range(size)]
        number += size // 2  # half of them come again
        shard, all_services = shard.plus(DaySums(services=rows), DESK), all_services.plus(DaySums(services=rows))

    named = [row for row in shard.services if row.service is not None]
    assert len(named) == min(len(all_services.services), MOST_SERVICES)
    assert sum(row.charged for row in shard.services) == sum(sizes)
    assert fault_of_day(shard.id, shard, all_services) is None


def test_each_altered_sum_is_a_fault() -> None:
    right = next(iter(postings(None, issued([(100_000, 2, GST)])).days.values()))
    kept = booked_on(right)
    wrong = {
        "entries": kept.entries * 2,
        "numbers": [],
        "taxes": [row.model_copy(update={"cgst": row.cgst + 1}) for row in kept.taxes],
        "services": [row.model_copy(update={"charged": row.charged - 1}) for row in kept.services],
        "digest": NO_ENTRIES,
    }

    assert fault_of_day(kept.id, kept, right) is None
    assert fault_of_day(kept.id, None, right) is not None
    for name, value in wrong.items():
        fault = fault_of_day(kept.id, kept.model_copy(update={name: value}), right)
        assert fault is not None
        assert fault.detail.endswith(f": {name}")


def test_an_altered_receivable_is_a_fault() -> None:
    ((id, right),) = postings(None, issued([(100_000, 2, GST)])).due.items()
    kept = Receivables.new(id, DESK).plus(right, DESK)

    assert fault_of_receivables(id, kept, right) is None
    assert fault_of_receivables(id, None, right) is not None
    assert fault_of_receivables(id, kept, []) is not None
    assert fault_of_receivables(id, kept.model_copy(update={"open": False}), right) is not None


def test_receivables_are_closed_when_nothing_is_owed() -> None:
    ((id, due),) = postings(None, issued([(100_000, 1, GST)])).due.items()
    kept = Receivables.new(id, DESK).plus(due, DESK)

    paid = kept.plus([row.negated() for row in due], DESK)

    assert (kept.open, paid.open, paid.due) == (True, False, [])


def test_bills_are_spread_over_all_shards() -> None:
    shards = [shard_of(f"k2h4n8-{number}-bill") for number in range(1_000)]

    assert min(shards.count(shard) for shard in range(SHARDS)) > 1_000 / SHARDS / 2
    day = issued([(1, 1, GST)]).bill.bill_date
    assert day_of(day_ref(day, 3).id) == day


def test_numbers_of_a_day_are_those_of_its_documents() -> None:
    several = [issued([(100, 1, GST)], days=days) for days in (0, 4, 2)]
    sums = DaySums.together([day for one in several for day in postings(None, one).days.values()])

    assert [(one.series, one.first, one.last, one.count) for one in sums.numbers] == [("INV", 1, 5, 3)]


@given(st.lists(st.integers(0, 2**256 - 1), max_size=5))
def test_digests_add_up_in_any_order(numbers: list[int]) -> None:
    digests = [f"{one:064x}" for one in numbers]

    assert digests_added(digests) == digests_added(reversed(digests))
    assert digests_added([]) == NO_ENTRIES


def service(name: str) -> ServiceSum:
    return ServiceSum(doctor_id=None, service=name, currency="INR", quantity=1, charged=1, tax=0)


def test_rows_that_add_up_to_nothing_are_left_out() -> None:
    row = DueSum(
        due=day_of("20260914-3"), doctor_id=None, currency="INR", bills=1, patient_owes=5, insurer_owes=0, credit=0
    )

    assert added([row], [row.negated()]) == []
    assert added([row], [row.model_copy(update={"currency": "USD"})]) != []
