"""Keeping the sums of the books in the commit that changes them.

Each booking reads and writes the documents of its bill's shard. Of two concurrent bookings on bills of one shard and
day one is tried again, as it would be for the counter of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.ledger import Booked
from shared.records.billing.sums.book_day import BookDay, day_of, day_ref, shard_of
from shared.records.billing.sums.postings import Postings, postings
from shared.records.billing.sums.receivables import Receivables, receivables_ref
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork


def refs(bill: Bill, day: date) -> list[Ref[Any]]:
    """The sums that a booking on an issued bill changes, to read them with other records."""
    shard = shard_of(bill.id)
    return [day_ref(day, shard), receivables_ref(bill.due_date or bill.bill_date, shard)]


def post(work: UnitOfWork, changed: Sequence[Booked], created: Sequence[Booked]) -> None:
    """Add what was booked on bills, all those of the commit, to the sums."""
    each = [postings(work.get(Bill.ref(one.bill.id)), one) for one in changed if one.entries]
    together = Postings.together([*each, *(postings(None, one) for one in created if one.entries)])
    days, due = map(BookDay.ref, together.days), map(Receivables.ref, together.due)
    work.prefetch(*days, *due)
    for id, sums in together.days.items():
        work.upsert(_day(work, id).plus(sums, work.stamp))
    for id, rows in together.due.items():
        before = work.get_or_none(Receivables.ref(id)) or Receivables.new(id, work.stamp)
        work.upsert(before.plus(rows, work.stamp))


def _day(work: UnitOfWork, id: str) -> BookDay:
    return work.get_or_none(BookDay.ref(id)) or BookDay.new(id, work.stamp, day=day_of(id))
