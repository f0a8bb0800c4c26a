"""The measures of a transcript."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    return {
        "word_count": sum(weights),
        "character_count": sum(len(segment.text) for segment in segments),
        "segment_count": len(segments),
        "confidence_score": mean_confidence(zip((segment.confidence for segment in segments), weights, strict=True)),
    }


def mean_confidence(measured: Iterable[tuple[float | None, int | None]]) -> float | None:
    """The mean of the confidences that are known, weighted by their numbers of words; None if none is known."""
    known = [(score, words) for score, words in measured if score is not None and words]
    if not known:
        return None
    return round(sum(score * words for score, words in known) / sum(words for _, words in known), 4)
