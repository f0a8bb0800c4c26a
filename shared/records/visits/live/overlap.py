"""Words in the overlap of two pieces: the earlier piece has them, so that none is doubled. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.visits.join_plan import CONTIGUOUS_MS
from shared.records.visits.live.piece import LivePiece, LiveWord, TextStatus


def own_words(
    words: Sequence[LiveWord], start_ms: int, end_ms: int, before: LivePiece | None, after: LivePiece | None
) -> list[LiveWord]:
    """The words of a piece that its neighbours do not have. The neighbours are None if they have not arrived.

    Words before the end of the piece before it are that one's. Where the piece after it arrived first, that one has
    the words of the overlap. A neighbour that was not recognised has none.
    """
    begin = end = None
    if before is not None and _shares(before.start_ms, before.end_ms, start_ms) and _heard(before):
        begin = before.end_ms
    if after is not None and _shares(start_ms, end_ms, after.start_ms) and _heard(after):
        end = after.start_ms
    return [
        word for word in words if (begin is None or word.start_ms >= begin) and (end is None or word.start_ms < end)
    ]


def _shares(start_ms: int, end_ms: int, next_start_ms: int) -> bool:
    """True if two pieces overlap. One that claims to begin before the one before it contradicts it: rather doubled
    than lost."""
    return next_start_ms >= start_ms and end_ms - next_start_ms > CONTIGUOUS_MS


def _heard(piece: LivePiece) -> bool:
    return piece.text_status != TextStatus.FAILED
