"""Parser for the JSON that Speech-to-Text v2 writes to Storage (a BatchRecognizeResults message).

Every part but the text is optional: words, times, confidence and channel depend on the model and its settings. A value
that is missing or makes no sense is unknown; the text is kept. Proto JSON leaves out default values, and the API
documents a confidence of 0.0 as "not set".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pydantic_core import from_json

from shared.records.text import cleaned
from shared.records.visits.segments import Utterance, Word
from shared.records.visits.speech import Speaker

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s", re.ASCII)
"""A protobuf duration such as `12.300s`; a negative one is no time in a recording."""
_LONGEST_MS = 24 * 3_600_000
"""A later time is no time in a recording; Speech-to-Text takes 8 hours."""
_LONGEST_WORD = 200
"""Characters; a longer run without a space is cut. Some scripts have no spaces between words."""
_TOKEN = re.compile("\\S+?(?:[\u3002\uff01\uff1f]+|(?=\\s)|$)")
"""A word of a transcript: up to a space, or up to a full stop that no space follows."""

_PUNCTUATION = dict.fromkeys(map(ord, ".,;:!?\"'()\u2026\u0964\u3002\uff01\uff1f\u061f\u06d4\u060c"))


class UnreadableResult(Exception):
    """The object is not a BatchRecognizeResults message, or a word has no text."""


@dataclass(frozen=True)
class Heard:
    """The recognised speech of a recording."""

    utterances: list[Utterance]
    audio_seconds: float | None


@dataclass(frozen=True)
class _Token:
    """One word as the engine wrote it. None: not known."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    confidence: float | None = None

    @property
    def key(self) -> str:
        """The text without case and punctuation, for comparison."""
        return self.text.casefold().translate(_PUNCTUATION)


@dataclass(frozen=True)
class _Result:
    """One result: its text, its channel (0: not known) and the end of its audio."""

    tokens: list[_Token]
    channel: int
    end_ms: int | None


def parse(content: bytes, channels: Sequence[Speaker]) -> Heard:
    """Parse the utterances; the channel determines the speaker, else unknown. Raises UnreadableResult."""
    try:
        message = _object(from_json(content))
    except ValueError:
        raise UnreadableResult("no JSON") from None
    results = [_result(result) for result in _objects(message.get("results", []))]
    return Heard(list(_utterances(results, channels)), _audio_seconds(message, results, len(channels)))


def _utterances(results: Sequence[_Result], channels: Sequence[Speaker]) -> Iterator[Utterance]:
    """A result begins where the one before it on its channel ended: by time if known, else by position."""
    ends: dict[int, list[int]] = defaultdict(list)
    for result in results:
        ends[result.channel] += [] if result.end_ms is None else [result.end_ms]
    sorted_ends = {channel: sorted(known) for channel, known in ends.items()}
    last_end: dict[int, int] = defaultdict(int)
    for result in results:
        begin = last_end[result.channel]
        if result.end_ms is not None:
            known = sorted_ends[result.channel]
            earlier = bisect_left(known, result.end_ms)
            begin = known[earlier - 1] if earlier else 0
        words = tuple(_words(result.tokens, begin, result.end_ms))
        if words:
            yield Utterance(_speaker(result.channel, channels), words)
        last_end[result.channel] = result.end_ms if result.end_ms is not None else max([begin, *_ends(words)])


def _ends(words: Sequence[Word]) -> list[int]:
    return [word.end_ms for word in words]


def _speaker(channel: int, channels: Sequence[Speaker]) -> Speaker:
    return channels[channel - 1] if 0 < channel <= len(channels) and len(channels) > 1 else Speaker.UNKNOWN


def _result(result: Mapping[str, Any]) -> _Result:
    """A result with the first alternative that has text; the engine lists the most likely one first."""
    read = (_tokens(alternative) for alternative in _parts_of(result, "alternatives"))
    channel = result.get("channelTag", 0)
    return _Result(
        tokens=next(filter(None, read), []),
        channel=channel if type(channel) is int and channel > 0 else 0,
        end_ms=_milliseconds(result.get("resultEndOffset")),
    )


def _tokens(alternative: Mapping[str, Any]) -> list[_Token]:
    """The words of an alternative, and the text of its transcript that is in none of them.

    Raises UnreadableResult when a word has no text and there is no transcript that has it.
    """
    confidence = _confidence(alternative.get("confidence"))
    written = alternative.get("transcript")
    entries = _parts_of(alternative, "words")
    if not isinstance(written, str | None) and not entries:
        raise UnreadableResult("no text")
    transcript = [_Token(text, confidence=confidence) for text in _split(written if isinstance(written, str) else "")]
    words = [_word(entry, confidence) for entry in entries if isinstance(entry.get("word"), str)]
    if len(words) < len(entries) and not transcript:
        raise UnreadableResult("a word without text")
    words = [replace(word, text=text) for word in words for text in _split(word.text)]
    if words and _length(words) >= _length(transcript):
        return words
    return _merged(words, transcript) if _is_subsequence(words, transcript) else transcript


def _word(entry: Mapping[str, Any], confidence: float | None) -> _Token:
    """A word; without a confidence of its own it has that of its alternative."""
    own = _confidence(entry.get("confidence"))
    start, end = _milliseconds(entry.get("startOffset")), _milliseconds(entry.get("endOffset"))
    return _Token(entry["word"], start, end, confidence if own is None else own)


def _length(tokens: Sequence[_Token]) -> int:
    return sum(len(token.key) for token in tokens)


def _is_subsequence(words: Sequence[_Token], transcript: Sequence[_Token]) -> bool:
    remaining = iter(token.key for token in transcript)
    return all(word.key in remaining for word in words)


def _merged(words: Sequence[_Token], transcript: Sequence[_Token]) -> list[_Token]:
    """The transcript, with the times and the confidence of the words that it contains."""
    remaining = list(reversed(words))
    return [remaining.pop() if remaining and remaining[-1].key == token.key else token for token in transcript]


def _words(tokens: Sequence[_Token], begin: int, end: int | None) -> Iterator[Word]:
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


def _next_times(tokens: Sequence[_Token], end: int | None) -> list[int | None]:
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


def _milliseconds(duration: Any) -> int | None:
    found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    milliseconds = round(float(found[1]) * 1000) if found else None
    return milliseconds if milliseconds is not None and milliseconds <= _LONGEST_MS else None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableResult("no object")
    return value


def _parts_of(message: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A repeated field; in proto JSON, null is the default, an empty list."""
    value = message.get(name)
    return [] if value is None else _objects(value)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise UnreadableResult("no list")
    return [_object(one) for one in value]


def _audio_seconds(message: Mapping[str, Any], results: Sequence[_Result], channels: int) -> float | None:
    """The length of the recording. The service bills each channel, so the billed time is length times channels."""
    metadata = message.get("metadata")
    billed = _milliseconds(metadata.get("totalBilledDuration")) if isinstance(metadata, dict) else None
    if billed is not None:
        return round(billed / 1000 / max(1, channels), 1)
    ends = [result.end_ms for result in results if result.end_ms is not None]
    return max(ends) / 1000 if ends else None
