"""Segmentation: recognised words become the segments that a report's statements cite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.records.visits.speech import Speaker
from shared.records.visits.transcription import Segment

PAUSE_MS = 1_200
"""Silence that ends a segment."""
LONGEST_WORDS = 45
"""Maximum words per segment. A segment is evidence, so it must be short enough to read and replay at once."""
UNCERTAIN = 0.5
"""Words below this confidence are marked as uncertain."""

_SENTENCE_ENDS = (".", "?", "!", "\u0964", "\u3002", "\uff1f", "\uff01", "\u061f", "\u06d4")
"""Full stops, question and exclamation marks: Latin, Devanagari, Chinese and Japanese, Arabic, Urdu."""
_TITLES = frozenset({"mr.", "mrs.", "ms.", "dr.", "st.", "prof."})
"""Abbreviations whose full stop does not end a sentence."""


@dataclass(frozen=True)
class Word:
    """One recognised word."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None
    """Above 0, up to 1; None if the engine gave none."""


@dataclass(frozen=True)
class Utterance:
    """One result of the recognition engine, on one channel."""

    speaker: Speaker
    words: tuple[Word, ...]


def segments_of(utterances: Iterable[Utterance]) -> list[Segment]:
    """Group the words of all speakers into segments, numbered in the order spoken. No word is lost, added or moved."""
    pieces = [(utterance.speaker, piece) for utterance in utterances for piece in _pieces(utterance.words)]
    pieces.sort(key=lambda item: (item[1][0].start_ms, item[1][-1].end_ms))
    return [_segment(number, speaker, words) for number, (speaker, words) in enumerate(pieces, start=1)]


def _pieces(words: tuple[Word, ...]) -> Iterator[list[Word]]:
    """Split at the end of a sentence, at a pause, and at the maximum length."""
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
    return bare.endswith(_SENTENCE_ENDS) and bare.casefold() not in _TITLES


def _segment(number: int, speaker: Speaker, words: list[Word]) -> Segment:
    known = [word.confidence for word in words if word.confidence is not None]
    return Segment(
        number=number,
        speaker=speaker,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        text=" ".join(word.text for word in words),
        confidence=round(sum(known) / len(known), 4) if known else None,
        uncertain_words=[word.text for word in words if word.confidence is not None and word.confidence < UNCERTAIN],
    )
