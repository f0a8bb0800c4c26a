"""What is still open about a patient: it is settled or cancelled before a deletion, or before a death is recorded.

Money that is owed is never cancelled with the patient: it is paid, credited or written off before, with a reason of its
own. What a deletion may cancel is what has not happened yet (a coming visit), is not finished (a running session), or
is no bill yet (a draft).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shared.records.problems import FieldError, Problem
from shared.records.record import patient_of

MOST_NAMED = 100
"""At most so many records of each kind are named, and so many are cancelled at once."""


@dataclass(frozen=True)
class Blocker:
    """A record that must be settled first."""

    kind: str
    """The type of the record, such as `bill`."""
    id: str
    status: str
    cancellable: bool
    """True if the caller may let the same request cancel it, by naming it in `cancel_pending`."""


class Blocked(Problem):
    """Other records must be settled first: running sessions, unpaid bills and drafts of bills, coming appointments."""

    status, name, title = 409, "blocked", "Other records must be settled first"

    def __init__(self, blockers: Sequence[Blocker], counts: Mapping[str, int]) -> None:
        super().__init__(
            "settle the records in `blocked_by`, or name exactly those in `cancel_pending` if all are `cancellable`"
        )
        self.blockers = tuple(blockers)
        self.counts = {kind: count for kind, count in counts.items() if count}

    @property
    def members(self) -> Mapping[str, Any]:
        """The records, how many of each kind there are, and how many of them are not named."""
        left_out = sum(self.counts.values()) - len(self.blockers)
        return {"blocked_by": [*map(asdict, self.blockers)], "counts": self.counts, "left_out": left_out}


@dataclass(frozen=True)
class Obligations:
    """The records that are open."""

    blockers: tuple[Blocker, ...]
    """At most `MOST_NAMED` of each kind."""
    counts: Mapping[str, int]
    """How many there are of each kind, with those that are not named."""

    def must_be_cancelled_by(self, named: Collection[str]) -> None:
        """Raises Blocked unless a request names exactly these records and may cancel each: what the caller has not seen
        is not cancelled."""
        seen = {blocker.id for blocker in self.blockers} == set(named)
        if not (seen and self._can_be_cancelled):
            raise Blocked(self.blockers, self.counts)

    def ids_of(self, kind: str) -> list[str]:
        return [blocker.id for blocker in self.blockers if blocker.kind == kind]

    @property
    def _can_be_cancelled(self) -> bool:
        all_named = sum(self.counts.values()) == len(self.blockers)
        return all_named and all(blocker.cancellable for blocker in self.blockers)


def strange_ids(named: Collection[str], person_ids: Collection[str], pointer: str) -> Iterator[FieldError]:
    """What is wrong with the ids that a request names: the id of each record begins with one of the person's ids."""
    for number, id in enumerate(named, 1):
        if patient_of(id) not in person_ids:
            yield FieldError(pointer, f"number {number} is no record of this patient")
