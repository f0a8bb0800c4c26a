"""Speech-to-Text v2: starts, polls and cancels recognitions. The service writes results to Storage."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.singleton import singleton

_log = logging.getLogger("synapse.speech")


@dataclass(frozen=True)
class Model:
    """Capabilities of a speech model (Speech-to-Text v2 documentation of models and quotas, read November 2026)."""

    longest_seconds: int
    separate_channels: bool
    """True if the model can recognise each channel separately."""


MODELS = {
    "long": Model(longest_seconds=8 * 3600, separate_channels=True),
    "chirp_2": Model(longest_seconds=8 * 3600, separate_channels=False),
    "chirp_3": Model(longest_seconds=3600, separate_channels=False),
}


class SpeechRefused(Exception):
    """The service rejects the request permanently; a retry does not help."""


@dataclass(frozen=True)
class Outcome:
    """The status of a recognition."""

    done: bool
    error: str | None = None
    """An error code such as `audio_missing`; never the service's message."""
    result_uri: str | None = None


def model() -> str:
    """The model in use."""
    name: str = settings.load(settings.Speech).speech_model
    return name


def begin(audio_uri: str, output_uri: str, *, language: str, channels: int) -> str:
    """Start the recognition of a recording and return the operation's name. Each call is a new, billed recognition.

    Raises SpeechRefused.
    """
    from google.api_core.exceptions import InvalidArgument
    from google.cloud.speech_v2.types import cloud_speech as speech

    configured = settings.load(settings.Speech)
    separate = channels > 1 and MODELS[configured.speech_model].separate_channels
    features = speech.RecognitionFeatures(
        enable_word_time_offsets=True,
        enable_word_confidence=True,
        enable_automatic_punctuation=True,
        multi_channel_mode="SEPARATE_RECOGNITION_PER_CHANNEL" if separate else "MULTI_CHANNEL_MODE_UNSPECIFIED",
    )
    request = speech.BatchRecognizeRequest(
        recognizer=f"projects/{configured.google_cloud_project}/locations/{configured.speech_location}/recognizers/_",
        config=speech.RecognitionConfig(
            auto_decoding_config={}, model=configured.speech_model, language_codes=[language], features=features
        ),
        files=[{"uri": audio_uri}],
        recognition_output_config={"gcs_output_config": {"uri": output_uri}},
    )
    try:
        operation = _client().batch_recognize(request=request, retry=None, timeout=60)
    except InvalidArgument:
        raise SpeechRefused from None
    return str(operation.operation.name)


def outcome(operation_name: str) -> Outcome:
    """Get the status of a recognition. An operation that the service no longer knows is reported as lost."""
    from google.api_core.exceptions import NotFound
    from google.cloud.speech_v2.types import cloud_speech as speech

    try:
        operation = _client().transport.operations_client.get_operation(operation_name, timeout=30)
    except NotFound:
        return Outcome(done=True, error="operation_lost")
    if not operation.done:
        return Outcome(done=False)
    if operation.error.code:
        return Outcome(done=True, error=_reason(operation.error.code))
    response = speech.BatchRecognizeResponse.deserialize(operation.response.value)
    for file in response.results.values():
        if file.error.code:
            return Outcome(done=True, error=_reason(file.error.code))
        return Outcome(done=True, result_uri=str(file.cloud_storage_result.uri))
    return Outcome(done=True, error="no_result")


def cancel(operation_name: str) -> None:
    """Cancel a recognition; do nothing if it is finished or unknown. Google promises a best effort only, so a result
    may still come."""
    from google.api_core.exceptions import FailedPrecondition, NotFound

    with suppress(FailedPrecondition, NotFound):
        _client().transport.operations_client.cancel_operation(operation_name, retry=None, timeout=30)


def _reason(code: int) -> str:
    """Map a google.rpc.Code to an error code."""
    _log.warning("a recognition failed", extra={"status": code})
    known = {3: "audio_not_readable", 5: "audio_missing", 8: "speech_quota", 14: "speech_unavailable"}
    return known.get(code, "speech_error")


@singleton
def _client() -> Any:
    from google.cloud import speech_v2

    endpoint = settings.load(settings.Speech).speech_endpoint or _regional_endpoint()
    return speech_v2.SpeechClient(client_options={"api_endpoint": endpoint})


def _regional_endpoint() -> str:
    location = settings.load(settings.Speech).speech_location
    return "speech.googleapis.com" if location == "global" else f"{location}-speech.googleapis.com"
