"""Parser for the JSON that Speech-to-Text v2 writes to Storage (a BatchRecognizeResults message).

Every part but the text is optional: words, times, confidence and channel depend on the model and its settings. A value
that is missing or makes no sense is unknown; the text is kept. Proto JSON leaves out default values, and the API
documents a confidence of 0.0 as "not set".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from pydantic_core import from_json

from shared.gateways.speech_models import code_of
from shared.gateways.speech_words import (
    Token,
    UnreadableResult,
    milliseconds,
    object_of,
    objects_of,
    parts_of,
    tokens_of,
    words_of,
)
from shared.records.visits.segments import UNREADABLE, Utterance, Word
from shared.records.visits.speech import Speaker

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_LANGUAGE = 35
_ROUNDING_SECONDS = 2
"""The service bills whole seconds of each channel."""
_COPY = 0.9
"""The share of the pairs of words of the channel with most words that another has too, so that it is a copy. A channel
with the other speaker's voice in the background has fewer, or words of its own and thus more pairs."""
_FEW_WORDS = 10
"""Pairs of words below which channels are not compared."""

__all__ = ["Heard", "UnreadableResult", "parse"]


@dataclass(frozen=True)
class Heard:
    """The recognised speech of a recording."""

    utterances: list[Utterance]
    audio_seconds: float | None

    @property
    def words(self) -> list[Word]:
        """The words of all channels; those of an utterance stay together."""
        spoken = sorted(self.utterances, key=lambda one: one.words[0].start_ms)
        return [word for utterance in spoken for word in utterance.words]


@dataclass(frozen=True)
class _Result:
    """One result: its text, its channel (0: not known), the end of its audio, and its language."""

    tokens: list[Token]
    channel: int
    end_ms: int | None
    language: str | None = None


def parse(
    content: bytes,
    channels: Sequence[Speaker],
    *,
    file_channels: int | None = None,
    confidences: bool = True,
    languages: Sequence[str] = (),
) -> Heard:
    """Parse the utterances.

    `channels` are the speakers of the session's channels, and `file_channels` the number that the file really has, if
    known. They determine the speaker where they agree; otherwise, the speaker is unknown. `confidences`: False if the
    values of the model are no confidences. `languages` are those that the engine was told to expect. Raises
    UnreadableResult.
    """
    try:
        message = object_of(from_json(content))
    except ValueError:
        raise UnreadableResult("no JSON") from None
    results = _without_repetition(_results(objects_of(message.get("results", []))))
    billed = _billed_seconds(message)
    heard = file_channels or _channels_heard(results, len(channels), billed)
    distinct = _without_copies(results)
    speakers = channels if heard == len(channels) and distinct is results else ()
    utterances = [one for one in _utterances(distinct, speakers) if one.words]
    spelled = [replace(one, language=_preferred(one.language, languages)) for one in utterances]
    return Heard(
        spelled if confidences else [_without_confidence(one) for one in spelled],
        _audio_seconds(results, heard, billed),
    )


def _results(found: Sequence[Mapping[str, Any]]) -> list[_Result]:
    """The results. One without readable text has the word `UNREADABLE` if others have text; else UnreadableResult."""
    results: list[_Result] = []
    with_text = unreadable = False
    for result in found:
        try:
            results.append(_result(result))
            with_text = with_text or bool(results[-1].tokens)
        except UnreadableResult:
            results.append(_result({**result, "alternatives": [{"transcript": UNREADABLE}]}))
            unreadable = True
    if unreadable and not with_text:
        raise UnreadableResult("no text")
    return results


def _without_repetition(results: list[_Result]) -> list[_Result]:
    """Some models label the voices only in a last result that repeats every word of the results before."""
    *earlier, last = results or [_Result([], 0, None)]
    if not earlier or any(token.label for result in earlier for token in result.tokens):
        return results
    said = [token.key for result in earlier for token in result.tokens]
    repeated = any(token.label for token in last.tokens) and said == [token.key for token in last.tokens]
    return [last] if repeated else results


