"""Transcripts as messages of Speech-to-Text v2."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from google.cloud.speech_v2.types import cloud_speech
from google.protobuf import json_format

from local.services.speech import languages
from local.services.speech.transcript import Transcript, Word
from local.services.speech.voices import LabelledWord

UTTERANCE_PAUSE = 0.8
"""Seconds of silence on a channel after which a new result begins."""


def results(
    transcript: Transcript, config: cloud_speech.RecognitionConfig
) -> list[cloud_speech.SpeechRecognitionResult]:
    """One result per utterance, sorted by end time; separate channels are numbered from 1."""
    separate = separates_channels(config)
    codes = languages.codes_of(transcript, config)
    found = [
        _result(utterance, config, channel_tag if separate else 0, codes[channel_tag - 1])
        for channel_tag, words in enumerate(transcript.channels, start=1)
        for utterance in _utterances(words)
    ]
    return sorted(found, key=lambda result: (result.result_end_offset, result.channel_tag))


def separates_channels(config: cloud_speech.RecognitionConfig) -> bool:
    """True if each channel is transcribed, and billed, separately."""
    modes = cloud_speech.RecognitionFeatures.MultiChannelMode
    return bool(config.features.multi_channel_mode == modes.SEPARATE_RECOGNITION_PER_CHANNEL)


def billed_seconds(transcript: Transcript) -> int:
    """The billed audio: whole seconds of each transcribed channel."""
    return math.ceil(transcript.seconds) * len(transcript.channels)


def metadata(transcript: Transcript) -> cloud_speech.RecognitionResponseMetadata:
    billed = dt.timedelta(seconds=billed_seconds(transcript))
    return cloud_speech.RecognitionResponseMetadata(total_billed_duration=billed)


def batch_results(transcript: Transcript, config: cloud_speech.RecognitionConfig) -> cloud_speech.BatchRecognizeResults:
    return cloud_speech.BatchRecognizeResults(results=results(transcript, config), metadata=metadata(transcript))


def as_json(batch: cloud_speech.BatchRecognizeResults) -> bytes:
    """The JSON that BatchRecognize writes to Storage."""
    text: str = json_format.MessageToJson(cloud_speech.BatchRecognizeResults.pb(batch), indent=2)
    return text.encode()


def _utterances(words: Sequence[Word]) -> Iterator[list[Word]]:
    utterance: list[Word] = []
    for word in words:
        if utterance and word.start - utterance[-1].end >= UTTERANCE_PAUSE:
            yield utterance
            utterance = []
        utterance.append(word)
    if utterance:
        yield utterance


def _result(
    words: Sequence[Word], config: cloud_speech.RecognitionConfig, channel_tag: int, language_code: str
) -> cloud_speech.SpeechRecognitionResult:
    features = config.features
    detailed = features.enable_word_time_offsets or features.enable_word_confidence
    return cloud_speech.SpeechRecognitionResult(
        alternatives=[
            cloud_speech.SpeechRecognitionAlternative(
                transcript=" ".join(word.text for word in words),
                confidence=sum(word.confidence for word in words) / len(words),
                words=[_word_info(word, features) for word in words] if detailed else [],
            )
        ],
        channel_tag=channel_tag,
        result_end_offset=dt.timedelta(seconds=words[-1].end),
        language_code=language_code,
    )


def _word_info(word: Word, features: cloud_speech.RecognitionFeatures) -> cloud_speech.WordInfo:
    info = cloud_speech.WordInfo(word=word.text)
    if isinstance(word, LabelledWord):
        info.speaker_label = word.label
    if features.enable_word_time_offsets:
        info.start_offset = dt.timedelta(seconds=word.start)
        info.end_offset = dt.timedelta(seconds=word.end)
    if features.enable_word_confidence:
        info.confidence = word.confidence
    return info
