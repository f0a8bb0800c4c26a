"""Segmentation: recognised words become the segments that a report's statements cite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from shared.records.visits.segment import Segment
from shared.records.visits.sentences import ends_sentence
from shared.records.visits.speech import Speaker

PAUSE_MS = 1_200
"""Silence that ends a segment."""
LONGEST_WORDS = 45
"""Maximum words per segment. A segment is evidence, so it must be short enough to read and replay at once."""
UNCERTAIN = 0.5
"""Words below this confidence are marked as uncertain."""
UNREADABLE = "\u2026"
"""The text of a word that the engine gives without text; it is uncertain."""


_PUNCTUATION = dict.fromkeys(map(ord, ".,;:!?\"'()\u2026\u0964\u3002\uff01\uff1f\u061f\u06d4\u060c"))


def word_key(text: str) -> str:
    """A word without case and punctuation, for comparison."""
    return text.casefold().translate(_PUNCTUATION)


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
    """A turn of one voice in a result of the recognition engine, on one channel."""

    speaker: Speaker
    words: tuple[Word, ...]
    voice: str | None = None
    """The engine's label of the voice, if it tells voices on one channel apart."""
    channel: int = 0
    """From 1; 0 if it is not known. If nothing else tells the voices apart, each channel is a voice."""
    language: str | None = None
    """The language that the engine recognised (BCP 47); None if it did not say."""


def languages_heard(utterances: Iterable[Utterance]) -> list[str]:
    """The languages that the engine recognised, that of most words first."""
    words: Counter[str] = Counter()
    for utterance in utterances:
        if utterance.language is not None:
            words[utterance.language] += len(utterance.words)
    return [language for language, _ in words.most_common()]


def segments_of(utterances: Iterable[Utterance], language: str | None = None) -> list[Segment]:
    """Group the words of all speakers into segments, numbered in the order spoken. No word is lost, added or moved.

    `language` is the main one: a segment has its language if that is another.
    """
    spoken = _with_channels_as_voices(list(utterances))
    pieces = [(utterance, piece) for utterance in spoken for piece in _pieces(utterance.words)]
    pieces.sort(key=lambda item: (item[1][0].start_ms, item[1][-1].end_ms))
    voices: dict[str, int] = {}
    for utterance, _ in pieces:
        if utterance.voice is not None:
            voices.setdefault(utterance.voice, len(voices) + 1)
    return [
        _segment(number, utterance, voices.get(utterance.voice or ""), words, language)
        for number, (utterance, words) in enumerate(pieces, start=1)
    ]


def _with_channels_as_voices(utterances: Sequence[Utterance]) -> Sequence[Utterance]:
    """Of several channels without a known speaker, each is a voice."""
    unknown = [one for one in utterances if one.speaker == Speaker.UNKNOWN]
    if any(one.voice for one in unknown) or len({one.channel for one in unknown}) < 2:
        return utterances
    return [replace(one, voice=str(one.channel)) if one.speaker == Speaker.UNKNOWN else one for one in utterances]


def _pieces(words: tuple[Word, ...]) -> Iterator[list[Word]]:
    """Split at the end of a sentence, at a pause, and at the maximum length."""
    piece: list[Word] = []
    before: str | None = None
    for word, following in zip_longest(words, words[1:]):
        if piece and (word.start_ms - piece[-1].end_ms >= PAUSE_MS or len(piece) >= LONGEST_WORDS):
            yield piece
            piece = []
        piece.append(word)
        if ends_sentence(word.text, following.text if following else None, before):
            yield piece
            piece = []
        before = word.text
    if piece:
        yield piece


def _segment(number: int, spoken: Utterance, voice: int | None, words: list[Word], language: str | None) -> Segment:
    known = [word.confidence for word in words if word.confidence is not None]
    return Segment(
        number=number,
        speaker=spoken.speaker,
        voice=voice,
        language=None if spoken.language == language else spoken.language,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        text=" ".join(word.text for word in words),
        confidence=round(sum(known) / len(known), 4) if known else None,
        uncertain_words=[word.text for word in words if _is_uncertain(word)],
        word_starts_ms=[word.start_ms for word in words],
        word_ends_ms=[word.end_ms for word in words],
        word_confidences=[_rounded(word.confidence) for word in words] if known else [],
    )


def _is_uncertain(word: Word) -> bool:
    return word.text == UNREADABLE or (word.confidence is not None and word.confidence < UNCERTAIN)


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 2)
