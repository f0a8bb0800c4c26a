"""Sequences: numbers that people use, counted and reserved in the commit that uses them."""

from __future__ import annotations

from typing import Any

from shared.records import numbering
from shared.records.numbering import Series
from shared.records.record import Keyset, Ref
from shared.store.firestore.snapshot import Snapshot


def reservation(number: str) -> str:
    """The path of the document that maps a number to the id of its record."""
    return f"numbers/{number}"


def is_number(ref: Ref[Any]) -> bool:
    """True if the ref holds a number in place of an id. Only records of a patient have numbers; elsewhere the same
    text is an id that no record has."""
    return ref.model.keyset != Keyset.CLINIC and numbering.is_number(ref.id)


def increment(counter: Snapshot, series: Series) -> tuple[dict[str, int], str]:
    """The counts of the series after its next number, and that number."""
    counts: dict[str, int] = dict(counter.get("counts")) if counter.exists else {}
    counts[series.year] = counts.get(series.year, 0) + 1
    return counts, series.write(counts[series.year])
