"""Verifying the books of a clinic: every balance is rebuilt from its entries, and each series of numbers is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.books import BookFault, faults_of_series, first_fault
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.issued import IssuedBill, IssuedVoucher, VoucherType
from shared.records.numbering import DocumentNumber, DocumentSeries, financial_year
from shared.records.record import Ref
from shared.store import clinic_keys, queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError

AT_ONCE = 50
"""Bills that are read together."""
_SERIES = {VoucherType.CREDIT_NOTE: DocumentSeries.CREDIT_NOTE, VoucherType.RECEIPT: DocumentSeries.RECEIPT}
Numbers = dict[str, dict[str, list[int]]]
"""The counts of the numbers that documents have, by counter and financial year."""


@dataclass
class Verified:
    """What a verification has seen so far."""

    bills: int = 0
    entries: int = 0
    faults: list[BookFault] = field(default_factory=list)


def verify(clinic_id: str, command: str = "verify-books") -> Verified:
    """Rebuild every balance of a clinic from its ledger, and count its series of numbers. Nothing is changed.

    Raises RefusedError if there is no such clinic.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")
    clinic, seen = system_clinic(clinic_id, command), Verified()
    numbers: Numbers = defaultdict(lambda: defaultdict(list))
    before = _counts(clinic)
    for ids in _batches(queries.ids_of(clinic_id, Bill.collection)):
        clinic.perform("books.verify", lambda work, ids=ids: _verify_bills(work, ids, seen, numbers))  # type: ignore[misc]
    for ids in _batches(queries.ids_of(clinic_id, IssuedVoucher.collection)):
        clinic.perform("books.verify", lambda work, ids=ids: _count_vouchers(work, ids, numbers))  # type: ignore[misc]
    after = _counts(clinic)
    for counter, counts in before.items():
        seen.faults += faults_of_series(counter, counts, after[counter], numbers[counter])
    return seen


def _verify_bills(work: UnitOfWork, ids: Sequence[str], seen: Verified, numbers: Numbers) -> None:
    """Verify some bills; all that belongs to them is read in two calls."""
    work.prefetch(work.settings_ref(), *map(Bill.ref, ids), *map(IssuedBill.ref, ids))
    bills = [bill for id in ids if (bill := work.get_or_none(Bill.ref(id)))]
    refs = {bill.id: _entries_of(bill) for bill in bills}
    work.prefetch(*(ref for of_bill in refs.values() for ref in of_bill))
    for bill in bills:
        entries = [work.get_or_none(ref) for ref in refs[bill.id]]
        issued = work.get_or_none(IssuedBill.ref(bill.id))
        fault = first_fault(bill, entries, issued.snapshot() if issued else None)
        seen.bills, seen.entries = seen.bills + 1, seen.entries + bill.account.entries
        seen.faults += [fault] if fault else []
        if bill.number is not None:
            _take(work, bill.number, bill.document_type.series, numbers)


def _count_vouchers(work: UnitOfWork, ids: Sequence[str], numbers: Numbers) -> None:
    work.prefetch(work.settings_ref(), *map(IssuedVoucher.ref, ids))
    for id in ids:
        if voucher := work.get_or_none(IssuedVoucher.ref(id)):
            _take(work, voucher.number, _SERIES[voucher.voucher_type], numbers)


def _take(work: UnitOfWork, number: str, series: DocumentSeries, numbers: Numbers) -> None:
    """Note the number of a document in its series and financial year."""
    read = DocumentNumber.read(number)
    year = financial_year(read.year, read.month, work.settings().financial_year_starts_in)
    numbers[series.counter][year].append(read.count)


def _entries_of(bill: Bill) -> list[Ref[LedgerEntry]]:
    """The entries that a bill knows, and the place after the last one, which must be empty."""
    return [LedgerEntry.ref(entry_id(bill.id, number)) for number in range(1, bill.account.entries + 2)]


def _counts(clinic: Clinic) -> dict[str, dict[str, int]]:
    """How many numbers of each series were given, by financial year."""
    counters = [series.counter for series in DocumentSeries]

    def transaction(work: UnitOfWork) -> dict[str, dict[str, int]]:
        work.prefetch(work.settings_ref(), *counters)
        return {counter: work.counts(counter) for counter in counters}

    return clinic.perform("books.verify", transaction)


def _batches(ids: Iterator[str]) -> Iterator[list[Any]]:
    while batch := list(islice(ids, AT_ONCE)):
        yield batch
