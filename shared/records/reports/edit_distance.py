"""How far the text of a signed report is from its draft: a figure of quality, without any text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from shared.records.reports.statements import Statement

_MOST_CELLS = 40_000
"""Pairs of words that are compared for one statement, as of two texts with 200 words that differ; of longer ones the
words are compared without their order, which gives a smaller distance or the same."""


def edit_distance(draft: Iterable[Statement], signed: Iterable[Statement]) -> float | None:
    """The words that were inserted, deleted or replaced, statement by statement, as a share of the words of the longer
    version of each: 0 if nothing changed, 1 if nothing was kept. None without a draft."""
    before = {one.id: one.text.split() for one in draft}
    after = {one.id: one.text.split() for one in signed}
    if not before:
        return None
    pairs = [(before.get(id, []), after.get(id, [])) for id in before | after]
    changed = sum(_distance(old, new) for old, new in pairs)
    return round(changed / max(1, sum(max(len(old), len(new)) for old, new in pairs)), 4)


def _distance(old: Sequence[str], new: Sequence[str]) -> int:
    """The least number of insertions, deletions and replacements (Levenshtein), within the bound."""
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    old, new = old[start:], new[start:]
    if len(old) * len(new) > _MOST_CELLS:
        gone, come = Counter(old), Counter(new)
        return max(1, (gone - come).total(), (come - gone).total())
    row = list(range(len(new) + 1))
    for at, word in enumerate(old, start=1):
        above, row = row, [at]
        for column, other in enumerate(new):
            row.append(min(above[column + 1] + 1, row[column] + 1, above[column] + (word != other)))
    return row[-1]
