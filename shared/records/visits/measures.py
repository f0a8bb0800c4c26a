"""The measures of a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Spoken(Protocol):
    """A segment of a transcript."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...


def measures_of(segments: Sequence[Spoken]) -> dict[str, Any]:
    """Counts, and the mean confidence of the words that have one; nothing for a transcript without segments."""
    if not segments:
        return {}
    weights = [len(segment.text.split()) for segment in segments]
    known = [
        (segment.confidence, weight)
        for segment, weight in zip(segments, weights, strict=True)
        if segment.confidence is not None
    ]
    heard = sum(weight for _, weight in known)
    return {
        "word_count": sum(weights),
        "character_count": sum(len(segment.text) for segment in segments),
        "segment_count": len(segments),
        "confidence_score": round(sum(confidence * weight for confidence, weight in known) / max(1, heard), 4)
        if known
        else None,
    }
