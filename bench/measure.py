"""Measuring two things side by side: what is around them changes both, and so not their ratio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Case = TypeVar("Case")
Reading = TypeVar("Reading")


@dataclass(frozen=True)
class Comparison:
    """Seconds of ours against seconds of what we compare with."""

    name: str
    ours: float
    theirs: float
    bound: float
    """The largest ratio that is acceptable."""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound


def interleaved(rounds: int, cases: Mapping[Case, Callable[[], Reading]]) -> dict[Case, list[Reading]]:
    """What each case measures, round by round. Every round measures each case once, one after the other."""
    if rounds < 1:
        raise ValueError("a median needs a round")
    measured: dict[Case, list[Reading]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case, measure in cases.items():
            measured[case].append(measure())
    return measured


def medians(rounds: int, cases: Mapping[Case, Callable[[], float]]) -> dict[Case, float]:
    """The median of what each case measures, in interleaved rounds."""
    return {case: median(seconds) for case, seconds in interleaved(rounds, cases).items()}


def broken(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Those over their bound."""
    return [comparison for comparison in comparisons if not comparison.holds]
