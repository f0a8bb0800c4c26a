"""Verifying the books of a clinic: every balance is rebuilt from its entries, each series of numbers is counted, and
the kept sums are computed again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.records.billing.bill import Bill
from shared.records.billing.books import BookFault, fault_of_voucher, faults_of_series, first_fault
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.issued import BillSnapshot, IssuedBill, IssuedVoucher, VoucherType
from shared.records.billing.sums.book_day import SHARDS, shard_of
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentNumber, DocumentSeries, financial_year
from shared.records.problems import RecordUnreadable
from shared.records.record import R, Ref
from shared.store import clinic_keys, queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import recounting
from shared.workflows.billing.recounting import Recount, Recounted, batches
from shared.workflows.clinic.opening import RefusedError

_SERIES = {VoucherType.CREDIT_NOTE: DocumentSeries.CREDIT_NOTE, VoucherType.RECEIPT: DocumentSeries.RECEIPT}
Numbers = dict[str, dict[str, list[int]]]
"""The counts of the numbers that documents have, by counter and financial year."""
WithLedger = tuple[Bill, list[LedgerEntry | None], BillSnapshot | None]
"""A bill, its entries in order and one place more, and what was issued."""
Unopened = dict[str, BookFault]
"""The first document of a bill that does not open, by the id of the bill."""


@dataclass
class Verified:
    """What a verification has seen so far."""

    bills: int = 0
    entries: int = 0
    faults: list[BookFault] = field(default_factory=list)
    """Of bills, entries and series."""
    sums: Recounted = field(default_factory=Recounted)
    """What is wrong about the sums."""


def verify(clinic_id: str, command: str = "verify-books", *, rebuild: bool = False) -> Verified:
    """Rebuild every balance of a clinic from its ledger, count its series of numbers, and compare the sums of its books
    with both. Nothing is changed, but with `rebuild` the sums are, where they are wrong and the ledgers are right.

    Raises RefusedError if there is no such clinic.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")
    clinic, seen = system_clinic(clinic_id, command), Verified()
    numbers: Numbers = defaultdict(lambda: defaultdict(list))
    settings = clinic.perform("books.verify", UnitOfWork.settings)
    before, sums = _counts(clinic), recounting.revisions(clinic)
    for shard, of_shard in _by_shard(queries.ids_of(clinic_id, Bill.collection)):
        recount, right = Recount(shard, sums), len(seen.faults)
        for ids in batches(of_shard):
            read, unopened = clinic.perform("books.verify", lambda work, ids=ids: _read(work, ids))  # type: ignore[misc]
            for bill, entries, issued in read:
                fault = unopened.pop(bill.id, None) or first_fault(bill, entries, issued)
                seen.bills, seen.entries = seen.bills + 1, seen.entries + bill.account.entries
                seen.faults += [fault] if fault else []
                recount.add(bill, entries)
                if bill.number is not None:
                    _take(settings, bill.number, bill.document_type.series, numbers)
            seen.faults += unopened.values()
        seen.sums.add(recount.compare(clinic, rebuild=rebuild and len(seen.faults) == right))
    for ids in batches(queries.ids_of(clinic_id, IssuedVoucher.collection)):
        vouchers, faults = clinic.perform("books.verify", lambda work, ids=ids: _vouchers(work, ids))  # type: ignore[misc]
        seen.faults += faults
        for voucher in vouchers:
            _take(settings, voucher.number, _SERIES[voucher.voucher_type], numbers)
    after = _counts(clinic)
    for counter, counts in before.items():
        seen.faults += faults_of_series(counter, counts, after[counter], numbers[counter])
    return seen


def _by_shard(ids: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The bills of each shard: their sums are computed one shard at a time, which needs less memory."""
    shards: dict[int, list[str]] = {shard: [] for shard in range(SHARDS)}
    for id in ids:
        shards[shard_of(id)].append(id)
    return iter(shards.items())


def _read(work: UnitOfWork, ids: Sequence[str]) -> tuple[list[WithLedger], Unopened]:
    """Some bills; all that belongs to them is read in two calls."""
    work.prefetch(*map(Bill.ref, ids), *map(IssuedBill.ref, ids))
    faults: dict[str, list[BookFault]] = {id: [] for id in ids}
    bills = [bill for id in ids if (bill := _opened(work, Bill.ref(id), faults[id]))]
    refs = {bill.id: _entries_of(bill) for bill in bills}
    work.prefetch(*(ref for of_bill in refs.values() for ref in of_bill))
    read: list[WithLedger] = []
    for bill in bills:
        issued = _opened(work, IssuedBill.ref(bill.id), faults[bill.id])
        entries = [_opened(work, ref, faults[bill.id]) for ref in refs[bill.id]]
        read.append((bill, entries, issued.snapshot() if issued else None))
    return read, {id: found[0] for id, found in faults.items() if found}


def _vouchers(work: UnitOfWork, ids: Sequence[str]) -> tuple[list[IssuedVoucher], list[BookFault]]:
    """Some receipts and credit notes, read with their entries, and what is wrong about them."""
    work.prefetch(*map(IssuedVoucher.ref, ids), *map(LedgerEntry.ref, ids))
    found: list[IssuedVoucher] = []
    faults: list[BookFault] = []
    for id in ids:
        voucher = _opened(work, IssuedVoucher.ref(id), faults)
        if voucher is None:
            continue
        found.append(voucher)
        of_entry: list[BookFault] = []
        entry = _opened(work, LedgerEntry.ref(id), of_entry)
        fault = None if of_entry else fault_of_voucher(voucher, entry)  # one that does not open is named with its bill
        faults += [fault] if fault else []
    return found, faults


def _opened(work: UnitOfWork, ref: Ref[R], faults: list[BookFault]) -> R | None:
    """The record; None if there is none, or if it does not open or is that of another id, which is a fault."""
    try:
        found = work.get_or_none(ref)
    except RecordUnreadable:
        faults.append(BookFault(ref.id, "the document does not open: it was altered"))
        return None
    if found is None or found.id == ref.id:
        return found
    faults.append(BookFault(ref.id, "the document is of another place"))
    return None


def _take(settings: ClinicSettings, number: str, series: DocumentSeries, numbers: Numbers) -> None:
    """Note the number of a document in its series and financial year."""
    read = DocumentNumber.read(number)
    year = financial_year(read.year, read.month, settings.financial_year_starts_in)
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
