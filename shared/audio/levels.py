"""How loud a recording is, and where it is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from shared.audio.samples import BLOCKS_A_SECOND, Samples, readable
from shared.audio.source import Contents, Source
from shared.records.visits.audio_quality import Levels

LONGEST_MEASURED = 2 * 3600
"""Seconds from the beginning; a minute of audio takes a tenth of a second or less."""
_WINDOWS_A_SECOND = BLOCKS_A_SECOND
_CLIPPED = 0.999
"""Amplitude of a sample at the end of the scale, which is 1."""
_SILENCE = 10 ** (-55 / 20)
"""Amplitude (root mean square) below which a window is silent: a quiet room is at about -50 dBFS or above."""
_NEAR = 2.0
"""A window is silent, too, up to so many times the level of the quietest ones: rooms differ."""
_SHORTEST_SILENCE = 3
"""Windows in a row."""
_WINDOW_MS = 1000 // _WINDOWS_A_SECOND
_FLOOR = 1e-5
"""-100 dBFS: digital silence has no level."""


@dataclass
class _Sums:
    """What is kept of the samples."""

    rate: int
    samples: int = 0
    peak: float = 0.0
    clipped: int = 0
    values: int = 0
    windows: list[float] = field(default_factory=list)
    """The level of the loudest channel in each tenth of a second."""

    def add(self, block: Any) -> None:
        """Add one second or less, as an array of samples and channels."""
        import numpy as np

        size = max(1, self.rate // _WINDOWS_A_SECOND)
        loud = np.abs(block)
        self.samples += len(block)
        self.values += loud.size
        self.peak = max(self.peak, float(loud.max(initial=0)))
        self.clipped += int((loud >= _CLIPPED).sum())
        whole = block[: len(block) // size * size]
        powers = np.square(whole, dtype=np.float64).reshape(-1, size, block.shape[1]).mean(axis=1)
        self.windows += np.sqrt(powers.max(axis=1)).tolist()


def measure(source: Source, contents: Contents) -> Levels | None:
    """The levels of the first two hours; None for what cannot be decoded here."""
    if not readable(contents):
        return None
    sums = _Sums(contents.sample_rate)
    for block in Samples(source, contents).since():
        sums.rate = block.rate
        sums.add(block.samples)
        if sums.samples >= LONGEST_MEASURED * block.rate:
            break
    return _levels(sums) if sums.samples else None


def _levels(sums: _Sums) -> Levels:
    seconds = sums.samples / sums.rate
    if not sums.windows:
        return Levels(seconds=seconds, peak=sums.peak)
    ranked = sorted(sums.windows)
    silent = sum(level < _SILENCE for level in ranked)
    return Levels(
        seconds=seconds,
        peak=sums.peak,
        noise=max(_FLOOR, ranked[len(ranked) // 10]),
        voice=max(_FLOOR, ranked[len(ranked) * 19 // 20]),
        clipped_share=sums.clipped / sums.values,
        silence_share=silent / len(ranked),
    )


def silences(samples: Samples, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """The silences (start, end) within a stretch, in milliseconds: windows near the level of its quietest tenth."""
    sums, begin_ms = _Sums(0), start_ms
    for block in samples.since(start_ms):
        if block.begin * 1000 >= end_ms * block.rate:
            break
        if block.end * 1000 <= start_ms * block.rate:
            continue
        begin_ms = begin_ms if sums.samples else block.begin * 1000 // block.rate
        sums.rate = block.rate
        sums.add(block.samples)
    yield from _runs(sums.windows, begin_ms)


def _runs(windows: Sequence[float], begin_ms: int) -> Iterator[tuple[int, int]]:
    if not windows:
        return
    quiet = max(_SILENCE, _NEAR * sorted(windows)[len(windows) // 10])
    end = 0
    for silent, run in groupby(level <= quiet for level in windows):
        begin, end = end, end + len(list(run))
        if silent and end - begin >= _SHORTEST_SILENCE:
            yield begin_ms + begin * _WINDOW_MS, begin_ms + end * _WINDOW_MS
