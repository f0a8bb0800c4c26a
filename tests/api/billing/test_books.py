"""`verify-books`: what is right passes, and each planted fault is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.store import database
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import books
from tests.api.billing.helpers import act, draft, issued, pay
from tests.support.client import Reply
from tests.support.clinics import TestClinic


def written(clinic: TestClinic, path: str) -> Any:
    return database.client().document("clinics", clinic.id, *path.split("/"))


def altered(clinic: TestClinic, model: Any, id: str, **changes: Any) -> None:
    """Change a stored record as no use case does."""

    def transaction(work: UnitOfWork) -> None:
        work.save(work.get(model.ref(id)).amended(**changes))

    system_clinic(clinic.id, "planted").perform("test.alter", transaction)


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

    assert (seen.bills, seen.entries, seen.faults) == (2, 4, [])


@pytest.mark.parametrize(
    "plant", [lost_entry, changed_amount, doubled_refund, renumbered_bill, changed_state, skipped_number]
)
def test_each_planted_fault_is_named(
    own_clinic: TestClinic, booked: Callable[[TestClinic], Reply], plant: Callable[[TestClinic, str], str]
) -> None:
    bill = booked(own_clinic).body["id"]
    assert books.verify(own_clinic.id).faults == []

    wrong = plant(own_clinic, bill)

    assert wrong in [fault.id for fault in books.verify(own_clinic.id).faults]
