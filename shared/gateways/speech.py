"""Speech-to-Text v2: starts, polls and cancels recognitions. The service writes results to Storage."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from shared import settings
from shared.gateways.speech_models import Model, code_of, models
from shared.singleton import singleton

MOST_FILES = 15
"""Of one operation (BatchRecognizeRequest.files, read November 2026)."""

_log = logging.getLogger("synapse.speech")


class SpeechRefused(Exception):
    """The service rejects the request permanently; a retry does not help."""


@dataclass(frozen=True)
class Outcome:
    """The status of a recognition."""

    done: bool
    error: str | None = None
    """An error code such as `audio_missing`; never the service's message."""
    results: Mapping[str, str] = field(default_factory=dict)
    """For the URI of each file the URI of its result."""


def begin(
    audio_uris: Sequence[str],
    output_uri: str,
    *,
    model: str,
    languages: Sequence[str],
    channels: int | None,
    phrases: Collection[str] = (),
) -> str:
    """Start the recognition of at most `MOST_FILES` files of one recording, beside each other, and return the
    operation's name. Each call is a new, billed recognition.

    `channels` is the number of channels of each file; None: not known. The engine transcribes each, or tells the voices
    of a single one apart, if the model can. Of several `languages` it chooses the most likely one for each result.
    `phrases` are likely words of any language, such as names. Raises SpeechRefused.
    """
    from google.api_core.exceptions import InvalidArgument
    from google.cloud.speech_v2.types import cloud_speech as speech

    configured = settings.load(settings.Speech)
    config = speech.RecognitionConfig(
        auto_decoding_config={},
        model=model,
        language_codes=[code_of(language) for language in languages],
        features=_features(models()[model], languages, channels),
        adaptation=_adaptation(phrases),
    )
    request = speech.BatchRecognizeRequest(
        recognizer=f"projects/{configured.google_cloud_project}/locations/{configured.speech_location}/recognizers/_",
        config=config,
        files=[{"uri": uri} for uri in audio_uris],
        recognition_output_config={"gcs_output_config": {"uri": output_uri}},
    )
    try:
        operation = _client().batch_recognize(request=request, retry=None, timeout=60)
    except InvalidArgument:
        raise SpeechRefused from None
    return str(operation.operation.name)


def _features(model: Model, languages: Sequence[str], channels: int | None) -> dict[str, Any]:
    """Without a multi-channel mode the engine hears only the first channel."""
    features: dict[str, Any] = {
        "enable_word_time_offsets": True,
        "enable_word_confidence": model.word_confidence,
        "enable_automatic_punctuation": True,
    }
    if channels != 1 and model.separate_channels:
        features["multi_channel_mode"] = "SEPARATE_RECOGNITION_PER_CHANNEL"
    if channels in (None, 1) and model.diarizes(languages):
        features["diarization_config"] = {}
    return features


def _adaptation(phrases: Collection[str]) -> dict[str, Any] | None:
    """Likely words as an inline phrase set: nothing is stored in the project."""
    inline = {"inline_phrase_set": {"phrases": [{"value": phrase} for phrase in phrases]}}
    return {"phrase_sets": [inline]} if phrases else None


def outcome(operation_name: str) -> Outcome:
    """Get the status of a recognition, which fails with its first failed file. An operation that the service no longer
    knows is reported as lost."""
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
    failed = [file.error.code for file in response.results.values() if file.error.code]
    if failed:
        return Outcome(done=True, error=_reason(failed[0]))
    results = {uri: str(file.cloud_storage_result.uri) for uri, file in response.results.items()}
    return Outcome(done=True, error=None if results else "no_result", results=results)


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
