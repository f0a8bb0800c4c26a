"""The lists of a patient's chart: allergies, medications and diagnoses. Each entry is there once, whatever its case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.records.conflict_codes import ConflictCode
from shared.records.patients.update import MOST_ENTRIES
from shared.records.problems import Conflict


def has_entry(entries: Iterable[str], text: str) -> bool:
    """True if the entry is there."""
    return text.casefold() in {entry.casefold() for entry in entries}


def with_entry(entries: Sequence[str], text: str) -> list[str]:
    """The entries with one more, unless it is there. Raises Conflict for a full list."""
    if has_entry(entries, text):
        return [*entries]
    if len(entries) >= MOST_ENTRIES:
        raise Conflict(ConflictCode.CHART_FULL, f"the list has {MOST_ENTRIES} entries, which is the most")
    return [*entries, text]
