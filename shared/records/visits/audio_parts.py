"""Long audio is recognised in parts: where to cut. A part overlaps the next, so that no word is cut in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shared.records.record import Value

OVERLAP_MS = 20_000
"""Audio that two parts share. Words that both heard join them, and show which voice of one is which of the other."""
MARGIN_MS = 60_000
"""A part is that much shorter than the longest audio of the model."""
_SEARCH_MS = 120_000
"""How far before its latest end a part may end, to end in a silence."""

Silences = Callable[[int, int], Iterable[tuple[int, int]]]
"""The silences (start, end) that touch a stretch of the recording, given by its start and end."""


class AudioPart(Value):
    """A stretch of a recording, in milliseconds from its beginning."""

    start_ms: int
    end_ms: int

    @property
    def name(self) -> str:
        """Names the audio of this part among those of its transcription."""
        return f"{self.start_ms}-{self.end_ms}"


def fit(parts: Sequence[AudioPart], longest_ms: int) -> bool:
    """True if there are parts, and a model that takes `longest_ms` takes each of them."""
    return bool(parts) and all(part.end_ms - part.start_ms <= longest_ms for part in parts)


def plan(duration_ms: int, silences: Silences, longest_ms: int) -> list[AudioPart]:
    """The parts of a recording for a model that takes `longest_ms`; one part if it takes all.

    A part ends in the middle of a silence, if there is one near its end; only there is the recording searched.
    Raises ValueError for a model that takes less than 5 minutes.
    """
    if longest_ms < 300_000:
        raise ValueError("the model takes no part that is worth cutting")
    if duration_ms <= longest_ms:
        return [AudioPart(start_ms=0, end_ms=duration_ms)]
    parts: list[AudioPart] = []
    start, longest = 0, longest_ms - MARGIN_MS
    while duration_ms - start > longest:
        end = _end(silences, start + longest - _SEARCH_MS, start + longest)
        parts.append(AudioPart(start_ms=start, end_ms=end))
        start = end - OVERLAP_MS
    return [*parts, AudioPart(start_ms=start, end_ms=duration_ms)]


def _end(silences: Silences, earliest: int, latest: int) -> int:
    """The last middle of a silence within the bounds, else the later bound."""
    middles = ((start + end) // 2 for start, end in silences(earliest, latest))
    return max((middle for middle in middles if earliest <= middle <= latest), default=latest)
