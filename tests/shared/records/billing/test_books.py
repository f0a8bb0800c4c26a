"""The auditor of the books: what is right passes after any course of bookings, and each planted fault is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.books import BookFault, fault_of_voucher, faults_of_series, first_fault
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.issued import BillSnapshot, IssuedVoucher, VoucherSnapshot, VoucherType
from shared.records.billing.ledger import Booked
from shared.records.letterhead import Letterhead
from tests.shared.records.billing.ledger_machine import BILLS, DESK, Ledger
from tests.support.factories import patient
from tests.support.factories import settings as clinic_settings
from tests.support.thorough import examples

SUMS = ("subtotal", "discount_amount", "taxable_amount", "tax_amount", "total_amount")
PLACES = st.integers(0, 30)
MOVES = frozenset({EntryKind.INSURANCE, EntryKind.TRANSFER})
"""What moves a part of the debt and leaves the balance as it is."""


def changed(entries: Sequence[LedgerEntry], at: int, **values: Any) -> list[LedgerEntry]:
    """The ledger with one entry that somebody rewrote."""
    return [one.model_copy(update=values) if place == at else one for place, one in enumerate(entries)]


class Audited(Ledger):
    """Any course of bookings, in whose books faults are planted."""

    def fault(self, bill: Bill, entries: Sequence[LedgerEntry | None]) -> str | None:
        """The id that the auditor names; the place after the last entry is empty unless there are more entries."""
        found = first_fault(bill, [*entries, None], self.issued[bill.id])
        return found.id if found else None

    def of(self, at: int) -> Booked:
        return [*self.books.values()][at % len(self.books)]

    @rule(at=BILLS, place=PLACES)
    def an_entry_is_lost(self, at: int, place: int) -> None:
        book = self.of(at)
        lost = place % len(book.entries)
        left = [None if number == lost else entry for number, entry in enumerate(book.entries)]
        assert self.fault(book.bill, left) == book.entries[lost].id

    @rule(at=BILLS, place=PLACES, more=st.integers(-200, 200).filter(bool))
    def an_amount_is_changed(self, at: int, place: int, more: int) -> None:
        book = self.of(at)
        number = place % len(book.entries)
        entry = book.entries[number]
        wrong = self.fault(book.bill, changed(book.entries, number, amount=max(entry.amount + more, 0)))
        if entry.amount + more < 0 and not entry.amount:
            return  # still nothing
        if entry.entry_kind in MOVES:
            assert wrong is not None
        else:
            assert wrong == entry.id

    @rule(at=BILLS, place=PLACES)
    def a_balance_is_changed(self, at: int, place: int) -> None:
        book = self.of(at)
        number = place % len(book.entries)
        entry = book.entries[number]
        assert self.fault(book.bill, changed(book.entries, number, balance=entry.balance + 1)) == entry.id

    @rule(at=BILLS, place=PLACES)
    def an_entry_is_doubled(self, at: int, place: int) -> None:
        book = self.of(at)
        last = len(book.entries) + 1
        again = book.entries[place % (last - 1)].model_copy(
            update={"id": entry_id(book.bill.id, last), "sequence": last}
        )
        assert self.fault(book.bill, [*book.entries, again]) == again.id

    @rule(at=BILLS, place=PLACES, other=PLACES)
    def the_order_is_swapped(self, at: int, place: int, other: int) -> None:
        book = self.of(at)
        one, two = sorted((place % len(book.entries), other % len(book.entries)))
        if one == two:
            return
        swapped = [*book.entries]
        swapped[one], swapped[two] = swapped[two], swapped[one]
        assert self.fault(book.bill, swapped) == book.entries[two].id, "the entry that stands too early"

    @rule(at=BILLS, by=BILLS, place=PLACES)
    def an_entry_is_of_another_bill(self, at: int, by: int, place: int) -> None:
        book, other = self.of(at), self.of(by)
        if book.bill.id == other.bill.id:
            return
        number = place % len(book.entries)
        strange = other.entries[number % len(other.entries)]
        moved = {"id": book.entries[number].id, "sequence": number + 1, "bill_id": other.bill.id}
        entries = [*book.entries]
        entries[number] = strange.model_copy(update=moved)
        assert self.fault(book.bill, entries) == book.entries[number].id

    @rule(at=BILLS, name=st.sampled_from([*SUMS, "round_off"]), by=st.sampled_from([-1, 1]))
    def a_sum_is_off_by_one(self, at: int, name: str, by: int) -> None:
        book = self.of(at)
        bill = book.bill.model_copy(update={name: getattr(book.bill, name) + by})
        assert self.fault(bill, book.entries) == bill.id

    @rule(at=BILLS, place=PLACES, refunds=st.booleans())
    def a_payment_or_refund_is_lost_or_doubled(self, at: int, place: int, refunds: bool) -> None:
        book = self.of(at)
        name = "refund_history" if refunds else "payment_history"
        told = getattr(book.bill, name)
        if told:
            number = place % len(told)
            lost = book.bill.model_copy(update={name: told[:number] + told[number + 1 :]})
            doubled = book.bill.model_copy(update={name: [*told, told[number]]})
            less = told[number].model_copy(update={"amount": told[number].amount + 1})
            altered = book.bill.model_copy(update={name: [*told[:number], less, *told[number + 1 :]]})
            id = entry_id(book.bill.id, int(told[number].id[1:]))
            assert [self.fault(one, book.entries) for one in (lost, altered)] == [id, id]
            assert self.fault(doubled, book.entries) == book.bill.id


TestAudited = Audited.TestCase
TestAudited.settings = settings(max_examples=examples(150), stateful_step_count=20, deadline=None)


@pytest.fixture(scope="module")
def paid() -> tuple[Booked, BillSnapshot]:
    """A bill with a charge and a payment."""
    course = Ledger()
    course.begin([(1_000, 1, {})], "INR", rounded=False, within=False, gst={})
    course.pay_what_is_owed(0, 40)
    (book,) = course.books.values()
    return book, course.issued[book.bill.id]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"number": "INV-202609-000099"}, "number"),
        ({"currency": "USD"}, None),
        ({"due_date": None}, "due_date"),
        ({"status": "paid"}, "state"),
        ({"place_of_supply": "29"}, "place_of_supply"),
        ({"document_type": "bill_of_supply"}, "document_type"),
    ],
)
def test_what_was_issued_is_not_changed(
    paid: tuple[Booked, BillSnapshot], changes: dict[str, Any], detail: str | None
) -> None:
    book, issued = paid

    found = first_fault(book.bill.model_copy(update=changes), [*book.entries, None], issued)

    assert found is not None
    assert detail is None or detail in found.detail
    assert first_fault(book.bill, [*book.entries, None], None) == BookFault(
        book.bill.id, "the issued bytes are missing"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"payer": Payer.INSURER},
        {"entry_kind": EntryKind.CREDIT},
        {"entry_kind": EntryKind.WRITE_OFF},
        {"method": "upi"},
        {"reference": "UPI-1"},
        {"currency": "USD"},
    ],
)
def test_a_payment_that_became_something_else_is_found(
    paid: tuple[Booked, BillSnapshot], change: dict[str, Any]
) -> None:
    book, issued = paid

    found = first_fault(book.bill, [*changed(book.entries, 1, **change), None], issued)

    assert found is not None


def receipt(entry: LedgerEntry, bill: Bill) -> IssuedVoucher:
    issuer = Letterhead.of(None, clinic_settings())
    snapshot = VoucherSnapshot.of(VoucherType.RECEIPT, entry, bill, patient(), issuer=issuer, zone="Asia/Kolkata")
    return IssuedVoucher.seal(entry, snapshot, DESK)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.model_copy(update={"amount": one.amount + 1}),
        lambda one: one.model_copy(update={"document": "RCT-202609-000009"}),
        lambda one: one.model_copy(update={"bill_id": "patient-other"}),
        lambda one: one.model_copy(update={"entry_kind": EntryKind.CREDIT}),
        lambda _: None,
    ],
)
def test_a_receipt_is_that_of_its_entry(
    paid: tuple[Booked, BillSnapshot], change: Callable[[LedgerEntry], LedgerEntry | None]
) -> None:
    book, _ = paid
    entry = book.entries[-1]
    voucher = receipt(entry, book.bill)

    assert fault_of_voucher(voucher, entry) is None
    found = fault_of_voucher(voucher, change(entry))
    assert found is not None
    assert found.id == entry.id


@given(st.integers(1, 60), st.data())
def test_a_series_has_neither_gap_nor_double_nor_more_than_was_counted(count: int, data: st.DataObject) -> None:
    numbers = [*range(1, count + 1)]
    which = data.draw(st.sampled_from(numbers))

    def faults(given: Sequence[int]) -> list[str]:
        counts = {"2026": count}
        return [one.detail for one in faults_of_series("counters/invoices", counts, counts, {"2026": given})]

    assert faults(data.draw(st.permutations(numbers))) == []
    assert faults([one for one in numbers if one != which]) == [f"number {which} of 2026 is missing"]
    assert faults([*numbers, which]) == [f"number {which} of 2026 was given twice"]
    assert faults([*numbers, count + 1]) == [f"number {count + 1} of 2026 was never counted"]
