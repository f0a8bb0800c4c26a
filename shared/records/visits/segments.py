"""From recognised words to segments: the pieces of speech that a report's statements point to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.records.visits.session import Speaker
from shared.records.visits.transcription import Segment

PAUSE_MS = 1_200
"""Silence that ends a segment."""
LONGEST_WORDS = 45
"""A segment is a piece of evidence: short enough to read and to listen to at once."""
UNCERTAIN = 0.5
"""Words below this confidence are marked for the reader."""

_TITLES = frozenset({"mr.", "mrs.", "ms.", "dr.", "st.", "prof."})
"""Their full stop ends no sentence."""


@dataclass(frozen=True)
class Word:
    """One recognised word."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True)
class Utterance:
    """What the engine returned as one result, on one channel."""

    speaker: Speaker
    words: tuple[Word, ...]


def segments_of(utterances: Iterable[Utterance]) -> list[Segment]:
    """All words of all speakers as numbered segments in the order spoken. No word is lost, added or moved."""
    pieces = [(utterance.speaker, piece) for utterance in utterances for piece in _pieces(utterance.words)]
    pieces.sort(key=lambda item: (item[1][0].start_ms, item[1][-1].end_ms))
    return [_segment(number, speaker, words) for number, (speaker, words) in enumerate(pieces, start=1)]


def _pieces(words: tuple[Word, ...]) -> Iterator[list[Word]]:
    """Split at the end of a sentence, at a pause, and where it gets too long."""
    piece: list[Word] = []
    for word in words:
        if piece and (word.start_ms - piece[-1].end_ms >= PAUSE_MS or len(piece) >= LONGEST_WORDS):
            yield piece
            piece = []
        piece.append(word)
        if _ends_sentence(word.text):
            yield piece
            piece = []
    if piece:
        yield piece


def _ends_sentence(word: str) -> bool:
    bare = word.strip("\"'()")
    return bare.endswith((".", "?", "!", "।")) and bare.casefold() not in _TITLES


def _segment(number: int, speaker: Speaker, words: list[Word]) -> Segment:
    return Segment(
        number=number,
        speaker=speaker,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        text=" ".join(word.text for word in words),
        confidence=round(sum(word.confidence for word in words) / len(words), 4),
        uncertain_words=[word.text for word in words if word.confidence < UNCERTAIN],
    )
