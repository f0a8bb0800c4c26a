"""The billed units of a run's calls, by calling function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from local.services.kit.recorder import Call

OTHERS = "Speech-to-Text"
"""The caller of calls without a function: Speech-to-Text records its billed audio itself."""
COLUMNS = {
    "reads": "reads",
    "writes": "writes",
    "kms": "KMS calls",
    "audio_seconds": "audio s",
    "input_tokens": "tokens in",
    "output_tokens": "tokens out",
}
"""The title of each unit."""

Cost = Counter[str]


def by_caller(calls: Iterable[Call]) -> dict[str, Cost]:
    """The cost of each caller, most Firestore operations first; callers without cost are left out."""
    costs: dict[str, Cost] = {}
    for call in calls:
        cost = costs.setdefault(call.caller or OTHERS, Counter())
        cost.update(call.amounts)
        cost["kms"] += call.service == "kms"
    found = {caller: cost for caller, cost in costs.items() if any(cost[column] for column in COLUMNS)}
    return dict(sorted(found.items(), key=lambda item: -item[1]["reads"] - item[1]["writes"]))


def total(costs: Iterable[Cost]) -> Cost:
    return sum(costs, Counter())
