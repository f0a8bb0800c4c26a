"""Words in the overlap of two pieces: one of the two has each, so that none is lost or doubled. Pure.

A word that the end or the beginning of a piece cuts is heard in part, or not at all. So the piece that arrives later
goes by the words that the other one has, and not by where the audio ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.visits.join_plan import CONTIGUOUS_MS
from shared.records.visits.live.piece import LivePiece, LiveWord

_SAME = 3
"""A word is one that the other piece has if more than this part (a third) of its time is that one's: two recognitions
of a word differ by less, and a word that was heard at all was heard by half."""


def own_words(
    words: Sequence[LiveWord], start_ms: int, end_ms: int, before: LivePiece | None, after: LivePiece | None
) -> list[LiveWord]:
    """The words of a piece that its neighbours do not have. The neighbours are None if they have not arrived; one that
    was not recognised has no words."""
    begin, end = float("-inf"), float("inf")
    if before is not None and before.words and _shares(before.start_ms, before.end_ms, start_ms):
        begin = before.words[-1].end_ms
    if after is not None and after.words and _shares(start_ms, end_ms, after.start_ms):
        end = after.words[0].start_ms
    return [
        word
        for word in words
        if word.start_ms + (part := (word.end_ms - word.start_ms) / _SAME) >= begin and word.end_ms - part <= end
    ]


def _shares(start_ms: int, end_ms: int, next_start_ms: int) -> bool:
    """True if two pieces overlap. One that claims to begin before the one before it contradicts it: rather doubled
    than lost."""
    return next_start_ms >= start_ms and end_ms - next_start_ms > CONTIGUOUS_MS
