"""The report of a long transcript is written in chunks, because a model leaves out more the more it reads at once.

Each segment is in exactly one chunk, so none is lost and none is stated twice. A chunk also has the segments before it,
as context that cannot be cited: an answer is not understood without its question. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.records.visits.segment import Segment

LONGEST_CHUNK = 100_000
"""Characters: about two hours of speech. Nearly all visits are one chunk."""
MOST_CHUNKS = 10
CONTEXT = 6
"""Segments before a chunk."""
_SEAMS = 20
"""Boundaries between segments among which the one with the longest pause ends a chunk."""


@dataclass(frozen=True)
class Chunk:
    """Segments that one request asks about."""

    segments: Sequence[Segment]
    context: Sequence[Segment] = ()
    """What was said directly before."""


def chunks_of(segments: Sequence[Segment], longest: int = LONGEST_CHUNK) -> list[Chunk]:
    """The chunks of a transcript, in order; each has at most `longest` characters, or a single longer segment."""
    chunks: list[Chunk] = []
    begin = 0
    while begin < len(segments) or not chunks:
        end = _end(segments, begin, longest)
        chunks.append(Chunk(segments[begin:end], segments[max(0, begin - CONTEXT) : begin]))
        begin = end
    return chunks


def _end(segments: Sequence[Segment], begin: int, longest: int) -> int:
    """The index after the last segment of the chunk that begins at `begin`."""
    size, end = 0, begin
    while end < len(segments) and (size := size + len(segments[end].text)) <= longest:
        end += 1
    if end == len(segments):
        return end
    seams = range(end, max(begin, end - _SEAMS), -1)
    return max(seams, key=lambda seam: segments[seam].start_ms - segments[seam - 1].end_ms, default=begin + 1)
