"""Requests to the endpoint, and the text of its results."""

from __future__ import annotations

from typing import Any

from google.cloud import speech_v2

from local import samples

RECOGNIZER = "projects/demo-synapse/locations/global/recognizers/_"
AUDIO = "gs://audio/clinics/c1/sessions/s1/visit.ogg"
RESULTS = "gs://results/clinics/c1/attempt-1"
SEPARATE = speech_v2.RecognitionFeatures.MultiChannelMode.SEPARATE_RECOGNITION_PER_CHANNEL


def recognition_config(**fields: Any) -> speech_v2.RecognitionConfig:
    features = speech_v2.RecognitionFeatures(
        multi_channel_mode=SEPARATE, enable_word_time_offsets=True, enable_word_confidence=True
    )
    defaults = {"auto_decoding_config": {}, "language_codes": ["en-US"], "model": "long", "features": features}
    return speech_v2.RecognitionConfig(**(defaults | fields))


def batch_request(*uris: str, inline: bool = False, **config: Any) -> speech_v2.BatchRecognizeRequest:
    output: dict[str, Any] = {"inline_response_config": {}} if inline else {"gcs_output_config": {"uri": RESULTS}}
    return speech_v2.BatchRecognizeRequest(
        recognizer=RECOGNIZER,
        config=recognition_config(**config),
        files=[{"uri": uri} for uri in uris],
        recognition_output_config=output,
    )


def texts(results: Any) -> dict[int, str]:
    """The text of each channel."""
    parts_by_channel: dict[int, list[str]] = {}
    for result in results:
        parts_by_channel.setdefault(result.channel_tag, []).append(result.alternatives[0].transcript)
    return {channel: " ".join(parts) for channel, parts in parts_by_channel.items()}


def reference_text(sample: samples.Sample, speaker: str, turns: int) -> str:
    return " ".join(turn.text for turn in sample.turns[:turns] if turn.speaker == speaker)
