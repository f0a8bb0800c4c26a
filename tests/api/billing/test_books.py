"""`verify-books`: what is right passes, and each planted fault is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.cli import main
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.sums.book_day import NO_ENTRIES, BookDay, shard_of
from shared.records.billing.sums.receivables import Receivables
from shared.records.record import patient_of
from shared.store import queries
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import books, recounting
from shared.workflows.billing.recounting import Recount
from tests.api.billing.helpers import act, altered, draft, issued, pay
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.thorough import THOROUGH
from tools import google_firestore

BOOKED_AT_ONCE = 100 if THOROUGH else 40


def written(clinic: TestClinic, path: str) -> Any:
    return google_firestore.client().document("clinics", clinic.id, *path.split("/"))


def lost_entry(clinic: TestClinic, bill: str) -> str:
    written(clinic, f"ledger/{bill}-e2").delete()
    return f"{bill}-e2"


def changed_amount(clinic: TestClinic, bill: str) -> str:
    altered(clinic, LedgerEntry, f"{bill}-e3", amount=1)
    return f"{bill}-e3"


def doubled_refund(clinic: TestClinic, bill: str) -> str:
    def transaction(work: UnitOfWork) -> None:
        refund = work.get(LedgerEntry.ref(f"{bill}-e4"))
        work.create(refund.copied(f"{bill}-e5", sequence=5))

    system_clinic(clinic.id, "planted").perform("test.alter", transaction)
    return f"{bill}-e5"


def swapped_order(clinic: TestClinic, bill: str) -> str:
    """The documents of two entries, each under the id of the other."""
    two, three = (written(clinic, f"ledger/{bill}-e{number}") for number in (2, 3))
    first, second = two.get().to_dict(), three.get().to_dict()
    two.set(second)
    three.set(first)
    return f"{bill}-e2"


def swapped_amounts(clinic: TestClinic, bill: str) -> str:
    """The ciphertexts of one entry in the document of another."""
    source = written(clinic, f"ledger/{bill}-e2").get().to_dict()
    written(clinic, f"ledger/{bill}-e4").update({"sealed": source["sealed"]})
    return f"{bill}-e4"


def entry_of_another_bill(clinic: TestClinic, bill: str) -> str:
    """The payment of another bill of the same patient."""
    other = issued(clinic, 1_000, patient=patient_of(bill))
    paid = pay(clinic, other, 400).ok(201).body["id"]
    written(clinic, f"ledger/{bill}-e2").set(written(clinic, f"ledger/{paid}-e2").get().to_dict())
    return f"{bill}-e2"


def added_payment(clinic: TestClinic, bill: str) -> str:
    """A payment that the bill tells of and the ledger does not."""

    def transaction(work: UnitOfWork) -> None:
        one = work.get(Bill.ref(bill))
        work.save(one.amended(payment_history=[*one.payment_history, *one.payment_history]))

    system_clinic(clinic.id, "planted").perform("test.alter", transaction)
    return bill


def sum_off_by_one(clinic: TestClinic, bill: str) -> str:
    altered(clinic, Bill, bill, subtotal=1_001)
    return bill


def altered_bill(clinic: TestClinic, bill: str) -> str:
    """A ciphertext that does not open."""
    sealed = written(clinic, f"bills/{bill}").get().to_dict()["sealed"]
    written(clinic, f"bills/{bill}").update({"sealed.account": sealed["line_items"]})
    return bill


def altered_receipt(clinic: TestClinic, bill: str) -> str:
    """The receipt of one payment under the id of a credit note."""
    receipt = written(clinic, f"vouchers/{bill}-e2").get().to_dict()
    written(clinic, f"vouchers/{bill}-e3").set(receipt)
    return f"{bill}-e3"


def lost_bill(clinic: TestClinic, bill: str) -> str:
    """A gap in the series of bills of supply."""
    issued(clinic, 1_000)
    written(clinic, f"bills/{bill}").delete()
    return "counters/bills_of_supply"


def bill_of_another_place(clinic: TestClinic, bill: str) -> str:
    other = issued(clinic, 1_000, patient=patient_of(bill)).body["id"]
    written(clinic, f"bills/{bill}").set(written(clinic, f"bills/{other}").get().to_dict())
    return bill


def renumbered_bill(clinic: TestClinic, bill: str) -> str:
    altered(clinic, Bill, bill, number="INV-202609-000099")
    return bill


def changed_state(clinic: TestClinic, bill: str) -> str:
    altered(clinic, Bill, bill, status="pending")
    return bill


def skipped_number(clinic: TestClinic, bill: str) -> str:
    counter = written(clinic, "counters/receipts")
    ((year, count),) = counter.get().get("counts").items()
    counter.update({f"counts.`{year}`": count + 1})
    return "counters/receipts"


@pytest.fixture(scope="module")
def booked(clinic: TestClinic) -> Callable[[TestClinic], Reply]:
    """A bill with a charge, a payment, a credit note and a refund, beside a draft."""

    def made(own: TestClinic) -> Reply:
        draft(own, 100).ok(201)
        paid = pay(own, issued(own, 1_000), 400).ok(201)
        refund = {"amount": 100, "method": "cash", "reason": "Paid too much."}
        return act(own.receptionist, paid, "refund", refund).ok(201)

    return made


def test_right_books_have_no_fault(own_clinic: TestClinic, booked: Callable[[TestClinic], Reply]) -> None:
    booked(own_clinic)

    seen = books.verify(own_clinic.id)

    assert (seen.bills, seen.entries, seen.faults, seen.sums.faults) == (2, 4, [], [])


@pytest.mark.parametrize(
    "plant",
    [
        lost_entry,
        changed_amount,
        doubled_refund,
        swapped_order,
        swapped_amounts,
        entry_of_another_bill,
        added_payment,
        sum_off_by_one,
        renumbered_bill,
        changed_state,
        altered_bill,
        altered_receipt,
        lost_bill,
        bill_of_another_place,
        skipped_number,
    ],
)
def test_each_planted_fault_is_named(
    own_clinic: TestClinic, booked: Callable[[TestClinic], Reply], plant: Callable[[TestClinic, str], str]
) -> None:
    bill = booked(own_clinic).body["id"]
    assert books.verify(own_clinic.id).faults == []

    wrong = plant(own_clinic, bill)

    assert wrong in [fault.id for fault in books.verify(own_clinic.id).faults]


def sums_of(clinic: TestClinic) -> dict[str, BookDay | Receivables]:
    """The stored sums of the books."""

    def transaction(work: UnitOfWork) -> dict[str, BookDay | Receivables]:
        days = {id: work.get(BookDay.ref(id)) for id in queries.ids_of(clinic.id, BookDay.collection)}
        due = {id: work.get(Receivables.ref(id)) for id in queries.ids_of(clinic.id, Receivables.collection)}
        return {**days, **due}

    return system_clinic(clinic.id, "test").perform("test.read", transaction)


def lost_day(clinic: TestClinic, id: str) -> None:
    written(clinic, f"book_days/{id}").delete()


def changed_tax(clinic: TestClinic, id: str) -> None:
    day = sums_of(clinic)[id]
    assert isinstance(day, BookDay)
    taxes = [row.model_copy(update={"taxable": row.taxable + 1}) for row in day.taxes]
    altered(clinic, BookDay, id, taxes=taxes)


def changed_digest(clinic: TestClinic, id: str) -> None:
    altered(clinic, BookDay, id, digest=NO_ENTRIES)


@pytest.mark.parametrize("plant", [lost_day, changed_tax, changed_digest])
def test_each_planted_fault_of_the_sums_is_named_and_rebuilt(
    own_clinic: TestClinic,
    booked: Callable[[TestClinic], Reply],
    plant: Callable[[TestClinic, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    booked(own_clinic)
    right = sums_of(own_clinic)
    (day,) = (id for id, one in right.items() if isinstance(one, BookDay))

    plant(own_clinic, day)

    assert main(["verify-books", own_clinic.id]) == 2
    assert f"{day}: the sums of the day are not those of the ledger" in capsys.readouterr().err
    assert main(["rebuild-books", own_clinic.id]) == 0
    assert "Rebuilt: 1" in capsys.readouterr().out
    assert main(["verify-books", own_clinic.id]) == 0
    rebuilt = sums_of(own_clinic)
    assert {id: contents(one) for id, one in rebuilt.items()} == {id: contents(one) for id, one in right.items()}


def contents(record: BookDay | Receivables) -> Any:
    return record.sums if isinstance(record, BookDay) else (record.due, record.open)


def test_a_planted_fault_of_the_receivables_is_named(
    own_clinic: TestClinic, booked: Callable[[TestClinic], Reply]
) -> None:
    booked(own_clinic)
    (id,) = (id for id, one in sums_of(own_clinic).items() if isinstance(one, Receivables))

    altered(own_clinic, Receivables, id, due=[], open=False)

    assert [fault.id for fault in books.verify(own_clinic.id).sums.faults] == [id]


def test_the_sums_of_earlier_bills_are_built(own_clinic: TestClinic) -> None:
    for amount in (1_000, 2_000, 3_000):
        pay(own_clinic, issued(own_clinic, amount), 400).ok(201)
    right = own_clinic.admin.get("/books/revenue").ok().body
    for id, one in sums_of(own_clinic).items():
        written(own_clinic, f"{one.collection}/{id}").delete()
    pay(own_clinic, issued(own_clinic, 4_000), 400).ok(201)

    assert books.verify(own_clinic.id).sums.faults
    rebuilt = books.verify(own_clinic.id, rebuild=True)

    assert rebuilt.sums.faults
    assert books.verify(own_clinic.id).sums.faults == []
    (total,) = own_clinic.admin.get("/books/revenue").ok().body["totals"]
    assert total["charged"] == right["totals"][0]["charged"] + 4_000


def test_sums_are_not_rebuilt_from_a_ledger_that_is_wrong(
    own_clinic: TestClinic, booked: Callable[[TestClinic], Reply], capsys: pytest.CaptureFixture[str]
) -> None:
    entry = lost_entry(own_clinic, booked(own_clinic).body["id"])
    before = sums_of(own_clinic)

    assert main(["rebuild-books", own_clinic.id]) == 2

    assert f"{entry}: the entry is missing" in capsys.readouterr().err
    assert sums_of(own_clinic) == before


def test_what_changes_during_the_verification_is_not_called_wrong(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 1_000)
    clinic = system_clinic(own_clinic.id, "test")
    recount = Recount(shard_of(bill.body["id"]), recounting.revisions(clinic))

    pay(own_clinic, bill, 400).ok(201)
    found = recount.compare(clinic, rebuild=True)

    assert (found.faults, found.changed) == ([], 2)
    assert books.verify(own_clinic.id).sums.faults == []


def test_concurrent_payments_and_refunds_leave_right_books(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    bills = [pay(own_clinic, issued(own_clinic, 10_000, patient=patient), 5_000).ok(201) for _ in range(5)]
    refund = {"amount": 100, "method": "cash", "reason": "Too much."}

    def book(number: int) -> Reply:
        """Half of them on the first bill, the others on all; each on the bill as it is then."""
        bill = bills[0 if number % 2 else number // 2 % 5]
        for _ in range(100):
            now = own_clinic.receptionist.get(f"/bills/{bill.body['id']}").ok()
            reply = act(own_clinic.receptionist, now, "refund", refund) if number % 4 < 2 else pay(own_clinic, now, 10)
            if reply.status != 412:
                return reply
        raise AssertionError("always changed meanwhile")

    replies = at_once(BOOKED_AT_ONCE, book)

    assert set(statuses(replies)) == {201}
    seen = books.verify(own_clinic.id)
    assert (seen.faults, seen.sums.faults, seen.sums.changed) == ([], [], 0)
    (total,) = own_clinic.admin.get("/books/revenue").ok().body["totals"]
    assert (total["received"], total["refunded"]) == (
        5 * 5_000 + BOOKED_AT_ONCE // 2 * 10,
        BOOKED_AT_ONCE // 2 * 100,
    )
    (owing,) = own_clinic.admin.get("/bills/owing").ok().body["outstanding"]
    (due,) = own_clinic.admin.get("/books/receivables").ok().body["totals"]
    assert owing["amount"] == due["outstanding"]


def test_concurrent_payments_of_different_bills_all_succeed(own_clinic: TestClinic) -> None:
    patients = [own_clinic.patient().body["id"] for _ in range(4)]
    bills = [issued(own_clinic, 1_000 + number, patient=patients[number % 4]) for number in range(32)]

    replies = at_once(32, lambda number: pay(own_clinic, bills[number], 100 + number))

    assert statuses(replies) == {201: 32}
    received = sum(100 + number for number in range(32))
    seen = books.verify(own_clinic.id)
    assert (seen.entries, seen.faults, seen.sums.faults, seen.sums.changed) == (64, [], [], 0)
    found = own_clinic.admin.get("/books/day-book").ok().body
    assert [(one["received"], one["net"]) for one in found["money"]] == [(received, received)]
    numbers = {one["series"]: (one["first"], one["last"], one["count"]) for one in found["series"]}
    assert numbers["RCT"] == (1, 32, 32)
    (due,) = own_clinic.admin.get("/books/receivables").ok().body["totals"]
    assert due["outstanding"] == sum(1_000 + number for number in range(32)) - received
