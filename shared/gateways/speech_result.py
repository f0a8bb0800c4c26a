"""Parser for the JSON that Speech-to-Text v2 writes to Storage (a BatchRecognizeResults message)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from shared.records.visits.segments import Utterance, Word
from shared.records.visits.session import Speaker


class UnreadableResult(Exception):
    """The object is not a BatchRecognizeResults message."""


@dataclass(frozen=True)
class Heard:
    """The recognised speech of a recording."""

    utterances: list[Utterance]
    audio_seconds: float | None


def parse(content: bytes, channels: Sequence[Speaker]) -> Heard:
    """Parse the utterances; the channel determines the speaker, else unknown. Raises UnreadableResult."""
    try:
        message = from_json(content)
        results = message.get("results", [])
        utterances = [u for result in results if (u := _utterance(result, channels)) is not None]
        return Heard(utterances, _audio_seconds(message, results, len(channels)))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableResult(type(error).__name__) from None


def _utterance(result: Mapping[str, Any], channels: Sequence[Speaker]) -> Utterance | None:
    alternatives = result.get("alternatives") or [{}]
    words = tuple(_word(word, alternatives[0].get("confidence", 0.0)) for word in alternatives[0].get("words", []))
    if not words:
        return None
    tag = int(result.get("channelTag", 0))
    speaker = channels[tag - 1] if 0 < tag <= len(channels) and len(channels) > 1 else Speaker.UNKNOWN
    return Utterance(speaker, words)


def _word(word: Mapping[str, Any], result_confidence: float) -> Word:
    return Word(
        text=str(word["word"]),
        start_ms=_milliseconds(word.get("startOffset", "0s")),
        end_ms=_milliseconds(word.get("endOffset", "0s")),
        confidence=float(word.get("confidence", result_confidence)),
    )


def _milliseconds(duration: str) -> int:
    """Convert a protobuf duration such as `12.300s`."""
    return round(float(duration.removesuffix("s")) * 1000)


def _audio_seconds(message: Mapping[str, Any], results: Sequence[Mapping[str, Any]], channels: int) -> float | None:
    """The length of the recording. The service bills each channel, so the billed time is length times channels."""
    ends = [_milliseconds(result["resultEndOffset"]) / 1000 for result in results if "resultEndOffset" in result]
    billed = message.get("metadata", {}).get("totalBilledDuration")
    if billed is None:
        return max(ends, default=None)
    return round(_milliseconds(billed) / 1000 / max(1, channels), 1)
