"""Computing the sums of the books again, from the bills and their ledgers, and comparing or replacing what is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.books import BookFault, fault_of_day, fault_of_receivables
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.ledger import Booked
from shared.records.billing.sums.book_day import BookDay, DaySums, day_of
from shared.records.billing.sums.postings import postings
from shared.records.billing.sums.receivables import Receivables
from shared.records.billing.sums.rows import DueSum, added
from shared.records.record import Ref
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

AT_ONCE = 50
"""Records that are read together."""
AnyRef = Ref[BookDay] | Ref[Receivables]
Revisions = dict[AnyRef, int]
"""The documents of sums that there are."""


@dataclass
class Recounted:
    """What a recount has found."""

    faults: list[BookFault] = field(default_factory=list)
    """The documents whose sums were wrong."""
    changed: int = 0
    """Documents that were not compared, because bookings changed them meanwhile."""

    def add(self, other: Recounted) -> None:
        self.faults += other.faults
        self.changed += other.changed


class Recount:
    """The sums of the bills of a shard, computed again.

    A booking changes a bill and its sums in one commit. So a document that did not change while the bills were read
    must have what follows from them.
    """

    def __init__(self, shard: int, before: Revisions) -> None:
        """`before` are the documents as they were before any bill was looked up."""
        self._before = {ref: revision for ref, revision in before.items() if ref.id.endswith(f"-{shard}")}
        self._days: dict[str, DaySums] = defaultdict(DaySums)
        self._due: dict[str, list[DueSum]] = defaultdict(list)

    def add(self, bill: Bill, entries: Sequence[LedgerEntry | None]) -> None:
        """Count a bill with its ledger. What is missing, or cannot be, counts for nothing."""
        known = [entry for entry in entries[: bill.account.entries] if entry is not None]
        try:
            found = postings(None, Booked(bill, known))
        except ValueError:  # an entry is more than the account allows, and is named as the fault of its bill
            found = postings(None, Booked(bill))
        for id, sums in found.days.items():
            self._days[id] = self._days[id].plus(sums)
        for id, rows in found.due.items():
            self._due[id] = added(self._due[id], rows)

    def compare(self, clinic: Clinic, *, rebuild: bool) -> Recounted:
        """Compare the kept sums with these; with `rebuild` write those again that are wrong."""
        found, action = Recounted(), "books.rebuild" if rebuild else "books.verify"
        refs: set[AnyRef] = {*self._before, *map(BookDay.ref, self._days), *map(Receivables.ref, self._due)}
        for some in batches(sorted(refs, key=lambda ref: ref.path)):
            found.add(clinic.perform(action, lambda work, some=some: self._compare(work, some, rebuild)))  # type: ignore[misc]
        return found

    def _compare(self, work: UnitOfWork, refs: Sequence[AnyRef], rebuild: bool) -> Recounted:
        work.prefetch(*refs)
        found = Recounted()
        for ref in refs:
            kept: BookDay | Receivables | None = work.get_or_none(ref)  # type: ignore[misc] # of either model
            if (kept.revision if kept else None) != self._before.get(ref):
                found.changed += 1
            elif fault := self._fault(ref, kept):
                found.faults.append(fault)
                if rebuild:
                    work.upsert(self._right(work, ref, kept))
        return found

    def _fault(self, ref: AnyRef, kept: Any) -> BookFault | None:
        if ref.model is BookDay:
            return fault_of_day(ref.id, kept, self._days.get(ref.id, DaySums()))
        return fault_of_receivables(ref.id, kept, self._due.get(ref.id, []))

    def _right(self, work: UnitOfWork, ref: AnyRef, kept: Any) -> BookDay | Receivables:
        """The document with the right sums."""
        if ref.model is BookDay:
            day = kept or BookDay.new(ref.id, work.stamp, day=day_of(ref.id))
            return day.holding(self._days.get(ref.id, DaySums()).keeping(()), work.stamp)
        return (kept or Receivables.new(ref.id, work.stamp)).holding(self._due.get(ref.id, []), work.stamp)


def revisions(clinic: Clinic) -> Revisions:
    """The documents of sums that a clinic has now."""
    found: Revisions = {}
    for model in (BookDay, Receivables):
        for ids in batches(queries.ids_of(clinic.id, model.collection)):
            refs = [model.ref(id) for id in ids]
            found |= clinic.perform("books.verify", lambda work, refs=refs: _revisions(work, refs))  # type: ignore[misc]
    return found


def _revisions(work: UnitOfWork, refs: Sequence[AnyRef]) -> Revisions:
    work.prefetch(*refs)
    kept = work.unopened(*refs)
    return {ref: kept[ref.id]["revision"] for ref in refs if ref.id in kept}


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Some at a time."""
    each = iter(items)
    while batch := list(islice(each, AT_ONCE)):
        yield batch