def _channels_heard(results: Sequence[_Result], announced: int, billed: float | None) -> int:
    """The number of channels of the file, as far as the result shows it.

    A file with fewer channels than announced has every word on the first one, and less time is billed than the
    announced channels take.
    """
    highest = max((result.channel for result in results), default=0)
    if announced <= 1 or highest > 1 or billed is None:
        return max(1, announced, highest)
    spoken = max((result.end_ms or 0 for result in results), default=0) / 1000
    return 1 if billed + _ROUNDING_SECONDS * announced < spoken * announced else announced


def _without_copies(results: list[_Result]) -> list[_Result]:
    """The results of one channel if all channels say the same, as in a stereo file of one microphone."""
    by_channel: dict[int, list[str]] = defaultdict(list)
    for result in results:
        by_channel[result.channel] += [token.key for token in result.tokens]
    said = {channel: Counter(pairwise(keys)) for channel, keys in by_channel.items()}
    fullest = max(said, key=lambda channel: (said[channel].total(), -channel), default=0)
    others = [pairs for channel, pairs in said.items() if channel != fullest]
    copies = all((pairs & said[fullest]).total() >= _COPY * said[fullest].total() for pairs in others)
    if not others or not copies or said[fullest].total() < _FEW_WORDS:
        return results
    return [replace(result, channel=0) for result in results if result.channel == fullest]


def _utterances(results: Sequence[_Result], speakers: Sequence[Speaker]) -> Iterator[Utterance]:
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
        words = tuple(words_of(result.tokens, begin, result.end_ms))
        yield from _by_voice(result, words, speakers)
        last_end[result.channel] = result.end_ms if result.end_ms is not None else max([begin, *_ends(words)])


def _by_voice(result: _Result, words: Sequence[Word], speakers: Sequence[Speaker]) -> Iterator[Utterance]:
    """The words of a result, an utterance for each turn of a voice. A channel with a known speaker is one voice."""
    if len(speakers) > 1 and 0 < result.channel <= len(speakers):
        yield Utterance(speakers[result.channel - 1], tuple(words), None, result.channel, result.language)
        return
    spoken = zip((token.label for token in result.tokens), words, strict=True)
    for label, turn in groupby(spoken, key=lambda word: word[0]):
        yield Utterance(Speaker.UNKNOWN, tuple(word for _, word in turn), label, result.channel, result.language)


def _without_confidence(utterance: Utterance) -> Utterance:
    return replace(utterance, words=tuple(replace(word, confidence=None) for word in utterance.words))


def _ends(words: Sequence[Word]) -> list[int]:
    return [word.end_ms for word in words]


def _result(result: Mapping[str, Any]) -> _Result:
    """A result with the first alternative that has text; the engine lists the most likely one first."""
    read = (tokens_of(alternative) for alternative in parts_of(result, "alternatives"))
    channel = result.get("channelTag", 0)
    return _Result(
        tokens=next(filter(None, read), []),
        channel=channel if type(channel) is int and channel > 0 else 0,
        end_ms=milliseconds(result.get("resultEndOffset")),
        language=_language(result.get("languageCode")),
    )


def _language(code: Any) -> str | None:
    return code if isinstance(code, str) and len(code) <= _LONGEST_LANGUAGE and _LANGUAGE.fullmatch(code) else None


def _preferred(code: str | None, expected: Sequence[str]) -> str | None:
    """The spelling of the expected language that the engine names, such as `en-IN` for its `en-in`; else its own."""
    if code is None:
        return None
    spellings = {code_of(language).casefold(): language for language in expected}
    return spellings.get(code.casefold(), code)


def _billed_seconds(message: Mapping[str, Any]) -> float | None:
    metadata = message.get("metadata")
    billed = milliseconds(metadata.get("totalBilledDuration")) if isinstance(metadata, dict) else None
    return None if billed is None else billed / 1000


def _audio_seconds(results: Sequence[_Result], channels: int, billed: float | None) -> float | None:
    """The length of the recording. The service bills each channel, so the billed time is length times channels."""
    if billed is not None:
        return round(billed / channels, 1)
    ends = [result.end_ms for result in results if result.end_ms is not None]
    return max(ends) / 1000 if ends else None
