"""Counting: the numbers of a unit of work, and the guards of their counters."""

from __future__ import annotations

from shared.records.numbering import Series
from shared.store.changes import Changes
from shared.store.context import RequestContext
from shared.store.firestore.writes import WriteResult
from shared.store.plain_reader import PlainReader
from shared.store.sequences import increment, reservation
from shared.store.turns import Turns


class Counting(PlainReader):
    """Numbers are given in the commit that uses them. Threads of one instance take turns (`turns.py`)."""

    def __init__(self, context: RequestContext) -> None:
        super().__init__(context)
        self._changes = Changes(self._reader)
        self._turns = Turns(context.clinic_id)

    def await_turn(self, counter: str) -> None:
        """Wait until no other change of this instance counts there. Call it before a query that must see what those
        have written; who gives a number or takes a turn afterwards need not."""
        self.prefetch(counter)
        self._reader.add(counter, self._turns.wait(counter, self._reader.snapshot(counter)))

    def next_number(self, series: Series, target_id: str) -> str:
        """Count and reserve the next number of a series in this commit: no gap, no duplicate."""
        self.await_turn(series.counter)
        counts, number = increment(self._reader.snapshot(series.counter), series)
        self._changes.count_up(series.counter, counts)
        self._changes.create(reservation(number), {"id": target_id})
        return number

    def renumber(self, number: str, target_id: str) -> None:
        """Let a number that was given name another record from this commit on."""
        self.prefetch(reservation(number))
        self._changes.upsert(reservation(number), {"id": target_id})

    def counts(self, counter: str) -> dict[str, int]:
        """How many numbers of a series were given, by year."""
        snapshot = self._reader.fresh(counter)
        return dict(snapshot.get("counts")) if snapshot.exists else {}

    def require_uncounted(self, counter: str) -> None:
        """Let the commit fail if a record gets a number of this counter meanwhile.

        Call it before the query that must not miss such a record.
        """
        self.prefetch(counter)
        self._changes.require_uncounted(counter)

    def take_turn(self, counter: str) -> None:
        """As `require_uncounted`; moreover, of concurrent commits that take a turn at this counter, one is retried.

        For changes of which each must see the others, but which count nothing.
        """
        self.await_turn(counter)
        self._changes.take_turn(counter)

    def end_turns(self) -> None:
        """Let other changes of this instance count: this one is committed, or is not."""
        self._turns.end()

    def _commit_changes(self) -> list[WriteResult]:
        """Commit, and let who is next continue with the counters as they are now."""
        results = self._changes.commit()
        for counter, after in self._changes.counted(results):
            self._turns.committed(counter, self._reader.snapshot(counter), after)
        return results
