"""The books of the benchmark: as if each bill had been issued and paid."""

from __future__ import annotations

import os
from typing import Any

from bench import bookings, bookkeeping, books
from bench.bookkeeping import Books
from bench.books import Desk
from local.stack.stack import Stack
from shared.workflows.billing import books as kept
from tools import google_firestore

COLLECTIONS = ("bills", "ledger", "vouchers", "numbers", "counters", "book_days", "receivables")


def test_the_books_are_those_that_the_use_cases_keep(stack: Stack) -> None:
    written = bookkeeping.create(50, os.environ["FIRESTORE_EMULATOR_HOST"])
    before = {name: forms(written, name) for name in COLLECTIONS}

    desk = Desk(written)
    for _ in range(2):
        books.issue(desk)
        books.pay(desk)

    assert {name: forms(written, name) for name in COLLECTIONS} == before
    seen = kept.verify(written.clinic_id)
    assert (seen.bills, seen.faults, seen.sums.faults) == (52, [], [])
    assert {rate.concurrent for rate in bookings.rates(written, bookings=8)} == {*bookings.CONCURRENT}


def forms(one: Books, collection: str) -> set[tuple[str, ...]]:
    """The fields that documents of a collection have, with the sealed ones."""
    found = google_firestore.client().collection("clinics", one.clinic_id, collection).stream()
    return {_fields(document.to_dict() or {}) for document in found}


def _fields(document: dict[str, Any]) -> tuple[str, ...]:
    sealed = document.get("sealed", {})
    return (*sorted(document), *sorted(f"sealed {name}" for name in sealed))
