"""Long audio is recognised in parts: where to cut. A part overlaps the next, so that no word is cut in both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

OVERLAP_MS = 20_000
"""Audio that two parts share. Words that both heard join them, and show which voice of one is which of the other."""
MARGIN_MS = 60_000
"""A part is that much shorter than the longest audio of the model."""
_SEARCH_MS = 120_000
"""How far before its latest end a part may end, to end in a silence."""


@dataclass(frozen=True)
class AudioPart:
    """A stretch of a recording, in milliseconds from its beginning."""

    start_ms: int
    end_ms: int


def plan(duration_ms: int, silences: Sequence[tuple[int, int]], longest_ms: int) -> list[AudioPart]:
    """The parts of a recording for a model that takes `longest_ms`; one part if it takes all.

    `silences` are (start, end), sorted. A part ends in the middle of a silence, if there is one near its end.
    Raises ValueError for a model that takes less than 5 minutes.
    """
    if longest_ms < 300_000:
        raise ValueError("the model takes no part that is worth cutting")
    if duration_ms <= longest_ms:
        return [AudioPart(0, duration_ms)]
    middles = sorted((start + end) // 2 for start, end in silences)
    parts: list[AudioPart] = []
    start, longest = 0, longest_ms - MARGIN_MS
    while duration_ms - start > longest:
        end = _latest(middles, start + longest - _SEARCH_MS, start + longest)
        parts.append(AudioPart(start, end))
        start = end - OVERLAP_MS
    return [*parts, AudioPart(start, duration_ms)]


def _latest(middles: Sequence[int], earliest: int, latest: int) -> int:
    """The last middle of a silence within the bounds, else the later bound."""
    at = bisect_left(middles, latest + 1)
    return middles[at - 1] if at and middles[at - 1] >= earliest else latest
