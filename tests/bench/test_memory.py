"""The benchmark of memory: as many at once as the catalogue allows, against what it gives."""

from __future__ import annotations

import time

import pytest

from bench import memory
from bench.measure import broken
from infra.catalogue import load

_STEP = 8 << 20
"""Bytes."""


def hold(size: int) -> object:
    """Hold so many bytes for a while, so that those of all threads are there at once."""
    held = bytearray(size)
    time.sleep(0.5)
    return held


def nothing() -> int:
    return _STEP


CASE = memory.Case("export_report", "bytes", hold, nothing)


def test_the_peak_is_that_of_all_operations_at_once() -> None:
    loaded, peak = memory.measured(CASE)

    assert peak - loaded >= load().functions["export_report"].concurrency * _STEP


def test_memory_over_its_share_breaks_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = {"reports": (100, 700 << 20), "on_transcript_ready": (100, 500 << 20)}
    monkeypatch.setattr(memory, "CASES", tuple(memory.Case(name, "bytes", hold, nothing) for name in peaks))
    monkeypatch.setattr(memory, "measured", lambda case: peaks[case.function])

    assert [one.name for one in broken(memory.run(1))] == ["memory of on_transcript_ready"]
