"""`verify-books` and `rebuild-books`: ten times the bills take ten times as long, and at most 2.5 times the memory."""

from __future__ import annotations

import gc
import time
import tracemalloc
from functools import partial

from bench import bookkeeping
from bench.bookkeeping import Books
from bench.measure import Comparison, medians
from shared.records.billing.sums.book_day import BookDay
from shared.records.billing.sums.receivables import Receivables
from shared.store import queries
from shared.workflows.billing import books
from tools import google_firestore

BOUND = 1.3
"""Of the processor time for an entry of the ledger."""
MEMORY_BOUND = 2.5
"""Of the memory, for ten times the bills and days: the sums of one shard of each day are kept, and some garbage."""
_AT_ONCE = 500
"""Documents that are deleted in one commit."""


def compare(rounds: int, small: Books, large: Books, firestore: str) -> list[Comparison]:
    """The large clinic against the small one. Raises AssertionError unless both books are right, before and after."""
    clinics = {one.size: one for one in (small, large)}
    found = []
    for name, act in {"verify-books": _verified, "rebuild-books": _rebuilt}.items():
        took = medians(rounds, {size: partial(act, one) for size, one in clinics.items()})
        found.append(Comparison(f"{name}: ms an entry", took[large.size], took[small.size], BOUND))
    with bookkeeping.processes(1, firestore) as pool:
        ours, theirs = (pool.apply(_peak_memory, (one,)) for one in (large, small))
    return [*found, Comparison("verify-books: peak memory, MB", ours, theirs, MEMORY_BOUND)]


def _verified(one: Books) -> float:
    """The milliseconds that an entry takes."""
    start = time.process_time()
    seen = books.verify(one.clinic_id)
    seconds = time.process_time() - start
    assert (seen.faults, seen.sums.faults, seen.sums.changed) == ([], [], 0)
    return 1e3 * seconds / seen.entries


def _rebuilt(one: Books) -> float:
    """The milliseconds that an entry takes, if all sums are lost."""
    lost = sum(_delete(one, model.collection) for model in (BookDay, Receivables))
    start = time.process_time()
    seen = books.verify(one.clinic_id, "rebuild-books", rebuild=True)
    seconds = time.process_time() - start
    assert 0 < len(seen.sums.faults) <= lost
    return 1e3 * seconds / seen.entries


def _delete(one: Books, collection: str) -> int:
    ids = [*queries.ids_of(one.clinic_id, collection)]
    for at in range(0, len(ids), _AT_ONCE):
        writes = google_firestore.client().batch()
        for id in ids[at : at + _AT_ONCE]:
            writes.delete(google_firestore.client().document("clinics", one.clinic_id, collection, id))
        writes.commit()
    return len(ids)


def _peak_memory(one: Books) -> float:
    """What a verification has allocated at most, in MB, once keys and validators are there; in a process without
    Firestore. What was there before is frozen, or the garbage of units of work may grow to a quarter of it."""
    books.verify(one.clinic_id)
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        books.verify(one.clinic_id)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
