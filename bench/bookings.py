"""How many bookings a second one clinic takes, one after the other and at once, with Firestore as far as in its region.

All must succeed, and the books must be right afterwards. Issues and payments take the next number of their series, so
concurrent ones meet on its counter; write-offs meet only on the sums of the books. An attempt that lost against another
booking is repeated, which is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from google.cloud.firestore import FieldFilter

from bench import bookkeeping
from bench.bill_courses import DOCTORS, SERVICES
from bench.bookkeeping import Books
from bench.measure import Comparison
from local.services.firestore.server import Callee, FirestoreServer
from shared.records.billing.crediting import NewWriteOff
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.requests import NewBill
from shared.store.clinic import Clinic
from shared.workflows.billing import books, drafts, issuing, payments
from shared.workflows.billing.booking import NamedBill
from tools import google_firestore

CONCURRENT = (1, 8, 32)
LATENCY = 0.01
"""Seconds that are added to each call: about those that Firestore takes in the same region."""
BOUND = 1.3
"""The time of 8 at once over that of one after the other: what is repeated must not cost more than is won, but for
noise."""
BOOKINGS = 96
"""Of each kind, at each concurrency, by default."""


class DistantFirestore(FirestoreServer):
    """A server whose calls take as long as over a network; it passes them on."""

    def _answered(self, name: str, request: bytes, responses: list[bytes]) -> None:  # noqa: ARG002 - of the base class
        time.sleep(LATENCY)


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


def comparisons(rates: Sequence[Rate]) -> list[Comparison]:
    """The seconds of a booking when 8 are made at once against those of one alone."""
    took = {(one.action, one.concurrent): 1 / one.a_second for one in rates}
    return [
        Comparison(f"{action}, 8 at once", seconds, took[action, 1], BOUND)
        for (action, concurrent), seconds in took.items()
        if concurrent == 8
    ]


def measured(one: Books, firestore: Callee) -> list[Rate]:
    """The rates of a process that is as far from Firestore as a function is."""
    distant = DistantFirestore(firestore)
    try:
        with bookkeeping.processes(1, distant.address) as pool:
            found: list[Rate] = pool.apply(rates, (one,))
            return found
    finally:
        distant.stop()


def rates(one: Books, bookings: int = BOOKINGS) -> list[Rate]:
    """The rates at each concurrency. Raises what a booking raises, and AssertionError unless the books are right."""
    found = []
    for concurrent in CONCURRENT:
        written = [_draft(one, number) for number in range(bookings)]
        issued, of_issues = _rate(one, "bill.issue", concurrent, written, _issue)
        paid, of_payments = _rate(one, "bill.pay", concurrent, issued, _pay)
        _, of_write_offs = _rate(one, "bill.write_off", concurrent, paid, _write_off)
        found += [of_issues, of_payments, of_write_offs]
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


def _write_off(clinic: Clinic, bill_id: str) -> NamedBill:
    return payments.write_off(clinic, bill_id, NewWriteOff(reason="Agreed."))


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
    entries = google_firestore.client().collection("clinics", one.clinic_id, "audit")
    done = entries.where(filter=FieldFilter("action", "==", action)).select(["attempt"]).stream()
    return sum(entry.get("attempt") for entry in done)
