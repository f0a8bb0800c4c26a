"""The words of a recognition result: text, times, confidence and the engine's label of the voice.

Every part but the text is optional. A value that is missing or makes no sense is unknown; the text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from shared.records.text import cleaned
from shared.records.visits.segments import UNREADABLE, Word, word_key

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s", re.ASCII)
"""A protobuf duration such as `12.300s`; a negative one is no time in a recording."""
_LONGEST_MS = 24 * 3_600_000
"""A later time is no time in a recording; Speech-to-Text takes 8 hours."""
_LONGEST_WORD = 200
"""Characters; a longer run without a space is cut. Some scripts have no spaces between words."""
_LONGEST_LABEL = 40
"""Characters of a voice's label that are compared."""
_TOKEN = re.compile("\\S+?(?:[\u3002\uff01\uff1f]+|(?=\\s)|$)")
"""A word of a transcript: up to a space, or up to a full stop that no space follows."""


class UnreadableResult(Exception):
    """The object is not a BatchRecognizeResults message, or a word has no text."""


@dataclass(frozen=True)
class Token:
    """One word as the engine wrote it. None: not known."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    confidence: float | None = None
    label: str | None = None
    """The engine's label of the voice."""

    @property
    def key(self) -> str:
        """The text without case and punctuation, for comparison."""
        return word_key(self.text)


def tokens_of(alternative: Mapping[str, Any]) -> list[Token]:
    """The words of an alternative, and the text of its transcript that is in none of them. A word without text that no
    transcript has is `UNREADABLE`.

    Raises UnreadableResult when there is no text at all.
    """
    confidence = _confidence(alternative.get("confidence"))
    written = alternative.get("transcript")
    entries = parts_of(alternative, "words")
    if not isinstance(written, str | None) and not entries:
        raise UnreadableResult("no text")
    transcript = [Token(text, confidence=confidence) for text in _split(written if isinstance(written, str) else "")]
    readable = [isinstance(entry.get("word"), str) for entry in entries]
    if entries and not any(readable) and not transcript:
        raise UnreadableResult("words without text")
    words = [
        _word(entry, confidence) if known else replace(_word({**entry, "word": UNREADABLE}, None), confidence=None)
        for entry, known in zip(entries, readable, strict=True)
        if known or not transcript
    ]
    words = [replace(word, text=text) for word in words for text in _split(word.text)]
    if words and _length(words) >= _length(transcript):
        return words
    return _merged(words, transcript) if _is_subsequence(words, transcript) else transcript


def _word(entry: Mapping[str, Any], confidence: float | None) -> Token:
    """A word. Without a confidence of its own it has that of its alternative."""
    own = _confidence(entry.get("confidence"))
    start, end = milliseconds(entry.get("startOffset")), milliseconds(entry.get("endOffset"))
    label = entry.get("speakerLabel")
    known = label[:_LONGEST_LABEL] if isinstance(label, str) and label else None
    return Token(entry["word"], start, end, confidence if own is None else own, known)


def _length(tokens: Sequence[Token]) -> int:
    return sum(len(token.key) for token in tokens)


def _is_subsequence(words: Sequence[Token], transcript: Sequence[Token]) -> bool:
    remaining = iter(token.key for token in transcript)
    return all(word.key in remaining for word in words)


def _merged(words: Sequence[Token], transcript: Sequence[Token]) -> list[Token]:
    """The transcript, with the times, the confidence and the voice of the words that it contains."""
    remaining = list(reversed(words))
    merged = [remaining.pop() if remaining and remaining[-1].key == token.key else token for token in transcript]
    label = next((word.label for word in words if word.label), None)
    for at, token in enumerate(merged):
        label = token.label or label
        merged[at] = replace(token, label=label)
    return merged


def words_of(tokens: Sequence[Token], begin: int, end: int | None) -> Iterator[Word]:
    """The words with their times. An unknown start is the end of the word before, an unknown end the next known time;
    words that are spoken in `begin` to `end` without any time of their own all have these two times."""
    if not any(token.start_ms is not None or token.end_ms is not None for token in tokens):
        end = begin if end is None else end
        yield from (Word(token.text, begin, end, token.confidence) for token in tokens)
        return
    at = begin
    for token, bound in zip(tokens, _next_times(tokens, end), strict=True):
        start = at if token.start_ms is None else token.start_ms
        at = max(start, (start if bound is None else bound) if token.end_ms is None else token.end_ms)
        yield Word(token.text, start, at, token.confidence)


def _next_times(tokens: Sequence[Token], end: int | None) -> list[int | None]:
    """For each word, the first known time after it."""
    times: list[int | None] = [end]
    for _, following in reversed(list(pairwise(tokens))):
        known = [time for time in (following.start_ms, following.end_ms) if time is not None]
        times.append(known[0] if known else times[-1])
    return times[::-1][: len(tokens)]


def _split(text: str) -> list[str]:
    """The words of a text, without invisible characters."""
    found = _TOKEN.findall(cleaned(text))
    return [word[at : at + _LONGEST_WORD] for word in found for at in range(0, len(word), _LONGEST_WORD)]


def _confidence(value: Any) -> float | None:
    """A confidence above 0 up to 1; None if unknown."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1 else None


def milliseconds(duration: Any) -> int | None:
    found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    milliseconds = round(float(found[1]) * 1000) if found else None
    return milliseconds if milliseconds is not None and milliseconds <= _LONGEST_MS else None


def object_of(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableResult("no object")
    return value


def parts_of(message: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A repeated field; in proto JSON, null is the default, an empty list."""
    value = message.get(name)
    return [] if value is None else objects_of(value)


def objects_of(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise UnreadableResult("no list")
    return [object_of(one) for one in value]
