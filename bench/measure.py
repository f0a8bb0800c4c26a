"""Paired measurements: changes of the environment affect both sides, so they cancel in the ratio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Case = TypeVar("Case")
Reading = TypeVar("Reading")


@dataclass(frozen=True)
class Comparison:
    """Seconds of the product (`ours`) and of the baseline (`theirs`)."""

    name: str
    ours: float
    theirs: float
    bound: float
    """The largest acceptable ratio."""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound


def timed(act: Callable[[], object], times: int = 1) -> Callable[[], float]:
    """Measures the processor seconds of one call, averaged over so many."""

    def measure() -> float:
        start = time.process_time()
        for _ in range(times):
            act()
        return (time.process_time() - start) / times

    return measure


def interleaved(rounds: int, cases: Mapping[Case, Callable[[], Reading]]) -> dict[Case, list[Reading]]:
    """The measurements of each case. Every round measures each case once, one after the other. Raises ValueError."""
    if rounds < 1:
        raise ValueError("a median needs at least one round")
    measured: dict[Case, list[Reading]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case, measure in cases.items():
            measured[case].append(measure())
    return measured


def medians(rounds: int, cases: Mapping[Case, Callable[[], float]]) -> dict[Case, float]:
    """The median of each case over interleaved rounds."""
    return {case: median(seconds) for case, seconds in interleaved(rounds, cases).items()}


def broken(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """The comparisons over their bound."""
    return [comparison for comparison in comparisons if not comparison.holds]
