"""How many bills one clinic issues and payments it books in a second, one after the other and at once.

All must succeed, and the books must be right afterwards. Each takes the next number of its series, so concurrent ones
meet on the counter; one that lost is tried again, which is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from google.cloud.firestore import FieldFilter

from bench.bill_courses import DOCTORS, SERVICES
from bench.bookkeeping import Books
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.requests import NewBill
from shared.store import database
from shared.store.clinic import Clinic
from shared.workflows.billing import books, drafts, issuing, payments
from shared.workflows.billing.booking import NamedBill

CONCURRENT = (1, 8, 32)
BOOKINGS = 96
"""Of each kind, at each concurrency, by default."""


@dataclass(frozen=True)
class Rate:
    """How fast bookings of one kind were done."""

    action: str
    bookings: int
    concurrent: int
    seconds: float
    retries: int
    """Attempts that lost against another booking."""

    @property
    def a_second(self) -> float:
        return self.bookings / self.seconds


def rates(one: Books, bookings: int = BOOKINGS) -> list[Rate]:
    """The rates at each concurrency. Raises what a booking raises, and AssertionError unless the books are right."""
    found = []
    for concurrent in CONCURRENT:
        written = [_draft(one, number) for number in range(bookings)]
        issued, of_issues = _rate(one, "bill.issue", concurrent, written, _issue)
        _, of_payments = _rate(one, "bill.pay", concurrent, issued, _pay)
        found += [of_issues, of_payments]
    seen = books.verify(one.clinic_id)
    assert (seen.faults, seen.sums.faults, seen.sums.changed) == ([], [], 0)
    return found


def _rate(
    one: Books, action: str, concurrent: int, on: Sequence[NamedBill], book: Callable[[Clinic, str], NamedBill]
) -> tuple[list[NamedBill], Rate]:
    """The bills after a booking on each, and how fast that was."""
    before = _retries(one, action)
    with ThreadPoolExecutor(concurrent) as threads:
        start = time.perf_counter()
        after = [*threads.map(lambda bill: book(_as_read(one, bill), bill.record.id), on)]
        seconds = time.perf_counter() - start
    return after, Rate(action, len(on), concurrent, seconds, _retries(one, action) - before)


def _issue(clinic: Clinic, bill_id: str) -> NamedBill:
    return issuing.issue(clinic, bill_id)


def _pay(clinic: Clinic, bill_id: str) -> NamedBill:
    return payments.pay(clinic, bill_id, NewPayment(amount=100_000, method=PaymentMethod.CASH))


def _draft(one: Books, number: int) -> NamedBill:
    """A draft for one of the patients of the last month: of those at once, each for another one."""
    patient_id = one.patient_ids[number % len(one.patient_ids)]
    doctor_id, lines = DOCTORS[number % len(DOCTORS)], SERVICES[2]
    new = NewBill.model_validate({"patient_id": patient_id, "doctor_id": doctor_id, "line_items": lines})
    return drafts.create(Clinic(one.context()), new)


def _as_read(one: Books, bill: NamedBill) -> Clinic:
    return Clinic(one.context(if_match=bill.record.revision))


def _retries(one: Books, action: str) -> int:
    """The attempts before those that were committed, by the audit trail."""
    entries = database.client().collection("clinics", one.clinic_id, "audit")
    done = entries.where(filter=FieldFilter("action", "==", action)).select(["attempt"]).stream()
    return sum(entry.get("attempt") for entry in done)
