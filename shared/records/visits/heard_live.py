"""What was heard live, beside what the recognition of the whole recording heard. Pure.

Each live word belongs to the segment with the same word near its time, else to that of the nearest word. Where a
segment with risky words differs, it keeps what was heard live, for a doctor to compare.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.records.visits.risky_words import risks_of
from shared.records.visits.segment import Segment
from shared.records.visits.segments import Word, word_key

_SAME_WITHIN_MS = 1_500
"""The same word may be heard so much earlier or later: the times of engines are not exact."""
_NEAR_MS = 1_000
"""A word without a like is of the segment with a word so near; of none if there is no such word."""


@dataclass(frozen=True)
class _Place:
    """A word of a segment."""

    middle_ms: float
    key: str
    segment: int
    """The position of its segment."""


def compared(segments: Sequence[Segment], live: Iterable[Word]) -> list[Segment]:
    """The segments of a recording; those with risky words that were heard in another way live have `heard_live`.

    The words heard live have times of the recording. Nothing is said of a segment for which no live word is known: its
    piece may not have been recognised.
    """
    heard: dict[int, list[str]] = {}
    places = sorted(_places(segments), key=lambda place: place.middle_ms)
    middles = [place.middle_ms for place in places]
    for word in sorted(live, key=lambda one: (one.start_ms, one.end_ms)):
        if (segment := _segment_of(word, places, middles)) is not None:
            heard.setdefault(segment, []).append(word.text)
    return [_with(segment, " ".join(heard.get(at, ()))) for at, segment in enumerate(segments)]


def _places(segments: Sequence[Segment]) -> Iterable[_Place]:
    """The words of all segments; of one without times of its words, the ends stand for all."""
    for at, segment in enumerate(segments):
        words = segment.text.split()
        timed = len(words) == len(segment.word_starts_ms) == len(segment.word_ends_ms)
        length = (segment.end_ms - segment.start_ms) / max(1, len(words))
        for count, word in enumerate(words):
            begin = segment.word_starts_ms[count] if timed else segment.start_ms + count * length
            end = segment.word_ends_ms[count] if timed else begin + length
            yield _Place((begin + end) / 2, word_key(word), at)


def _segment_of(word: Word, places: Sequence[_Place], middles: Sequence[float]) -> int | None:
    middle, key = (word.start_ms + word.end_ms) / 2, word_key(word.text)
    first, end = (bisect_left(middles, middle + apart) for apart in (-_SAME_WITHIN_MS, _SAME_WITHIN_MS + 1))
    near = places[first:end]
    alike = [place for place in near if place.key == key]
    nearest = min(alike or near, key=lambda place: abs(place.middle_ms - middle), default=None)
    if nearest is None or (not alike and abs(nearest.middle_ms - middle) > _NEAR_MS):
        return None
    return nearest.segment


def _with(segment: Segment, live: str) -> Segment:
    if not live or _keys(segment.text) == _keys(live):
        return segment
    # Without a confidence, every word counts: a drug that was heard surely twice, in two ways, is the worst case.
    risky = risks_of(segment.text, (), None) or risks_of(live, (), None)
    return segment.model_copy(update={"heard_live": live}) if risky else segment


def _keys(text: str) -> list[str]:
    return [key for word in text.split() if (key := word_key(word))]
