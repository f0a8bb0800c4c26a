"""What the writer states in several chunks of a long transcript is one statement of the report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.records.reports.repetition import normalized

CHUNK = "chunk"
"""The field with the number of the chunk that an item of an answer is from."""


def stated_once(items: Iterable[Mapping[str, Any]], cited: Mapping[str, int]) -> list[Mapping[str, Any]]:
    """The items, where one that repeats an item of an earlier chunk adds its evidence to that one instead.

    `cited` are the names of the lists of evidence, with the most that a statement may cite; with more, both stay.
    """
    found: list[Mapping[str, Any]] = []
    places: dict[tuple[str, str], int] = {}
    for item in items:
        place = places.setdefault((item["section"], normalized(item["text"])), len(found))
        earlier = found[place] if place < len(found) else item
        both = _with_evidence(earlier, item, cited) if earlier[CHUNK] < item[CHUNK] else None
        if both is None:
            found.append(item)
        else:
            found[place] = both
    return found


def _with_evidence(
    item: Mapping[str, Any], other: Mapping[str, Any], cited: Mapping[str, int]
) -> Mapping[str, Any] | None:
    """The item with the evidence of both; None if that is too much."""
    joined = {name: sorted({*item.get(name, []), *other.get(name, [])}) for name in cited}
    return {**item, **joined} if all(len(joined[name]) <= most for name, most in cited.items()) else None
