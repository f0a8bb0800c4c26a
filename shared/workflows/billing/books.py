"""Verifying the books of a clinic: every balance is rebuilt from its entries, each series of numbers is counted, and
the kept sums are computed again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.records.billing.bill import Bill
from shared.records.billing.books import BookFault, faults_of_series, first_fault
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.issued import BillSnapshot, IssuedBill, IssuedVoucher, VoucherType
from shared.records.billing.sums.book_day import SHARDS, shard_of
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentNumber, DocumentSeries, financial_year
from shared.records.record import Ref
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
            read = clinic.perform("books.verify", lambda work, ids=ids: _read(work, ids))  # type: ignore[misc]
            for bill, entries, issued in read:
                fault = first_fault(bill, entries, issued)
                seen.bills, seen.entries = seen.bills + 1, seen.entries + bill.account.entries
                seen.faults += [fault] if fault else []
                recount.add(bill, entries)
                if bill.number is not None:
                    _take(settings, bill.number, bill.document_type.series, numbers)
        seen.sums.add(recount.compare(clinic, rebuild=rebuild and len(seen.faults) == right))
    for ids in batches(queries.ids_of(clinic_id, IssuedVoucher.collection)):
        for voucher in clinic.perform("books.verify", lambda work, ids=ids: _vouchers(work, ids)):  # type: ignore[misc]
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


def _read(work: UnitOfWork, ids: Sequence[str]) -> list[WithLedger]:
    """Some bills; all that belongs to them is read in two calls."""
    work.prefetch(*map(Bill.ref, ids), *map(IssuedBill.ref, ids))
    bills = [bill for id in ids if (bill := work.get_or_none(Bill.ref(id)))]
    refs = {bill.id: _entries_of(bill) for bill in bills}
    work.prefetch(*(ref for of_bill in refs.values() for ref in of_bill))
    return [(bill, [work.get_or_none(ref) for ref in refs[bill.id]], _snapshot(work, bill)) for bill in bills]


def _snapshot(work: UnitOfWork, bill: Bill) -> BillSnapshot | None:
    issued = work.get_or_none(IssuedBill.ref(bill.id))
    return issued.snapshot() if issued else None


def _vouchers(work: UnitOfWork, ids: Sequence[str]) -> list[IssuedVoucher]:
    refs = [IssuedVoucher.ref(id) for id in ids]
    work.prefetch(*refs)
    return [voucher for ref in refs if (voucher := work.get_or_none(ref))]


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
