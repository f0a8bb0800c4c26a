"""What is in a piece of audio, as far as its length has bounds."""

from __future__ import annotations

from shared.audio import pieces
from shared.audio.source import AudioRefused
from shared.records.problems import FieldError, Invalid
from shared.records.visits.live.piece import LONGEST_MS, SHORTEST_MS


def measured(content: bytes, *, may_be_short: bool) -> pieces.Piece:
    """The measures of a piece. Raises Invalid for audio that is no whole piece."""
    try:
        found = pieces.measured(content)
    except AudioRefused as refused:
        why = "is cut off, or not a file of its own" if refused.cut_off else f"cannot be used: {refused.problem}"
        raise Invalid(errors=[FieldError("", f"the audio {why}")]) from None
    if found.duration_ms > LONGEST_MS:
        raise Invalid(errors=[FieldError("", f"a piece has at most {LONGEST_MS // 1000} seconds")])
    if found.duration_ms < SHORTEST_MS and not may_be_short:
        limit = SHORTEST_MS // 1000
        raise Invalid(errors=[FieldError("", f"a piece has at least {limit} seconds, unless it ends something")])
    return found
