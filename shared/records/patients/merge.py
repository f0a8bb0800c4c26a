"""The merge of two records of one person: what the clinic stores of it, and what a client sends."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Annotated, Any

from pydantic import Field

from shared.records.record import Value
from shared.records.types import Id, Moment

MOST_MERGED = 5
"""Maximum number of records that are merged into one."""


def together(lists: Iterable[Iterable[Any]]) -> list[Any]:
    """All entries of the lists of some records, in their order, each once."""
    found: list[Any] = []
    for entry in chain.from_iterable(lists):
        if entry not in found:
            found.append(entry)
    return found


class Merge(Value):
    """That a record is merged into another one of the same person, with the access that it had before."""

    into: Id
    """The record that stands for the person since."""
    merged_at: Moment
    merged_by: Id
    owner_id: Id
    shared_with: list[Id]
    writers: list[Id]
    death_taken: bool = False
    """True if the other record has the death of this one."""

    def admits(self, doctor_id: str) -> bool:
        """True if this doctor could see the record before the merge."""
        return doctor_id in (self.owner_id, *self.shared_with)

    def admits_writer(self, doctor_id: str) -> bool:
        """True if this doctor could change the record before the merge."""
        return doctor_id in (self.owner_id, *self.writers)


class NewMerge(Value):
    """The other record of the same person, which is merged into the one that the path names."""

    patient_id: Id
    """By id or number."""
    patient_revision: Annotated[int, Field(ge=1, le=2**53)]
    """The revision of the other record that you have compared, from its `ETag`."""


class NewUnmerge(Value):
    """The merged record that becomes a patient of its own again."""

    patient_id: Id
    """By id or number."""
